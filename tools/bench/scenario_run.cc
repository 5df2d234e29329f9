#include "tools/bench/scenario_run.h"

#include <fmt/format.h>

#include "tools/bench/bench_error.h"
#include "tools/bench/durable_run.h"
#include "tools/bench/group_run.h"
#include "tools/bench/load_metrics.h"
#include "tools/bench/memory_run.h"
#include "tools/bench/stream_run.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kPatternsPerCommand = 1000;

Metrics run_load(const LoadShape& shape, Target& target, ProgressLine& progress_line) {
  LoadRun run(shape, target, progress_line);
  if (shape.warmup_seconds > 0) {
    run.run_phase(shape.warmup_seconds);
  }
  run.reset_latencies();
  const PhaseResult phase = run.run_measured();
  run.check_one_order();
  Metrics metrics;
  add_cpu(metrics, phase, "PUBLISH");
  if (shape.open_loop()) {
    add_latencies(metrics, run.latencies());
  }
  add_throughput(metrics, phase, "PUBLISH");
  return metrics;
}

/// One idle connection subscribes to `pattern:<i>:*`.
ClientConnection subscribe_patterns(const Scenario& scenario, Target& target) {
  ClientConnection connection = ClientConnection::open(target.endpoint(), scenario.shape.version);
  for (std::size_t first = 0; first < scenario.count; first += kPatternsPerCommand) {
    const std::size_t count = std::min(kPatternsPerCommand, scenario.count - first);
    std::string command = fmt::format("*{}\r\n$10\r\nPSUBSCRIBE\r\n", count + 1);
    for (std::size_t i = first; i < first + count; ++i) {
      const std::string pattern = fmt::format("pattern:{}:*", i);
      command += fmt::format("${}\r\n{}\r\n", pattern.size(), pattern);
    }
    connection.send_all(command);
    connection.skip_replies(count);
  }
  return connection;
}

Metrics run_patterns(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  target.need_pid(scenario.name);
  LoadRun run(scenario.shape, target, progress_line);
  run.run_phase(scenario.shape.warmup_seconds);
  const PhaseResult without = run.run_measured();
  const ClientConnection connection = subscribe_patterns(scenario, target);
  const PhaseResult with = run.run_measured();
  const double cost_without = cpu_each(without);
  const double cost_with = cpu_each(with);
  Metrics metrics = {{"server CPU/PUBLISH with patterns", "ns", cost_with},
                     {"server CPU/PUBLISH without", "ns", cost_without},
                     {"with / without", "x", cost_with / cost_without}};
  add_throughput(metrics, with, "PUBLISH");
  return metrics;
}

Metrics run_startup(const Scenario& scenario, const Target& target) {
  return {{"exec to PONG", "ms", target.need_process(scenario.name).startup_ms()}};
}

}  // namespace

Metrics run_scenario(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  switch (scenario.kind) {
    case ScenarioKind::load:
      return run_load(scenario.shape, target, progress_line);
    case ScenarioKind::patterns:
      return run_patterns(scenario, target, progress_line);
    case ScenarioKind::idle_memory:
      return measure_idle_subscribers(scenario, target, progress_line);
    case ScenarioKind::subscription_memory:
      return measure_subscriptions(scenario, target, progress_line);
    case ScenarioKind::queued_memory:
      return measure_queued_messages(scenario, target, progress_line);
    case ScenarioKind::startup:
      return run_startup(scenario, target);
    case ScenarioKind::durable_load:
      return run_durable_load(scenario, target, progress_line);
    case ScenarioKind::durable_fan_out:
      return run_durable_fan_out(scenario, target, progress_line);
    case ScenarioKind::disk_latency:
      return run_disk_latency(scenario, target, progress_line);
    case ScenarioKind::stream_reading:
      return run_stream_reading(scenario, target, progress_line);
    case ScenarioKind::restart:
      return run_restart(scenario, target, progress_line);
    case ScenarioKind::group_consuming:
      return run_group_consuming(scenario, target, progress_line);
    case ScenarioKind::group_latency:
      return run_group_latency(scenario, target, progress_line);
    case ScenarioKind::pending_memory:
      return run_pending_memory(scenario, target, progress_line);
  }
  throw BenchError("unknown kind of scenario");
}

}  // namespace respublica::bench
