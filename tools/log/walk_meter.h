#pragma once
// How far a long walk has come.

#include <chrono>
#include <cstdint>

#include "tools/log/log_files.h"
#include "tools/log/log_walk.h"
#include "tools/terminal/progress_line.h"

namespace respublica::logtool {

/// Shows a bar, a speed and the time that is left, a few times a second. Thread: one.
class WalkMeter {
 public:
  /// All segments are walked through `times` times.
  WalkMeter(ProgressLine& line, const LogFiles& log, std::uint64_t times = 1);
  WalkMeter(const WalkMeter&) = delete;
  WalkMeter& operator=(const WalkMeter&) = delete;
  ~WalkMeter() { line_.clear(); }

  /// Lasts as long as this.
  WalkProgress progress() {
    return [this](std::uint64_t bytes) { pass(bytes); };
  }

 private:
  using SteadyClock = std::chrono::steady_clock;

  void pass(std::uint64_t bytes);

  ProgressLine& line_;
  std::uint64_t total_ = 0;
  std::uint64_t passed_ = 0;
  const SteadyClock::time_point begin_ = SteadyClock::now();
  SteadyClock::time_point shown_ = begin_;
};

/// "[#####...............]  25%, 1.0 MiB of 4.0 MiB, 1.0 MiB/s, 3 s left".
std::string meter_text(std::uint64_t passed, std::uint64_t total, double seconds);

}  // namespace respublica::logtool
