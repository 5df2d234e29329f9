#include "server/stats_latency.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Histogram = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

/// The buckets that calls of these lengths (in nanoseconds) fall into.
LatencyBuckets buckets_of(const std::vector<std::uint64_t>& nanoseconds) {
  CommandCounters counters;
  for (const std::uint64_t duration : nanoseconds) counters.record(1, duration);
  LatencyBuckets buckets{};
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] = counters.latency[i].value();
  return buckets;
}

TEST_CASE("without calls every percentile is zero") { CHECK(latency_percentile(LatencyBuckets{}, 99) == 0); }

TEST_CASE("a percentile lies in the bucket of the call that it falls on") {
  std::vector<std::uint64_t> calls(99, 3000);
  calls.push_back(1000000);
  const LatencyBuckets buckets = buckets_of(calls);
  const double median = latency_percentile(buckets, 50);
  CHECK(median > 2.048);
  CHECK(median <= 4.096);
  const double slowest = latency_percentile(buckets, 100);
  CHECK(slowest > 524.288);
  CHECK(slowest <= 1048.576);
}

TEST_CASE("percentiles grow with the percentage") {
  const LatencyBuckets buckets = buckets_of({100, 900, 2000, 5000, 70000, 900000});
  double last = 0;
  for (const double percentile : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const double value = latency_percentile(buckets, percentile);
    CHECK(value >= last);
    last = value;
  }
}

TEST_CASE("a histogram counts calls up to powers of two microseconds, where the count grows") {
  CHECK(latency_histogram(LatencyBuckets{}).empty());
  CHECK(latency_histogram(buckets_of({10, 500, 1000, 1500, 5000, 5000})) == Histogram{{1, 3}, {2, 4}, {8, 6}});
}

}  // namespace
}  // namespace respublica
