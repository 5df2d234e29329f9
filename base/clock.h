#pragma once
// Time as the broker sees it: a seam that tests replace.

#include <chrono>

namespace respublica {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace respublica
