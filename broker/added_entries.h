#pragma once
// Which entries a redrive has added to their channels again.

#include <cstddef>
#include <deque>
#include <set>

#include "broker/letter_command.h"

namespace respublica {

/// Remembers the last ones of a task, so that an entry that has died in several groups is added once.
///
/// Thread: its owner's.
class AddedEntries {
 public:
  /// Behind so many more an entry is forgotten: a letter of it adds it once more.
  static constexpr std::size_t kMost = 65'536;

  void add(const DeadEntry& entry) {
    if (!known_.insert(entry).second) return;
    order_.push_back(entry);
    if (order_.size() <= kMost) return;
    known_.erase(order_.front());
    order_.pop_front();
  }
  bool contains(const DeadEntry& entry) const { return known_.contains(entry); }
  bool empty() const { return known_.empty(); }

 private:
  std::set<DeadEntry> known_;
  /// The same, the first one of all first.
  std::deque<DeadEntry> order_;
};

}  // namespace respublica
