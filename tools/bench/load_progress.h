#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/mutex.h"

namespace respublica::bench {

/// What the loops of one load tell each other and the thread that waits for them. Counters only grow, over all
/// phases.
///
/// Thread: any; atomics, and the failure under mutex_.
class LoadProgress {
 public:
  /// Commands answered.
  std::atomic<std::uint64_t> answered{0};
  /// Deliveries that the commands sent so far must cause; added before they are sent.
  std::atomic<std::uint64_t> expected{0};
  /// Deliveries that came.
  std::atomic<std::uint64_t> delivered{0};
  /// Loops of this phase that still publish.
  std::atomic<std::size_t> publishing{0};

  /// Begins a phase. Before the loops run.
  void begin_phase(std::size_t loops, std::int64_t start_ns, std::int64_t deadline_ns, std::int64_t messages) {
    publishing = loops;
    start_ns_ = start_ns;
    deadline_ns_ = deadline_ns;
    budget_ = messages;
  }
  std::int64_t start_ns() const { return start_ns_; }
  /// No message is sent, or meant to be sent, after it.
  std::int64_t deadline_ns() const { return deadline_ns_; }
  /// Takes up to `wanted` messages from what is left of this phase.
  std::size_t take(std::size_t wanted) {
    const std::int64_t before = budget_.fetch_sub(static_cast<std::int64_t>(wanted));
    if (before <= 0) {
      return 0;
    }
    return before < static_cast<std::int64_t>(wanted) ? static_cast<std::size_t>(before) : wanted;
  }

  /// Ends all loops. The first failure is the one that is kept.
  void fail(std::string reason) {
    const MutexLock lock(mutex_);
    if (!failed_.exchange(true)) {
      failure_ = std::move(reason);
    }
  }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }
  std::string failure() {
    const MutexLock lock(mutex_);
    return failure_;
  }

 private:
  std::int64_t start_ns_ = 0;     ///< written between phases only
  std::int64_t deadline_ns_ = 0;  ///< written between phases only
  std::atomic<std::int64_t> budget_{0};
  std::atomic<bool> failed_{false};
  Mutex mutex_;
  std::string failure_ GUARDED_BY(mutex_);
};

}  // namespace respublica::bench
