#include "server/blocked_readers.h"

#include <algorithm>

namespace respublica {

std::shared_ptr<void> BlockedReaders::wait(BlockedReader reader, std::vector<std::string> channels) {
  {
    MutexLock lock(mutex_);
    for (const std::string& channel : channels) by_channel_[channel].push_back(reader);
    waiting_.fetch_add(1, std::memory_order_seq_cst);
  }
  // The object is the promise to forget; it needs no value of its own.
  return {static_cast<void*>(this),
          [this, reader, channels = std::move(channels)](void*) { forget(reader, channels); }};
}

void BlockedReaders::forget(BlockedReader reader, const std::vector<std::string>& channels) {
  MutexLock lock(mutex_);
  for (const std::string& channel : channels) {
    const auto found = by_channel_.find(channel);
    if (found == by_channel_.end()) continue;
    std::vector<BlockedReader>& readers = found->second;
    if (const auto at = std::find(readers.begin(), readers.end(), reader); at != readers.end()) readers.erase(at);
    if (readers.empty()) by_channel_.erase(found);
  }
  waiting_.fetch_sub(1, std::memory_order_relaxed);
}

std::vector<BlockedReader> BlockedReaders::find(const std::vector<std::string_view>& channels) const {
  std::vector<BlockedReader> readers;
  if (size() == 0) return readers;
  MutexLock lock(mutex_);
  for (const std::string_view channel : channels) {
    const auto found = by_channel_.find(channel);
    if (found == by_channel_.end()) continue;
    for (const BlockedReader reader : found->second) {
      if (std::find(readers.begin(), readers.end(), reader) == readers.end()) readers.push_back(reader);
    }
  }
  return readers;
}

}  // namespace respublica
