#pragma once
// Time as the broker sees it: a seam that tests replace.

#include <chrono>
#include <cstdint>

namespace respublica {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Milliseconds since 1970; a time before that is 0.
inline std::uint64_t unix_ms(WallTime time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return ms > 0 ? static_cast<std::uint64_t>(ms) : 0;
}

/// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  /// Time that is never set back. Whoever sleeps until one sleeps by the machine's clock.
  virtual SteadyTime steady_now() const { return std::chrono::steady_clock::now(); }
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace respublica
