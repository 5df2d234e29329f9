#pragma once
// Takes entries that nobody can process from their group, and keeps them in another channel.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "broker/dead_letter.h"
#include "broker/dead_letter_counts.h"
#include "broker/group_edit.h"
#include "broker/group_rule.h"

namespace respublica {

/// More than a dead letter takes beside the fields of the entry, the names and the detail.
inline constexpr std::uint64_t kLetterBytes = 1024;
/// The most of a detail that is kept.
inline constexpr std::size_t kMostDetail = 1024;

/// Appends a copy of the entry to the channel of dead letters, with where, when and why it died before its fields, and
/// makes it pending no more in the group: both in the frame of the batch. The entry itself stays in its channel.
/// Whoever subscribes to the channel of dead letters, or to `$events:dlq`, is told. `detail` is for humans. An error
/// when the log cannot be read, or the letter not be written: then nothing has changed.
Result<void> bury(GroupEdit& edit, const GroupEdit::Place& place, StreamId id, const GroupRule& rule,
                  DeathReason reason, std::string_view detail);

/// The dead letter goes: if its entry is pending in its group again, the group knows from now on how often it has died.
void remember_deaths(GroupEdit& edit, const DeadLetter& letter);
/// So many dead letters can be appended to the channel: bury_copy() cannot fail on them. An error otherwise.
Result<void> may_append_letters(StreamBatch& batch, const std::string& dlq, std::uint64_t letters);
struct LetterOf {
  StreamId id;
  /// For FieldsReader; they stay as they are meanwhile.
  std::string_view fields;
};
/// Appends the dead letter alone, of an entry that is there: for a group, which may not have been given it, or for none
/// (null). What is pending stays so. Errors as those of bury().
Result<void> bury_copy(StreamBatch& batch, const Stream& stream, const ConsumerGroup* group, const LetterOf& entry,
                       const GroupRule& rule, DeathReason reason);

}  // namespace respublica
