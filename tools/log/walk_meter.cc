#include "tools/log/walk_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "tools/log/damage_text.h"

namespace respublica::logtool {
namespace {

constexpr std::size_t kBarWidth = 20;
constexpr std::chrono::milliseconds kBetween{100};

}  // namespace

WalkMeter::WalkMeter(ProgressLine& line, const LogFiles& log, std::uint64_t times) : line_(line) {
  for (const SegmentFile& file : log.segments) total_ += times * file.bytes;
}

void WalkMeter::pass(std::uint64_t bytes) {
  passed_ += bytes;
  const SteadyClock::time_point now = SteadyClock::now();
  if (now - shown_ < kBetween) return;
  shown_ = now;
  line_.show(meter_text(passed_, total_, std::chrono::duration<double>(now - begin_).count()));
}

std::string meter_text(std::uint64_t passed, std::uint64_t total, double seconds) {
  const double share = total == 0 ? 1 : std::min(1.0, static_cast<double>(passed) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  const double speed = seconds > 0 ? static_cast<double>(passed) / seconds : 0;
  const double left = share > 0 ? seconds * (1 - share) / share : 0;
  return fmt::format("[{}{}] {:3.0f}%, {} of {}, {}/s, {:.0f} s left", std::string(full, '#'),
                     std::string(kBarWidth - full, '.'), share * 100, shown_bytes(passed), shown_bytes(total),
                     shown_bytes(static_cast<std::uint64_t>(speed)), left);
}

}  // namespace respublica::logtool
