#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace respublica::bench {

/// Counts durations in log-linear buckets, as HdrHistogram does: exact below 128 ns, above that 64 buckets for each
/// power of two, so a value is known to within 1.6 %. About 3,700 counters, whatever the number of values.
///
/// Thread: its owner's; one histogram per thread, merged at the end.
class LatencyHistogram {
 public:
  LatencyHistogram();

  /// Negative values count as 0.
  void record(std::int64_t nanoseconds);
  void merge(const LatencyHistogram& other);

  std::uint64_t count() const { return count_; }
  /// Exact. 0 if nothing was recorded.
  std::int64_t max() const { return max_; }
  /// The smallest recorded value (up to the buckets' width, never below it, never above max()) that at least
  /// `percent` of all values do not exceed. 0 < percent <= 100. 0 if nothing was recorded.
  std::int64_t percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace respublica::bench
