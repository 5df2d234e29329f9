#include "server/stats_totals.h"

#include <algorithm>
#include <array>
#include <utility>

namespace respublica {
namespace {

/// Each total and the counter it is the sum of.
constexpr std::array<std::pair<std::uint64_t StatsTotals::*, Counter IoCounters::*>, 13> kSums = {{
    {&StatsTotals::connections_received, &IoCounters::connections_received},
    {&StatsTotals::rejected_connections, &IoCounters::rejected_connections},
    {&StatsTotals::commands_processed, &IoCounters::commands_processed},
    {&StatsTotals::net_input_bytes, &IoCounters::net_input_bytes},
    {&StatsTotals::net_output_bytes, &IoCounters::net_output_bytes},
    {&StatsTotals::messages_published, &IoCounters::messages_published},
    {&StatsTotals::messages_delivered, &IoCounters::messages_delivered},
    {&StatsTotals::output_limit_disconnections, &IoCounters::output_limit_disconnections},
    {&StatsTotals::query_limit_disconnections, &IoCounters::query_limit_disconnections},
    {&StatsTotals::reads_processed, &IoCounters::reads_processed},
    {&StatsTotals::writes_processed, &IoCounters::writes_processed},
    {&StatsTotals::loop_turns, &IoCounters::loop_turns},
    {&StatsTotals::error_replies, &IoCounters::error_replies},
}};

void add(CommandTotals& totals, const CommandCounters& counters) {
  totals.calls += counters.calls.value();
  totals.nanoseconds += counters.nanoseconds.value();
  totals.rejected_calls += counters.rejected_calls.value();
  totals.failed_calls += counters.failed_calls.value();
  for (std::size_t i = 0; i < totals.latency.size(); ++i) totals.latency[i] += counters.latency[i].value();
}

/// Not below 0: `earlier` is the newer one when CONFIG RESETSTAT came in between.
void subtract(std::uint64_t& total, std::uint64_t earlier) { total -= std::min(total, earlier); }

void subtract(CommandTotals& totals, const CommandTotals& earlier) {
  subtract(totals.calls, earlier.calls);
  subtract(totals.nanoseconds, earlier.nanoseconds);
  subtract(totals.rejected_calls, earlier.rejected_calls);
  subtract(totals.failed_calls, earlier.failed_calls);
  for (std::size_t i = 0; i < totals.latency.size(); ++i) subtract(totals.latency[i], earlier.latency[i]);
}

}  // namespace

StatsTotals StatsTotals::since(const StatsTotals& earlier) const {
  StatsTotals difference = *this;
  for (const auto& [total, counter] : kSums) subtract(difference.*total, earlier.*total);
  for (std::size_t i = 0; i < earlier.per_command.size(); ++i) {
    subtract(difference.per_command[i], earlier.per_command[i]);
  }
  return difference;
}

StatsTotals sum_counters(const std::vector<std::unique_ptr<IoCounters>>& counters, std::size_t commands) {
  StatsTotals totals;
  totals.per_command.resize(commands);
  for (const auto& thread : counters) {
    for (const auto& [total, counter] : kSums) totals.*total += (*thread.*counter).value();
    for (std::size_t i = 0; i < commands; ++i) add(totals.per_command[i], thread->per_command[i]);
  }
  return totals;
}

std::map<std::string, std::uint64_t, std::less<>> sum_errors(const std::vector<std::unique_ptr<IoCounters>>& counters) {
  std::map<std::string, std::uint64_t, std::less<>> sum;
  for (const auto& thread : counters) {
    for (const auto& [code, count] : thread->errors()) sum[code] += count;
  }
  return sum;
}

}  // namespace respublica
