#include "tools/bench/scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/bench/bench_error.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

namespace {

LoadShape shape(std::size_t publishers, std::size_t subscribers, std::size_t payload, std::size_t pipeline) {
  LoadShape result;
  result.publishers = publishers;
  result.subscribers = subscribers;
  result.payload = payload;
  result.pipeline = pipeline;
  return result;
}

LoadShape open_loop(LoadShape shape, double rate) {
  shape.rate = rate;
  return shape;
}

/// 10,000 idle connections, and 1,000 publishers with 1,000 subscribers on 1,000 channels.
LoadShape many_connections() {
  LoadShape result = shape(1000, 1000, 64, 1);
  result.channels = 1000;
  result.idle_connections = 10'000;
  return result;
}

LoadShape xadd(LoadShape shape) {
  shape.write = WriteCommand::xadd;
  return shape;
}

/// What is kept on disk: entries of 100 B. One load of each command for each kind of promise.
std::vector<Scenario> durable_scenarios() {
  const std::vector<std::string> always = {"--appendonly", "yes", "--appendfsync", "always"};
  const std::vector<std::string> everysec = {"--appendonly", "yes", "--appendfsync", "everysec"};
  constexpr std::size_t kPayload = 100;
  constexpr auto kLoad = ScenarioKind::durable_load;
  const LoadShape one = shape(1, 0, kPayload, 1);
  const LoadShape fifty = shape(50, 0, kPayload, 1);
  const LoadShape many = shape(200, 0, kPayload, 64);
  const LoadShape live = open_loop(shape(1, 10, kPayload, 64), 1000);
  constexpr auto kLatency = ScenarioKind::disk_latency;
  return {
      {"xadd-1", "XADD, 1 connection, appendfsync always", kLoad, xadd(one), 0, always},
      {"xadd-50", "XADD, 50 connections, appendfsync always", kLoad, xadd(fifty), 0, always},
      {"xadd-200-p64", "XADD, 200 connections, pipeline 64, appendfsync always", kLoad, xadd(many), 0, always},
      {"xadd-200-p64-everysec", "the same, appendfsync everysec", kLoad, xadd(many), 0, everysec},
      {"durable-1", "durable PUBLISH (the peer: XADD), otherwise as xadd-1", kLoad, one, 0, always},
      {"durable-50", "durable PUBLISH (the peer: XADD), otherwise as xadd-50", kLoad, fifty, 0, always},
      {"durable-200-p64", "durable PUBLISH (the peer: XADD), otherwise as xadd-200-p64", kLoad, many, 0, always},
      {"durable-200-p64-everysec", "the same, appendfsync everysec", kLoad, many, 0, everysec},
      {"durable-fanout-100", "1 publisher to 100 subscribers without and with a durable rule, appendfsync everysec",
       ScenarioKind::durable_fan_out, shape(1, 100, kPayload, 64), 0, everysec},
      {"xread", "XREAD COUNT <pipeline> through a stream", ScenarioKind::stream_reading, shape(1, 0, kPayload, 1000),
       1'000'000, everysec},
      {"restart", "start and memory with a stream", ScenarioKind::restart, shape(1, 0, kPayload, 64), 1'000'000,
       everysec},
      {"latency-durable", "live PUBLISH beside 1,000 XADDs a second, appendfsync always, each sync <count> ms longer",
       kLatency, live, 0, always},
      {"latency-slow-disk", "the same on a slow disk", kLatency, live, 50, always},
  };
}

/// Consumers that share a stream; entries of 100 B, appendfsync everysec.
std::vector<Scenario> group_scenarios() {
  const std::vector<std::string> everysec = {"--appendonly", "yes", "--appendfsync", "everysec"};
  constexpr std::size_t kPayload = 100;
  return {
      {"group-consume", "10 consumers of a group take turns, XREADGROUP COUNT <pipeline> and XACK",
       ScenarioKind::group_consuming, shape(1, 10, kPayload, 100), 1'000'000, everysec},
      {"group-latency", "from XADD to the answer to XACK, 10 consumers that wait: latency at a fixed rate",
       ScenarioKind::group_latency, open_loop(shape(1, 10, kPayload, 100), 1000), 0, everysec},
      {"group-pending", "memory of a pending entry, of 1,000,000, and what the server does while nobody asks",
       ScenarioKind::pending_memory, shape(1, 0, kPayload, 1000), 1'000'000, everysec},
  };
}

std::vector<Scenario> live_scenarios() {
  const std::vector<std::string> many = {"--maxclients", "20000"};
  return {
      {"publish-nosub", "PUBLISH to a channel without subscribers, 50 publishers", ScenarioKind::load,
       shape(50, 0, 64, 64)},
      {"fanout-100-64", "1 publisher to 100 subscribers, 64 B", ScenarioKind::load, shape(1, 100, 64, 64)},
      {"fanout-100-1k", "1 publisher to 100 subscribers, 1 KiB", ScenarioKind::load, shape(1, 100, 1024, 64)},
      {"fanout-100-16k", "1 publisher to 100 subscribers, 16 KiB", ScenarioKind::load, shape(1, 100, 16 * 1024, 64)},
      {"fanout-1000-64", "1 publisher to 1000 subscribers, 64 B", ScenarioKind::load, shape(1, 1000, 64, 64)},
      {"many-to-many", "50 publishers to 50 subscribers of one channel, 64 B", ScenarioKind::load,
       shape(50, 50, 64, 64)},
      {"fanout-100-p1", "1 publisher to 100 subscribers, 64 B, no pipelining", ScenarioKind::load,
       shape(1, 100, 64, 1)},
      {"latency-100", "1 publisher to 100 subscribers, 64 B, open loop: latency at a fixed rate", ScenarioKind::load,
       open_loop(shape(1, 100, 64, 64), 1000)},
      {"patterns-10k", "PUBLISH without and with 10,000 patterns that do not match", ScenarioKind::patterns,
       shape(10, 0, 64, 16), 10'000},
      {"connections", "10,000 idle subscribers while 1,000 publishers reach 1,000 subscribers", ScenarioKind::load,
       many_connections(), 0, many},
      {"memory-idle-subscribers",
       "memory of one idle subscriber connection, of 10,000",
       ScenarioKind::idle_memory,
       {},
       10'000,
       many},
      {"memory-subscriptions",
       "memory of one subscription, of 1,000,000 on one connection, names of 20 B",
       ScenarioKind::subscription_memory,
       {},
       1'000'000},
      {"memory-queued", "memory of a 1 KiB message in a second slow subscriber's queue, pipeline 64",
       ScenarioKind::queued_memory, shape(1, 0, 1024, 64), 50'000},
      {"memory-queued-p1", "the same, each message published alone", ScenarioKind::queued_memory, shape(1, 0, 1024, 1),
       50'000},
      {"startup", "from exec to the first answer to PING", ScenarioKind::startup, {}},
  };
}

std::vector<Scenario> make_scenarios() {
  std::vector<Scenario> scenarios = live_scenarios();
  for (const auto more : {durable_scenarios, group_scenarios}) {
    for (Scenario& scenario : more()) {
      scenarios.push_back(std::move(scenario));
    }
  }
  return scenarios;
}

template <typename T>
void change(T& value, const std::optional<T>& wanted) {
  value = wanted.value_or(value);
}

void check(const Scenario& scenario) {
  const LoadShape& load = scenario.shape;
  const auto require = [&scenario](bool condition, const std::string& rule) {
    if (!condition) {
      throw BenchError(fmt::format("{}: {}", scenario.name, rule));
    }
  };
  require(load.payload >= kStampSize, fmt::format("--payload must be at least {} (the stamp)", kStampSize));
  require(load.publishers > 0 && load.channels > 0 && load.pipeline > 0 && load.window > 0 && load.threads > 0,
          "--publishers, --channels, --pipeline, --window and --threads must be at least 1");
  require(load.channels <= 1'000'000, "--channels can be at most 1000000");
  require(load.subscribers == 0 || load.subscribers >= load.channels, "--subscribers must be at least --channels");
  require(load.seconds > 0 && load.warmup_seconds >= 0 && load.rate >= 0, "times and rates cannot be negative");
}

}  // namespace

bool Scenario::has_load() const {
  switch (kind) {
    case ScenarioKind::load:
    case ScenarioKind::patterns:
    case ScenarioKind::durable_load:
    case ScenarioKind::durable_fan_out:
    case ScenarioKind::disk_latency:
    case ScenarioKind::group_latency:
      return true;
    default:
      return false;
  }
}

const std::vector<Scenario>& all_scenarios() {
  static const std::vector<Scenario> kScenarios = make_scenarios();
  return kScenarios;
}

const Scenario& find_scenario(std::string_view name) {
  const auto& scenarios = all_scenarios();
  const auto found = std::find_if(scenarios.begin(), scenarios.end(),
                                  [name](const Scenario& scenario) { return scenario.name == name; });
  if (found == scenarios.end()) {
    throw BenchError(fmt::format("no scenario {} (--list shows them)", name));
  }
  return *found;
}

Scenario changed(Scenario scenario, const ScenarioChanges& changes) {
  LoadShape& load = scenario.shape;
  change(load.publishers, changes.publishers);
  change(load.subscribers, changes.subscribers);
  change(load.channels, changes.channels);
  change(load.idle_connections, changes.idle_connections);
  change(load.payload, changes.payload);
  change(load.pipeline, changes.pipeline);
  change(load.window, changes.window);
  change(load.rate, changes.rate);
  change(load.seconds, changes.seconds);
  change(load.warmup_seconds, changes.warmup_seconds);
  change(load.messages, changes.messages);
  change(scenario.count, changes.count);
  load.threads = changes.threads;
  load.version = changes.version;
  load.padding = changes.padding;
  check(scenario);
  return scenario;
}

std::size_t descriptors_of(const Scenario& scenario) {
  constexpr std::size_t kOthers = 200;
  const LoadShape& load = scenario.shape;
  const std::size_t idle = scenario.kind == ScenarioKind::idle_memory ? scenario.count : load.idle_connections;
  return load.publishers + load.subscribers + idle + kOthers;
}

}  // namespace respublica::bench
