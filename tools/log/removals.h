#pragma once
// Which entries of a channel were deleted, once all of the log is known.

#include <map>
#include <vector>

#include "storage/log_position.h"
#include "storage/record.h"

namespace respublica::logtool {

/// Gathers what records take off a channel, in the order of the log; afterwards tells for each entry whether one behind
/// it took it off. Memory: an ID for each entry that was deleted by its ID and not trimmed off since.
class Removals {
 public:
  void remove(EntryKey id, LogPosition position);
  /// All before `position` with an ID below `first_kept`.
  void remove_below(EntryKey first_kept, LogPosition position);
  /// All before `position` from the ID `first` on: XSETID has gone back, so nothing above was left.
  void remove_from(EntryKey first, LogPosition position);

  /// Whether the entry that was added at `position` has been taken off since.
  bool covers(EntryKey id, LogPosition position) const;

 private:
  struct Cut {
    EntryKey id;
    LogPosition position;
  };

  std::map<EntryKey, LogPosition> single_;
  /// Later ones reach less far, or they would stand for those before.
  std::vector<Cut> below_;
  std::vector<Cut> from_;
};

}  // namespace respublica::logtool
