#pragma once
// When what is in the log was written.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/log_position.h"

namespace respublica {

/// Places in the log and the times by which everything before them had been written. Some, not all: two that are next
/// to each other are no further apart than a 500th of their age. Memory: 1 MiB at most.
///
/// Thread: its owner's.
class LogTimes {
 public:
  static constexpr std::size_t kMaxPoints = 64 * 1024;

  /// What stands before `position` was written at `time_ms` or earlier. Neither goes back.
  void add(std::uint64_t time_ms, LogPosition position);
  /// What others know, all of it at a later time and place.
  void add(const LogTimes& later) {
    for (const Point& point : later.points_) add(point.time_ms, point.position);
  }
  /// A place such that everything before it was written at `time_ms` or earlier: the last one that is known.
  LogPosition written_by(std::uint64_t time_ms) const;

 private:
  struct Point {
    std::uint64_t time_ms;
    LogPosition position;
  };
  void thin();

  std::vector<Point> points_;
};

}  // namespace respublica
