#include "broker/log_times.h"

#include <algorithm>

namespace respublica {
namespace {

/// So many for each time that the age grows by e: 50,000 for a year that begins with milliseconds.
constexpr std::uint64_t kPointsPerAge = 2048;

}  // namespace

void LogTimes::add(std::uint64_t time_ms, LogPosition position) {
  if (!points_.empty() && time_ms == points_.back().time_ms) {
    points_.back().position = position;
    return;
  }
  if (points_.size() == kMaxPoints) thin();
  points_.push_back({time_ms, position});
}

LogPosition LogTimes::written_by(std::uint64_t time_ms) const {
  const auto later = std::upper_bound(points_.begin(), points_.end(), time_ms,
                                      [](std::uint64_t time, const Point& point) { return time < point.time_ms; });
  return later == points_.begin() ? LogPosition{} : std::prev(later)->position;
}

void LogTimes::thin() {
  const std::uint64_t now_ms = points_.back().time_ms;
  std::vector<Point> kept{points_.back()};
  for (auto point = points_.rbegin() + 1; point != points_.rend(); ++point) {
    const std::uint64_t age_ms = now_ms - point->time_ms;
    if (kept.back().time_ms - point->time_ms >= std::max<std::uint64_t>(age_ms / kPointsPerAge, 1)) {
      kept.push_back(*point);
    }
  }
  std::reverse(kept.begin(), kept.end());
  points_ = std::move(kept);
}

}  // namespace respublica
