#include "tools/bench/durable_run.h"

#include <fmt/format.h>

#include <future>

#include "tools/bench/bench_error.h"
#include "tools/bench/durable_rule.h"
#include "tools/bench/load_metrics.h"
#include "tools/bench/stream_reading.h"

namespace respublica::bench {

namespace {

/// The durable traffic beside live PUBLISHes: enough that a sync is nearly always under way when syncs are slow, and
/// little enough that the server has time for both.
constexpr std::size_t kWriters = 50;
constexpr double kWritesPerSecond = 1000;
/// How long it goes on before and after what is measured.
constexpr double kLeadSeconds = 0.5;

struct LoadOutcome {
  PhaseResult measured;
  std::uint64_t published = 0;  ///< with the warm-up
};

LoadOutcome run_phases(const LoadShape& shape, Target& target, ProgressLine& progress_line) {
  LoadRun run(shape, target, progress_line);
  LoadOutcome outcome;
  if (shape.warmup_seconds > 0) {
    outcome.published = run.run_phase(shape.warmup_seconds).published;
  }
  outcome.measured = run.run_measured();
  outcome.published += outcome.measured.published;
  run.check_one_order();
  return outcome;
}

/// What is written beside the live load.
LoadShape writers(const LoadShape& live) {
  LoadShape shape;
  shape.write = WriteCommand::xadd;
  shape.publishers = kWriters;
  shape.payload = live.payload;
  shape.rate = kWritesPerSecond;
  return shape;
}

}  // namespace

Metrics run_durable_load(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  target.need_process(scenario.name);
  LoadShape shape = scenario.shape;
  if (shape.write == WriteCommand::publish && !make_durable(target, "")) {
    shape.write = WriteCommand::xadd;
  }
  const LoadOutcome outcome = run_phases(shape, target, progress_line);
  check_kept(target.endpoint(), shape, outcome.published, progress_line);
  Metrics metrics;
  add_cpu(metrics, outcome.measured, "append");
  add_throughput(metrics, outcome.measured, "append");
  return metrics;
}

Metrics run_durable_fan_out(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  target.need_process(scenario.name);
  const LoadOutcome live = run_phases(scenario.shape, target, progress_line);
  if (!make_durable(target, "")) {
    throw BenchError(fmt::format("{} needs a server that knows `durable` rules", scenario.name));
  }
  const LoadOutcome durable = run_phases(scenario.shape, target, progress_line);
  check_kept(target.endpoint(), scenario.shape, durable.published, progress_line);
  const double live_cost = cpu_each(live.measured);
  const double durable_cost = cpu_each(durable.measured);
  Metrics metrics = {{"server CPU/PUBLISH durable", "ns", durable_cost},
                     {"server CPU/PUBLISH live", "ns", live_cost},
                     {"durable / live", "x", durable_cost / live_cost}};
  add_throughput(metrics, durable.measured, "PUBLISH");
  return metrics;
}

Metrics run_disk_latency(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  target.need_process(scenario.name).order_disk(fmt::format("delay_sync {}\n", scenario.count));
  const LoadShape shape = writers(scenario.shape);
  ProgressLine no_line(ProgressLine::Use::never);
  LoadRun written(shape, target, no_line);
  LoadRun live(scenario.shape, target, progress_line);
  const double seconds = scenario.shape.warmup_seconds + scenario.shape.seconds + 2 * kLeadSeconds;
  std::future<PhaseResult> writing = std::async(std::launch::async, [&] { return written.run_phase(seconds); });
  live.run_phase(scenario.shape.warmup_seconds + kLeadSeconds);
  live.reset_latencies();
  const PhaseResult measured = live.run_measured();
  live.check_one_order();
  const PhaseResult kept = writing.get();
  check_kept(target.endpoint(), shape, kept.published, progress_line);
  Metrics metrics;
  add_latencies(metrics, live.latencies());
  std::swap(metrics.at(0), metrics.at(2));  // the 99th percentile is what the scenario is about
  add_throughput(metrics, measured, "PUBLISH");
  metrics.push_back({"XADDs beside them", "/s", static_cast<double>(kept.published) / kept.seconds, Better::neither});
  return metrics;
}

}  // namespace respublica::bench
