#include "tools/bench/scenario_run.h"

#include <fmt/format.h>

#include "tools/bench/bench_error.h"
#include "tools/bench/load_run.h"
#include "tools/bench/memory_run.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kPatternsPerCommand = 1000;

double nanoseconds_each(std::int64_t total, std::uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(total) / static_cast<double>(count);
}

Metric per_second(std::string name, std::uint64_t count, double seconds) {
  return {std::move(name), "/s", static_cast<double>(count) / seconds, Better::higher};
}

void add_latencies(Metrics& metrics, const LatencyHistogram& latencies) {
  const auto add = [&metrics](const char* name, std::int64_t nanoseconds) {
    metrics.push_back({name, "us", static_cast<double>(nanoseconds) / 1e3});
  };
  add("latency p50", latencies.percentile(50));
  add("latency p90", latencies.percentile(90));
  add("latency p99", latencies.percentile(99));
  add("latency p99.9", latencies.percentile(99.9));
  add("latency max", latencies.max());
}

void add_cpu(Metrics& metrics, const PhaseResult& phase) {
  if (phase.server) {
    metrics.push_back({"server CPU/PUBLISH", "ns", nanoseconds_each(phase.server->total_ns, phase.published)});
    // Sampled by the kernel's ticks: taken as shares of the exact sum.
    const double ticks = static_cast<double>(phase.server->user_ns + phase.server->system_ns);
    const double user = ticks > 0 ? static_cast<double>(phase.server->user_ns) / ticks : 0;
    const double each = metrics.back().value;
    metrics.push_back({"  of it user", "ns", each * user});
    metrics.push_back({"  of it system", "ns", each * (1 - user)});
    if (phase.delivered > 0) {
      metrics.push_back({"server CPU/delivery", "ns", nanoseconds_each(phase.server->total_ns, phase.delivered)});
    }
  }
}

void add_throughput(Metrics& metrics, const PhaseResult& phase) {
  metrics.push_back(per_second("PUBLISHes", phase.published, phase.seconds));
  if (phase.delivered > 0) {
    metrics.push_back(per_second("deliveries", phase.delivered, phase.seconds));
  }
  if (phase.server) {
    const double load = static_cast<double>(phase.server->total_ns) / 1e7 / phase.seconds;
    metrics.push_back({"server load", "%", load, Better::neither});
  }
  const double load = static_cast<double>(phase.bench.total_ns) / 1e7 / phase.seconds;
  metrics.push_back({"bench load", "%", load, Better::neither});
}

Metrics run_load(const LoadShape& shape, Target& target, ProgressLine& progress_line) {
  LoadRun run(shape, target, progress_line);
  if (shape.warmup_seconds > 0) {
    run.run_phase(shape.warmup_seconds);
  }
  run.reset_latencies();
  const PhaseResult phase = run.run_measured();
  run.check_one_order();
  Metrics metrics;
  add_cpu(metrics, phase);
  if (shape.open_loop()) {
    add_latencies(metrics, run.latencies());
  }
  add_throughput(metrics, phase);
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
  if (!target.pid()) {
    throw BenchError(fmt::format("{} needs the server's process: give --pid", scenario.name));
  }
  LoadRun run(scenario.shape, target, progress_line);
  run.run_phase(scenario.shape.warmup_seconds);
  const PhaseResult without = run.run_measured();
  const ClientConnection connection = subscribe_patterns(scenario, target);
  const PhaseResult with = run.run_measured();
  const double cost_without = nanoseconds_each(without.server->total_ns, without.published);
  const double cost_with = nanoseconds_each(with.server->total_ns, with.published);
  Metrics metrics = {{"server CPU/PUBLISH with patterns", "ns", cost_with},
                     {"server CPU/PUBLISH without", "ns", cost_without},
                     {"with / without", "x", cost_with / cost_without}};
  add_throughput(metrics, with);
  return metrics;
}

Metrics run_startup(const Scenario& scenario, const Target& target) {
  if (target.process() == nullptr) {
    throw BenchError(fmt::format("{} needs a server that the bench starts: give --server or --compare", scenario.name));
  }
  return {{"exec to PONG", "ms", target.process()->startup_ms()}};
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
  }
  throw BenchError("unknown kind of scenario");
}

}  // namespace respublica::bench
