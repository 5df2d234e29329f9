#include "tools/bench/latency_histogram.h"

#include "tests/support/catch.h"

namespace respublica::bench {

TEST_CASE("a histogram without values answers 0") {
  const LatencyHistogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.percentile(50) == 0);
}

TEST_CASE("values below 128 ns are kept exactly") {
  LatencyHistogram histogram;
  for (int value = 1; value <= 100; ++value) {
    histogram.record(value);
  }
  CHECK(histogram.count() == 100);
  CHECK(histogram.percentile(50) == 50);
  CHECK(histogram.percentile(90) == 90);
  CHECK(histogram.percentile(99) == 99);
  CHECK(histogram.percentile(100) == 100);
}

TEST_CASE("a percentile is never below the true value and at most 1.6 % above it") {
  for (std::int64_t value = 1; value < std::int64_t{1} << 61; value = value * 3 + 1) {
    LatencyHistogram histogram;
    histogram.record(value);
    histogram.record(value * 3);  // so that max() does not cap the first
    const auto found = static_cast<double>(histogram.percentile(50));
    CHECK(found >= static_cast<double>(value));
    CHECK(found <= static_cast<double>(value) * 1.016);
  }
}

TEST_CASE("the largest value is exact and caps every percentile") {
  LatencyHistogram histogram;
  histogram.record(1'000'003);
  CHECK(histogram.max() == 1'000'003);
  CHECK(histogram.percentile(99.9) == 1'000'003);
}

TEST_CASE("the largest time there is can be recorded") {
  LatencyHistogram histogram;
  histogram.record(INT64_MAX);
  CHECK(histogram.percentile(50) == INT64_MAX);
}

TEST_CASE("a negative duration counts as 0") {
  LatencyHistogram histogram;
  histogram.record(-5);
  CHECK(histogram.count() == 1);
  CHECK(histogram.percentile(100) == 0);
}

TEST_CASE("one outlier of a thousand values shows at p99.9 and above only") {
  LatencyHistogram histogram;
  for (int i = 0; i < 999; ++i) {
    histogram.record(10);
  }
  histogram.record(1000);
  CHECK(histogram.percentile(99) == 10);
  CHECK(histogram.percentile(99.9) == 10);
  CHECK(histogram.percentile(99.99) == 1000);
}

TEST_CASE("merged histograms answer as one that recorded everything") {
  LatencyHistogram odd;
  LatencyHistogram even;
  LatencyHistogram all;
  for (int value = 0; value < 100'000; value += 7) {
    (value % 2 == 0 ? even : odd).record(value);
    all.record(value);
  }
  odd.merge(even);
  CHECK(odd.count() == all.count());
  CHECK(odd.max() == all.max());
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    CHECK(odd.percentile(percent) == all.percentile(percent));
  }
}

}  // namespace respublica::bench
