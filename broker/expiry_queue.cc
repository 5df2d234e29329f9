#include "broker/expiry_queue.h"

namespace respublica {

void ExpiryQueue::set(const std::string& name, std::optional<std::uint64_t> at_ms) {
  // Streams that never had a time are most of those that are set.
  if (times_.empty() && !at_ms) return;
  const auto found = times_.find(name);
  if (found != times_.end()) {
    if (found->second == at_ms) return;
    order_.erase({found->second, name});
    times_.erase(found);
  }
  if (!at_ms) return;
  times_.emplace(name, *at_ms);
  order_.emplace(*at_ms, name);
}

std::optional<std::uint64_t> ExpiryQueue::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::vector<std::string> ExpiryQueue::due(std::uint64_t now_ms, std::size_t limit) const {
  std::vector<std::string> names;
  for (auto next = order_.begin(); next != order_.end() && next->first <= now_ms && names.size() < limit; ++next) {
    names.push_back(next->second);
  }
  return names;
}

}  // namespace respublica
