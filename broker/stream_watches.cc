#include "broker/stream_watches.h"

#include <algorithm>

namespace respublica {

std::shared_ptr<const StreamWatch> StreamWatches::watch(std::string name, const StreamTable& streams,
                                                        std::uint64_t now_ms) {
  const std::shared_ptr<const Stream> stream = streams.find(name);
  auto made = std::make_unique<StreamWatch>(std::move(name), stream != nullptr && stream->expired(now_ms));
  StreamWatch* const watch = made.get();
  {
    MutexLock lock(mutex_);
    by_name_[watch->name_].push_back(watch);
    watches_.fetch_add(1, std::memory_order_seq_cst);
  }
  return {made.release(), [this](const StreamWatch* gone) {
            forget(gone);
            delete gone;
          }};
}

void StreamWatches::forget(const StreamWatch* watch) {
  MutexLock lock(mutex_);
  const auto found = by_name_.find(watch->name_);
  std::vector<StreamWatch*>& watches = found->second;
  watches.erase(std::find(watches.begin(), watches.end(), watch));
  if (watches.empty()) by_name_.erase(found);
  watches_.fetch_sub(1, std::memory_order_relaxed);
}

void StreamWatches::note(std::string_view name, Became became) {
  if (watches_.load(std::memory_order_seq_cst) == 0) return;
  MutexLock lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  for (StreamWatch* const watch : found->second) {
    const bool was_expired = watch->expired_.exchange(false, std::memory_order_acq_rel);
    if (!was_expired || became == Became::another) watch->changed_.store(true, std::memory_order_release);
  }
}

}  // namespace respublica
