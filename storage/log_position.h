#pragma once
// A place in the log.

#include <compare>
#include <cstdint>

namespace respublica {

/// Counts the bytes of all frames ever appended before this place, segment headers left out. A position never changes
/// its meaning: what is removed leaves a gap.
struct LogPosition {
  std::uint64_t value = 0;

  auto operator<=>(const LogPosition&) const = default;
  friend LogPosition operator+(LogPosition position, std::uint64_t bytes) { return {position.value + bytes}; }
  /// Bytes from `b` to `a`, which is not before it.
  friend std::uint64_t operator-(LogPosition a, LogPosition b) { return a.value - b.value; }
};

}  // namespace respublica
