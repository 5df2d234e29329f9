#include "tools/bench/settled_memory.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "tools/bench/interruption.h"
#include "tools/bench/process_usage.h"

namespace respublica::bench {

namespace {

constexpr auto kInterval = std::chrono::seconds(1);
constexpr int kQuietIntervals = 8;
constexpr int kMostIntervals = 60;
constexpr double kSmallestChange = 0.005;

}  // namespace

std::int64_t settled_memory_of(pid_t pid, ProgressLine& progress_line) {
  std::int64_t last = anonymous_memory_of(pid);
  for (int interval = 0, quiet = 0; interval < kMostIntervals && quiet < kQuietIntervals; ++interval) {
    throw_if_interrupted();
    std::this_thread::sleep_for(kInterval);
    const std::int64_t now = anonymous_memory_of(pid);
    const bool changed = std::abs(static_cast<double>(now - last)) > kSmallestChange * static_cast<double>(last);
    quiet = changed ? 0 : quiet + 1;
    last = changed ? now : last;
    progress_line.show(fmt::format("waiting for the server's memory to settle: {} KB", now / 1024));
  }
  return anonymous_memory_of(pid);
}

}  // namespace respublica::bench
