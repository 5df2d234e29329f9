#pragma once
// How messages reach sessions of another io thread.

#include <array>
#include <atomic>
#include <iterator>
#include <vector>

#include "base/mutex.h"
#include "base/shared_bytes.h"
#include "broker/subscriber.h"

namespace respublica {

/// Subscribers' lanes: the protocol version in which they want their messages.
inline constexpr std::uint8_t kLaneResp2 = 0;
inline constexpr std::uint8_t kLaneResp3 = 1;
inline constexpr std::size_t kLanes = 2;

/// One or more consecutive messages, encoded, and who is to receive them.
struct Delivery {
  std::vector<Subscriber> receivers;
  /// The frames by lane; or, when `payload` is set, the one frame up to its payload. Empty for lanes not in use.
  std::array<SharedBytes, kLanes> frames;
  /// A large payload followed by CRLF, shared by both lanes.
  SharedBytes payload;
  std::uint32_t messages = 0;
};

/// Deliveries for the sessions of one io thread, in order. It is filled by other io threads while they hold the lock of
/// the channel (SharedRegistry::publish), so that all subscribers of a channel see one order. It has no limit of its
/// own: its thread empties it once per turn, and each session's output limit applies then.
///
/// Thread: any, guarded by its mutex. Lock order: registry, then mailbox.
class Mailbox {
 public:
  void push(Delivery delivery) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    deliveries_.push_back(std::move(delivery));
    filled_.store(true, std::memory_order_release);
  }

  /// Puts deliveries that take() gave back in front of all others.
  void put_back(std::vector<Delivery> earlier) EXCLUDES(mutex_) {
    if (earlier.empty()) return;
    MutexLock lock(mutex_);
    deliveries_.insert(deliveries_.begin(), std::make_move_iterator(earlier.begin()),
                       std::make_move_iterator(earlier.end()));
    filled_.store(true, std::memory_order_release);
  }

  /// True when something is in it. Exact for what was published to a channel whose lock the caller holds.
  bool filled() const { return filled_.load(std::memory_order_acquire); }

  /// Moves what is in it to `out`, which is empty.
  void take(std::vector<Delivery>& out) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    out.swap(deliveries_);
    filled_.store(false, std::memory_order_release);
  }

 private:
  Mutex mutex_;
  std::vector<Delivery> deliveries_ GUARDED_BY(mutex_);
  std::atomic<bool> filled_{false};
};

}  // namespace respublica
