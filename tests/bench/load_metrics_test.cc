#include "tools/bench/load_metrics.h"

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

PhaseResult phase() {
  PhaseResult result;
  result.published = 1000;
  result.delivered = 4000;
  result.seconds = 2;
  result.server = CpuTime{8'000'000, 30'000'000, 10'000'000};
  result.bench = CpuTime{1'000'000'000, 0, 0};
  return result;
}

const Metric& named(const Metrics& metrics, const std::string& name) {
  for (const Metric& metric : metrics) {
    if (metric.name == name) {
      return metric;
    }
  }
  throw std::runtime_error("no metric " + name);
}

}  // namespace

TEST_CASE("CPU time is divided by the commands and by the deliveries, and in the ratio of the ticks") {
  Metrics metrics;
  add_cpu(metrics, phase(), "XADD");
  CHECK(metrics.front().name == "server CPU/XADD");
  CHECK(metrics.front().value == 8000);
  CHECK(cpu_each(phase()) == 8000);
  CHECK(named(metrics, "  of it user").value == 6000);
  CHECK(named(metrics, "  of it system").value == 2000);
  CHECK(named(metrics, "server CPU/delivery").value == 2000);
}

TEST_CASE("without the server's process there is no CPU time of it") {
  PhaseResult unknown = phase();
  unknown.server.reset();
  Metrics metrics;
  add_cpu(metrics, unknown, "XADD");
  CHECK(metrics.empty());
  add_throughput(metrics, unknown, "XADD");
  CHECK(metrics.size() == 3);
}

TEST_CASE("throughput counts commands and deliveries a second") {
  Metrics metrics;
  add_throughput(metrics, phase(), "PUBLISH");
  CHECK(named(metrics, "PUBLISHes").value == 500);
  CHECK(named(metrics, "deliveries").value == 2000);
  CHECK(named(metrics, "bench load").value == 50);
  CHECK(named(metrics, "bench load").better == Better::neither);
}

TEST_CASE("latencies are shown in microseconds") {
  LatencyHistogram latencies;
  latencies.record(100'000);
  Metrics metrics;
  add_latencies(metrics, latencies);
  CHECK(metrics.size() == 5);
  CHECK(named(metrics, "latency max").value == 100);
}

TEST_CASE("what is counted is named in the plural") {
  const auto first_name = [](const std::string& command) {
    Metrics metrics;
    add_throughput(metrics, phase(), command);
    return metrics.front().name;
  };
  CHECK(first_name("PUBLISH") == "PUBLISHes");
  CHECK(first_name("append") == "appends");
  CHECK(first_name("entry") == "entries");
}

}  // namespace respublica::bench
