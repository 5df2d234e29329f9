#pragma once
// The arguments of the DLQ commands. Every error is the whole error reply.

#include <cstdint>
#include <optional>
#include <string>

#include "broker/group_command.h"
#include "broker/letter_command.h"
#include "server/commands/argument_values.h"

namespace respublica {

/// Which of the DLQ commands they are of: each has options of its own.
enum class LetterUse : std::uint8_t { list, redrive, discard };

struct LetterArguments {
  /// Of the dead letters.
  std::string channel = "dlq";
  LetterFilter filter;
  /// LIST: entries that are shown at most; else letters that move at most, 0 = all.
  std::uint64_t count = 0;
  /// LIST: only letters behind it.
  std::optional<StreamId> after;
  /// REDRIVE: where the letters go, if not back.
  std::optional<std::string> to;
  /// REDRIVE, DISCARD: letters a second, 0 = as fast as it goes.
  std::uint64_t rate = 0;
  bool is_dry_run = false;
};

/// DLQ LIST|REDRIVE|DISCARD [dlqchannel|FROM dlqchannel] [CHANNEL channel] [GROUP group] [REASON reason]
/// [ID id [id ...]] [ORIGIN id [id ...]] [COUNT count], and
///   LIST     [AFTER id]
///   REDRIVE  [RATE rate] [DRYRUN] [ALL] [TO channel]
///   DISCARD  [RATE rate] [DRYRUN] [ALL]: a filter or ALL is there
/// The first argument is a channel unless it is the name of an option, in any case: a channel of such a name is named
/// with FROM.
Result<LetterArguments> parse_letters(StreamArguments arguments, LetterUse use);

/// DLQ MOVE channel group id [id ...] [REASON text]. An ID begins with a digit, as no option does.
Result<ReleaseEntries> parse_letter_making(StreamArguments arguments);

/// DLQ STATS [CHANNEL dlqchannel]; none = all channels of dead letters.
Result<std::optional<std::string>> parse_letter_stats(StreamArguments arguments);

}  // namespace respublica
