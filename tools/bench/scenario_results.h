#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/metric.h"

namespace respublica::bench {

/// The middle, the smallest and the largest of some values.
struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// With an even number of values the median is the mean of the two in the middle. values must not be empty.
Spread spread_of(std::vector<double> values);

/// All runs of one scenario against one server, or against two in turns.
struct ScenarioResults {
  std::string scenario;
  std::vector<Metrics> ours;  ///< one for each run
  std::vector<Metrics> peer;  ///< empty without --compare, else as many as ours
};

/// One metric over all runs.
struct MetricSummary {
  std::string name;
  std::string unit;
  Better better = Better::lower;
  std::vector<double> our_values;
  std::vector<double> peer_values;
  Spread ours;
  std::optional<Spread> peer;
  /// How many times better we are than the peer, run by run, so that what disturbed both in one run cancels out: the
  /// peer's value divided by ours, or ours by the peer's where more is better. None without a peer, or where nothing
  /// is better, or if a value is not above 0.
  std::optional<Spread> ratio;
};

std::vector<MetricSummary> summarise(const ScenarioResults& results);

}  // namespace respublica::bench
