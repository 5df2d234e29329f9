#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/load_shape.h"

namespace respublica::bench {

/// What is done and measured; tools/bench/scenario_run.cc has one function for each.
enum class ScenarioKind {
  load,
  patterns,
  idle_memory,
  subscription_memory,
  queued_memory,
  startup,
  durable_load,
  durable_fan_out,
  disk_latency,
  stream_reading,
  restart,
  group_consuming,
  group_latency,
  pending_memory
};

/// A named measurement with its default parameters.
struct Scenario {
  std::string name;
  std::string summary;
  ScenarioKind kind = ScenarioKind::load;
  LoadShape shape;
  /// patterns: patterns; idle_memory: connections; subscription_memory: channels; queued_memory: messages;
  /// disk_latency: ms that each sync takes longer; stream_reading, restart, group_consuming, pending_memory: entries.
  std::size_t count = 0;
  /// What a server that the bench starts needs beyond its defaults.
  std::vector<std::string> server_arguments = {};

  /// False: it asks for what no other server has, so there is nothing to compare.
  bool compares() const { return kind != ScenarioKind::durable_fan_out; }
  /// True: it shows the parameters of a load in --list.
  bool has_load() const;
};

/// What the command line asks for instead of a scenario's defaults.
struct ScenarioChanges {
  std::optional<std::size_t> publishers;
  std::optional<std::size_t> subscribers;
  std::optional<std::size_t> channels;
  std::optional<std::size_t> idle_connections;
  std::optional<std::size_t> payload;
  std::optional<std::size_t> pipeline;
  std::optional<std::size_t> window;
  std::optional<double> rate;
  std::optional<double> seconds;
  std::optional<double> warmup_seconds;
  std::optional<std::uint64_t> messages;
  std::optional<std::size_t> count;
  std::size_t threads = 1;
  ProtocolVersion version = ProtocolVersion::resp2;
  PaddingCheck padding = PaddingCheck::last_bytes;
};

/// All scenarios, in the order in which they are run.
const std::vector<Scenario>& all_scenarios();

/// The scenario of that name. Throws BenchError if there is none.
const Scenario& find_scenario(std::string_view name);

/// `scenario` with the changes. Throws BenchError if the result makes no sense (a payload smaller than the stamp...).
Scenario changed(Scenario scenario, const ScenarioChanges& changes);

/// Descriptors that the bench and the server each need for it, roughly.
std::size_t descriptors_of(const Scenario& scenario);

}  // namespace respublica::bench
