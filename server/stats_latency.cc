#include "server/stats_latency.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace respublica {
namespace {

/// Bucket b ends at 2^b nanoseconds; up to this one all count as one microsecond.
constexpr std::size_t kMicrosecondBucket = 10;

double bucket_start(std::size_t bucket) { return bucket == 0 ? 0 : std::exp2(static_cast<double>(bucket) - 1); }
double bucket_end(std::size_t bucket) { return std::exp2(static_cast<double>(bucket)); }

}  // namespace

double latency_percentile(const LatencyBuckets& buckets, double percentile) {
  const std::uint64_t calls = std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  if (calls == 0) return 0;
  const double wanted = std::clamp(percentile, 0.0, 100.0) / 100 * static_cast<double>(calls);
  double below = 0;
  double nanoseconds = 0;
  for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    if (buckets[bucket] == 0) continue;
    const double inside = static_cast<double>(buckets[bucket]);
    const double share = std::clamp((wanted - below) / inside, 0.0, 1.0);
    nanoseconds = bucket_start(bucket) + share * (bucket_end(bucket) - bucket_start(bucket));
    below += inside;
    if (below >= wanted) break;
  }
  return nanoseconds / 1000;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> latency_histogram(const LatencyBuckets& buckets) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> histogram;
  std::uint64_t calls = 0;
  for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    if (buckets[bucket] == 0) continue;
    calls += buckets[bucket];
    const std::size_t power = bucket <= kMicrosecondBucket ? 0 : bucket - kMicrosecondBucket;
    const std::uint64_t microseconds = std::uint64_t{1} << power;
    if (!histogram.empty() && histogram.back().first == microseconds) {
      histogram.back().second = calls;
    } else {
      histogram.emplace_back(microseconds, calls);
    }
  }
  return histogram;
}

}  // namespace respublica
