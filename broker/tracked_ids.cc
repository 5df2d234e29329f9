#include "broker/tracked_ids.h"

#include <algorithm>

namespace respublica {

const OriginalEntry* TrackedIds::find(const Fingerprint& iid) const {
  const auto found = by_id_.find(iid);
  return found == by_id_.end() ? nullptr : &found->second;
}

bool TrackedIds::add(const Fingerprint& iid, const OriginalEntry& original) {
  if (original.added_ms < newest_ms_) return false;
  const auto [place, is_new] = by_id_.emplace(iid, original);
  if (!is_new) return false;
  if (order_.full()) order_.set_capacity(std::max<std::size_t>(4, order_.capacity() * 2));
  order_.push_back(place);
  newest_ms_ = original.added_ms;
  return true;
}

void TrackedIds::forget_until(std::uint64_t ms) {
  while (!order_.empty() && order_.front()->second.added_ms <= ms) forget_oldest();
}

void TrackedIds::forget_beyond(std::size_t most) {
  while (order_.size() > most) forget_oldest();
}

void TrackedIds::forget_oldest() {
  by_id_.erase(order_.front());
  order_.pop_front();
}

}  // namespace respublica
