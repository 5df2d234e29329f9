#include "tools/bench/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace respublica::bench {

namespace {

constexpr unsigned kSubBits = 6;  ///< 64 buckets for each power of two
constexpr std::uint64_t kLinear = std::uint64_t{2} << kSubBits;
constexpr std::size_t kBuckets = (63 - kSubBits + 1) << kSubBits;

std::size_t bucket_of(std::uint64_t value) {
  if (value < kLinear) {
    return value;
  }
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
  return (static_cast<std::size_t>(shift) << kSubBits) + (value >> shift);
}

/// The largest value that falls into the bucket.
std::uint64_t upper_end_of(std::size_t bucket) {
  if (bucket < kLinear) {
    return bucket;
  }
  const std::size_t shift = (bucket >> kSubBits) - 1;
  const std::uint64_t mantissa = bucket - (shift << kSubBits);
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

void LatencyHistogram::record(std::int64_t nanoseconds) {
  const std::int64_t value = std::max<std::int64_t>(nanoseconds, 0);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, value);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    buckets_[bucket] += other.buckets_[bucket];
  }
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::int64_t LatencyHistogram::percentile(double percent) const {
  // 99.9 % of 1000 values are 999 of them, although 99.9 / 100 * 1000 is a little more.
  constexpr double kRounding = 1e-12;
  const double share = percent / 100 * (1 - kRounding);
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && seen >= wanted) {
      return std::min(static_cast<std::int64_t>(upper_end_of(bucket)), max_);
    }
  }
  return max_;
}

}  // namespace respublica::bench
