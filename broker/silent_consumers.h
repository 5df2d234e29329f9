#pragma once
// Deletes consumers that are not there any more.

#include <string>
#include <vector>

#include "broker/group_edit.h"

namespace respublica {

/// Consumers that go with one command, and entries that they may have together; the last of them may have more.
inline constexpr std::size_t kSilentAtOnce = 64;
inline constexpr std::size_t kSilentEntries = 16'384;

struct SilentConsumer {
  ConsumerGroup* group = nullptr;
  const Consumer* consumer = nullptr;
};

/// The first of those that `command` means.
std::vector<SilentConsumer> silent_of(StreamGroups& groups, const DropSilent& command);

/// Counts how many have gone; there may be more when it is not 0.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DropSilent& command);

}  // namespace respublica
