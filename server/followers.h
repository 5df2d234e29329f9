#pragma once
// Subscriptions that read their channels from the log.

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

/// Tells one such subscription that its channel has new entries. It stays rung until the subscription looks: however
/// many commits there are meanwhile, its io thread is told once.
///
/// Thread: any.
class FollowerBell {
 public:
  FollowerBell(std::uint8_t io_thread, std::uint64_t session) : io_thread_(io_thread), session_(session) {}

  std::uint8_t io_thread() const { return io_thread_; }
  std::uint64_t session() const { return session_; }

  bool rung() const { return rung_.load(std::memory_order_relaxed); }
  /// False when it was rung already.
  bool ring() { return !rung_.exchange(true, std::memory_order_seq_cst); }
  /// What is committed from now on rings it again; what was committed before is in the stream that is looked up now.
  void answer() { rung_.exchange(false, std::memory_order_seq_cst); }

 private:
  const std::uint8_t io_thread_;
  const std::uint64_t session_;
  /// There may be entries already.
  std::atomic<bool> rung_{true};
};

/// The bells of all such subscriptions, by channel.
///
/// Thread: any, guarded by its mutex.
class Followers {
 public:
  /// A bell that is rung for `channel` until it goes.
  [[nodiscard]] std::shared_ptr<FollowerBell> follow(std::string_view channel, std::uint8_t io_thread,
                                                     std::uint64_t session) EXCLUDES(mutex_);

  std::size_t count(std::string_view channel) const EXCLUDES(mutex_);

  /// Rings the bells of these channels; returns those that were not rung before.
  std::vector<std::shared_ptr<FollowerBell>> ring(const std::vector<std::string_view>& channels) const EXCLUDES(mutex_);

 private:
  using Bells = std::vector<std::weak_ptr<FollowerBell>>;

  void forget(const std::string& channel) EXCLUDES(mutex_);

  mutable Mutex mutex_;
  boost::unordered_flat_map<std::string, Bells, NameHash, std::equal_to<>> by_channel_ GUARDED_BY(mutex_);
  /// Looked at with each commit: there are none almost always.
  std::atomic<std::size_t> count_{0};
};

}  // namespace respublica
