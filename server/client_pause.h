#pragma once
// CLIENT PAUSE.

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace respublica {

/// Which commands CLIENT PAUSE holds back: those that write (PUBLISH is one, as in Redis), or all.
enum class PauseMode : std::uint8_t { off, write, all };

/// Whether clients are paused, and until when. A later pause never shortens an earlier one nor weakens its mode, as in
/// Redis.
/// Thread: any.
class ClientPause {
 public:
  void pause(PauseMode mode, SteadyTime until);
  void unpause();

  /// The mode in force at `now`. One relaxed load when nothing is paused.
  PauseMode mode(SteadyTime now) const {
    const auto mode = mode_.load(std::memory_order_relaxed);
    return mode != PauseMode::off && now.time_since_epoch().count() < until_.load(std::memory_order_relaxed)
               ? mode
               : PauseMode::off;
  }
  /// True when a pause was set and not taken back; it may have run out.
  bool set() const { return mode_.load(std::memory_order_relaxed) != PauseMode::off; }
  SteadyTime until() const { return SteadyTime(SteadyTime::duration(until_.load(std::memory_order_relaxed))); }

 private:
  std::atomic<PauseMode> mode_{PauseMode::off};
  std::atomic<SteadyTime::rep> until_{0};
};

}  // namespace respublica
