#include "server/followers.h"

#include <algorithm>

namespace respublica {

std::shared_ptr<FollowerBell> Followers::follow(std::string_view channel, std::uint8_t io_thread,
                                                std::uint64_t session) {
  std::shared_ptr<FollowerBell> bell(new FollowerBell(io_thread, session),
                                     [this, name = std::string(channel)](const FollowerBell* gone) {
                                       forget(name);
                                       delete gone;
                                     });
  MutexLock lock(mutex_);
  by_channel_[std::string(channel)].push_back(bell);
  count_.fetch_add(1, std::memory_order_seq_cst);
  return bell;
}

void Followers::forget(const std::string& channel) {
  MutexLock lock(mutex_);
  const auto found = by_channel_.find(channel);
  Bells& bells = found->second;
  bells.erase(std::find_if(bells.begin(), bells.end(), [](const auto& bell) { return bell.expired(); }));
  if (bells.empty()) by_channel_.erase(found);
  count_.fetch_sub(1, std::memory_order_relaxed);
}

std::size_t Followers::count(std::string_view channel) const {
  if (count_.load(std::memory_order_seq_cst) == 0) return 0;
  MutexLock lock(mutex_);
  const auto found = by_channel_.find(channel);
  return found == by_channel_.end() ? 0 : found->second.size();
}

std::vector<std::shared_ptr<FollowerBell>> Followers::ring(const std::vector<std::string_view>& channels) const {
  std::vector<std::shared_ptr<FollowerBell>> awake;
  // The last owner of a bell may be this list: bells go without the lock.
  std::vector<std::shared_ptr<FollowerBell>> bells;
  if (count_.load(std::memory_order_seq_cst) == 0) return awake;
  {
    MutexLock lock(mutex_);
    for (const std::string_view channel : channels) {
      const auto found = by_channel_.find(channel);
      if (found == by_channel_.end()) continue;
      for (const std::weak_ptr<FollowerBell>& bell : found->second) {
        if (auto held = bell.lock()) bells.push_back(std::move(held));
      }
    }
  }
  for (std::shared_ptr<FollowerBell>& bell : bells) {
    if (bell->ring()) awake.push_back(std::move(bell));
  }
  return awake;
}

}  // namespace respublica
