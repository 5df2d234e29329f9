#pragma once
// Clients that wait for entries.

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "broker/name_hash.h"

namespace respublica {

/// A client that is blocked: its io thread and its number.
struct BlockedReader {
  std::uint8_t io_thread = 0;
  std::uint64_t session = 0;

  bool operator==(const BlockedReader&) const = default;
};

/// Which clients wait for which streams, in the order in which they began to wait.
///
/// Thread: any, guarded by its mutex.
class BlockedReaders {
 public:
  /// Has `reader` found for `channels` until the returned object goes. Whoever waits looks at the streams once more
  /// afterwards: what was appended before is not announced.
  [[nodiscard]] std::shared_ptr<void> wait(BlockedReader reader, std::vector<std::string> channels) EXCLUDES(mutex_);

  /// Those who wait for one of these, each once, in the order of their waiting for each channel.
  std::vector<BlockedReader> find(const std::vector<std::string_view>& channels) const EXCLUDES(mutex_);

  /// Zero only when nobody waits whose second look has missed what is there by now.
  std::size_t size() const { return waiting_.load(std::memory_order_seq_cst); }

 private:
  void forget(BlockedReader reader, const std::vector<std::string>& channels) EXCLUDES(mutex_);

  mutable Mutex mutex_;
  boost::unordered_flat_map<std::string, std::vector<BlockedReader>, NameHash, std::equal_to<>> by_channel_
      GUARDED_BY(mutex_);
  /// Looked at before each wake-up: nobody waits almost always.
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace respublica
