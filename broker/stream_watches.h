#pragma once
// Streams that clients want to find unchanged (WATCH).

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "broker/name_hash.h"
#include "broker/stream_table.h"

namespace respublica {

/// One name that one client watches. Made by StreamWatches.
/// Thread: any, atomic.
class StreamWatch {
 public:
  StreamWatch(std::string name, bool expired) : name_(std::move(name)), expired_(expired) {}

  const std::string& name() const { return name_; }
  /// The stream was changed, made or dropped since, and the change is shown to readers.
  bool changed() const { return changed_.load(std::memory_order_acquire); }
  /// There was no stream but one whose time is over, which is as good as none: that it is dropped is no change.
  bool expired() const { return expired_.load(std::memory_order_acquire); }

 private:
  friend class StreamWatches;

  const std::string name_;
  std::atomic<bool> changed_{false};
  std::atomic<bool> expired_;
};

/// Who watches which stream. A change is noted after it is shown (StreamTable): whoever watches a name first and reads
/// it then is told of each change that it has not read.
///
/// Thread: any, guarded by its mutex.
class StreamWatches {
 public:
  /// Notes changes of the stream until the returned object goes.
  [[nodiscard]] std::shared_ptr<const StreamWatch> watch(std::string name, const StreamTable& streams,
                                                         std::uint64_t now_ms) EXCLUDES(mutex_);

  /// The stream that is shown under this name has become another one; or, `gone`, there is none any more.
  enum class Became : std::uint8_t { another, gone };
  void note(std::string_view name, Became became) EXCLUDES(mutex_);

 private:
  void forget(const StreamWatch* watch) EXCLUDES(mutex_);

  mutable Mutex mutex_;
  boost::unordered_flat_map<std::string, std::vector<StreamWatch*>, NameHash, std::equal_to<>> by_name_
      GUARDED_BY(mutex_);
  /// Looked at for each change: nobody watches almost always.
  std::atomic<std::size_t> watches_{0};
};

}  // namespace respublica
