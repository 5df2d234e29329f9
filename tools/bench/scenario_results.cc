#include "tools/bench/scenario_results.h"

#include <algorithm>

namespace respublica::bench {

namespace {

std::vector<double> values_of(const std::vector<Metrics>& runs, std::size_t metric) {
  std::vector<double> values;
  values.reserve(runs.size());
  for (const Metrics& run : runs) {
    values.push_back(run.at(metric).value);
  }
  return values;
}

std::optional<Spread> ratio_of(const MetricSummary& summary) {
  if (summary.better == Better::neither || summary.peer_values.size() != summary.our_values.size()) {
    return std::nullopt;
  }
  std::vector<double> ratios;
  for (std::size_t run = 0; run < summary.our_values.size(); ++run) {
    const bool lower = summary.better == Better::lower;
    const double above = lower ? summary.peer_values[run] : summary.our_values[run];
    const double below = lower ? summary.our_values[run] : summary.peer_values[run];
    if (above <= 0 || below <= 0) {
      return std::nullopt;
    }
    ratios.push_back(above / below);
  }
  return spread_of(std::move(ratios));
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

std::vector<MetricSummary> summarise(const ScenarioResults& results) {
  std::vector<MetricSummary> summaries;
  for (std::size_t i = 0; i < results.ours.front().size(); ++i) {
    const Metric& metric = results.ours.front()[i];
    MetricSummary summary;
    summary.name = metric.name;
    summary.unit = metric.unit;
    summary.better = metric.better;
    summary.our_values = values_of(results.ours, i);
    summary.peer_values = values_of(results.peer, i);
    summary.ours = spread_of(summary.our_values);
    if (!summary.peer_values.empty()) {
      summary.peer = spread_of(summary.peer_values);
      summary.ratio = ratio_of(summary);
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace respublica::bench
