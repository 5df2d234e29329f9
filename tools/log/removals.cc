#include "tools/log/removals.h"

#include <algorithm>

namespace respublica::logtool {

void Removals::remove(EntryKey id, LogPosition position) { single_[id] = position; }

void Removals::remove_below(EntryKey first_kept, LogPosition position) {
  single_.erase(single_.begin(), single_.lower_bound(first_kept));
  while (!below_.empty() && below_.back().id <= first_kept) below_.pop_back();
  below_.push_back({first_kept, position});
}

void Removals::remove_from(EntryKey first, LogPosition position) {
  single_.erase(single_.lower_bound(first), single_.end());
  while (!from_.empty() && from_.back().id >= first) from_.pop_back();
  from_.push_back({first, position});
}

bool Removals::covers(EntryKey id, LogPosition position) const {
  const auto single = single_.find(id);
  if (single != single_.end() && position < single->second) return true;
  const auto is_behind = [position](const Cut& cut) { return position < cut.position; };
  return std::ranges::any_of(below_, [&](const Cut& cut) { return is_behind(cut) && id < cut.id; }) ||
         std::ranges::any_of(from_, [&](const Cut& cut) { return is_behind(cut) && id >= cut.id; });
}

}  // namespace respublica::logtool
