#pragma once
// Entries that go from a stream though groups may still want them.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "broker/dead_letters.h"
#include "broker/group_edit.h"
#include "broker/group_rule.h"

namespace respublica {

/// What goes with one frame: so many dead letters, and so many bytes of entries in them; the last entry may have more.
inline constexpr std::size_t kLettersAtOnce = 256;
inline constexpr std::size_t kLetterEntryBytes = 1ULL << 20;

/// Entries that go at once.
struct Departure {
  GivenEntries entries;
  /// Of those at the front of a stream: all below it.
  StreamId first_kept;
  /// Of single ones: so many of the IDs have been looked at.
  std::size_t looked = 0;
};

/// The first of the entries below `first_kept`; at least one, if there is one. So many groups may want them.
Result<Departure> departure_of_front(StreamReader& reader, const Stream& stream, std::size_t groups,
                                     StreamId first_kept);
/// The same of single entries, which may be there or not.
Result<Departure> departure_of(StreamReader& reader, const Stream& stream, std::size_t groups,
                               const std::vector<StreamId>& ids);

/// A dead letter for each entry and each group that has it pending, or has not been given it yet; they are pending no
/// more. An error, and nothing has changed, when not all of them can be written.
Result<void> bury_wanted(GroupEdit& edit, const Stream& stream, StreamGroups& groups, const GivenEntries& entries,
                         const GroupRule& rule, DeathReason reason);

}  // namespace respublica
