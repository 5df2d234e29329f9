#pragma once
// What the latency buckets of a command say.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/io_counters.h"

namespace respublica {

using LatencyBuckets = std::array<std::uint64_t, CommandCounters::kBuckets>;

/// An estimate of a percentile (0 to 100) in microseconds: calls are taken as evenly spread within their bucket. 0
/// without calls.
double latency_percentile(const LatencyBuckets& buckets, double percentile);

/// How many calls took at most so many microseconds: upper ends 1, 2, 4, 8 and so on, only those at which the count
/// grows. (They stand for 1.024, 2.048... microseconds, as in Redis.)
std::vector<std::pair<std::uint64_t, std::uint64_t>> latency_histogram(const LatencyBuckets& buckets);

}  // namespace respublica
