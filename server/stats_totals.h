#pragma once
// What all io threads have counted, added up.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/io_counters.h"

namespace respublica {

/// One command's counters, of all io threads together.
struct CommandTotals {
  std::uint64_t calls = 0;
  std::uint64_t nanoseconds = 0;
  std::uint64_t rejected_calls = 0;
  std::uint64_t failed_calls = 0;
  /// As CommandCounters::latency.
  std::array<std::uint64_t, CommandCounters::kBuckets> latency{};

  bool called() const { return calls != 0 || rejected_calls != 0 || failed_calls != 0; }
};

/// The counters that only grow. Those that say how things are right now are not in here.
struct StatsTotals {
  std::uint64_t connections_received = 0;
  std::uint64_t rejected_connections = 0;
  std::uint64_t commands_processed = 0;
  std::uint64_t net_input_bytes = 0;
  std::uint64_t net_output_bytes = 0;
  std::uint64_t messages_published = 0;
  std::uint64_t messages_delivered = 0;
  std::uint64_t output_limit_disconnections = 0;
  std::uint64_t query_limit_disconnections = 0;
  std::uint64_t reads_processed = 0;
  std::uint64_t writes_processed = 0;
  std::uint64_t loop_turns = 0;
  std::uint64_t error_replies = 0;
  /// By Command::number.
  std::vector<CommandTotals> per_command;

  /// What was counted since `earlier`; 0 where `earlier` has counted more.
  StatsTotals since(const StatsTotals& earlier) const;
};

/// Adds up the counters of all io threads; `commands` is the number of commands in the table.
/// Thread: any. Counters that change meanwhile may or may not be in it.
StatsTotals sum_counters(const std::vector<std::unique_ptr<IoCounters>>& counters, std::size_t commands);

/// Error replies by their code, of all io threads.
std::map<std::string, std::uint64_t, std::less<>> sum_errors(const std::vector<std::unique_ptr<IoCounters>>& counters);

}  // namespace respublica
