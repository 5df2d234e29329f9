#include "tools/bench/load_metrics.h"

#include <utility>

namespace respublica::bench {

namespace {

double nanoseconds_each(std::int64_t total, std::uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(total) / static_cast<double>(count);
}

/// PUBLISHes, appends, entries.
std::string plural(const std::string& name) {
  if (name.ends_with('y')) {
    return name.substr(0, name.size() - 1) + "ies";
  }
  return name + (name.ends_with('H') ? "es" : "s");
}

Metric per_second(std::string name, std::uint64_t count, double seconds) {
  return {std::move(name), "/s", static_cast<double>(count) / seconds, Better::higher};
}

}  // namespace

double cpu_each(const PhaseResult& phase) { return nanoseconds_each(phase.server->total_ns, phase.published); }

void add_cpu(Metrics& metrics, const PhaseResult& phase, const std::string& command) {
  if (phase.server) {
    metrics.push_back({"server CPU/" + command, "ns", cpu_each(phase)});
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

void add_throughput(Metrics& metrics, const PhaseResult& phase, const std::string& command) {
  metrics.push_back(per_second(plural(command), phase.published, phase.seconds));
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

}  // namespace respublica::bench
