// INFO's sections about what has been done: stats, commandstats, errorstats, latencystats, respublica.

#include <algorithm>
#include <chrono>
#include <string>

#include "server/durable_channels.h"
#include "server/info_report.h"
#include "server/stats_latency.h"
#include "server/stats_totals.h"

namespace respublica {
namespace {

constexpr double kBytesPerKilobyte = 1024;

StatsTotals all_time(ServerState& server) { return sum_counters(server.counters(), server.commands().all().size()); }

/// What happened since the start or the last CONFIG RESETSTAT.
StatsTotals since_reset(ServerState& server) { return server.stats().since_reset(all_time(server)); }

void write_keyspace_stats(InfoWriter& out) {
  for (const std::string_view name : {"sync_full",
                                      "sync_partial_ok",
                                      "sync_partial_err",
                                      "expired_keys",
                                      "expired_time_cap_reached_count",
                                      "evicted_keys",
                                      "total_eviction_exceeded_time",
                                      "current_eviction_exceeded_time",
                                      "keyspace_hits",
                                      "keyspace_misses",
                                      "latest_fork_usec",
                                      "total_forks",
                                      "migrate_cached_sockets",
                                      "slave_expires_tracked_keys",
                                      "active_defrag_hits",
                                      "active_defrag_misses",
                                      "active_defrag_key_hits",
                                      "active_defrag_key_misses",
                                      "total_active_defrag_time",
                                      "current_active_defrag_time",
                                      "tracking_total_keys",
                                      "tracking_total_items",
                                      "tracking_total_prefixes"}) {
    out.field(name, 0);
  }
}

double microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

/// "p50", "p99.9".
std::string percentile_name(double percentile) { return fmt::format("p{:g}", percentile); }

void write_dead_letters(InfoWriter& out, const DeadLetterCounts& counts) {
  out.field("dead_letters", counts.total());
  for (std::size_t i = 0; i < kDeathReasons.size(); ++i) {
    std::string name(kDeathReasons[i]);
    std::ranges::replace(name, '-', '_');
    out.field("dead_letters_" + name, counts.written[i]);
  }
  out.field("dead_letters_failed", counts.failed);
  out.field("dead_letters_redriven", counts.redriven);
  out.field("dead_letters_discarded", counts.discarded);
}

}  // namespace

void write_info_stats(InfoWriter& out, ServerState& server) {
  const StatsTotals forever = all_time(server);
  const StatsTotals totals = server.stats().since_reset(forever);
  const StatsRates rates = server.stats().rates({std::chrono::steady_clock::now(), forever.commands_processed,
                                                 forever.net_input_bytes, forever.net_output_bytes});
  out.section("Stats");
  out.field("total_connections_received", totals.connections_received);
  out.field("total_commands_processed", totals.commands_processed);
  out.field("instantaneous_ops_per_sec", static_cast<std::uint64_t>(rates.commands));
  out.field("total_net_input_bytes", totals.net_input_bytes);
  out.field("total_net_output_bytes", totals.net_output_bytes);
  out.field("total_net_repl_input_bytes", 0);
  out.field("total_net_repl_output_bytes", 0);
  out.decimal("instantaneous_input_kbps", rates.input_bytes / kBytesPerKilobyte, 2);
  out.decimal("instantaneous_output_kbps", rates.output_bytes / kBytesPerKilobyte, 2);
  out.decimal("instantaneous_input_repl_kbps", 0, 2);
  out.decimal("instantaneous_output_repl_kbps", 0, 2);
  out.field("rejected_connections", totals.rejected_connections);
  out.field("evicted_clients", 0);
  write_keyspace_stats(out);
  out.field("pubsub_channels", server.registry().channel_count(ChannelKind::channel));
  out.field("pubsub_patterns", server.registry().patterns());
  out.field("pubsubshard_channels", server.registry().channel_count(ChannelKind::shard_channel));
  out.field("unexpected_error_replies", 0);
  out.field("total_error_replies", totals.error_replies);
  out.field("dump_payload_sanitizations", 0);
  out.field("total_reads_processed", totals.reads_processed);
  out.field("total_writes_processed", totals.writes_processed);
  out.field("client_query_buffer_limit_disconnections", totals.query_limit_disconnections);
  out.field("client_output_buffer_limit_disconnections", totals.output_limit_disconnections);
  out.field("eventloop_cycles", totals.loop_turns);
}

void write_info_commandstats(InfoWriter& out, ServerState& server) {
  const StatsTotals totals = since_reset(server);
  out.section("Commandstats");
  for (const Command* command : server.commands().all()) {
    const CommandTotals& counted = totals.per_command[command->number];
    if (!counted.called()) continue;
    const double usec = microseconds(counted.nanoseconds);
    out.field(fmt::format("cmdstat_{}", command->row.name),
              fmt::format("calls={},usec={:.0f},usec_per_call={:.2f},rejected_calls={},failed_calls={}", counted.calls,
                          usec, counted.calls == 0 ? 0 : usec / static_cast<double>(counted.calls),
                          counted.rejected_calls, counted.failed_calls));
  }
}

void write_info_errorstats(InfoWriter& out, ServerState& server) {
  out.section("Errorstats");
  for (const auto& [code, count] : sum_errors(server.counters())) {
    out.field(fmt::format("errorstat_{}", code), fmt::format("count={}", count));
  }
}

void write_info_latencystats(InfoWriter& out, ServerState& server) {
  const auto settings = server.settings();
  out.section("Latencystats");
  if (!settings->latency_tracking) return;
  const StatsTotals totals = since_reset(server);
  for (const Command* command : server.commands().all()) {
    const CommandTotals& counted = totals.per_command[command->number];
    if (counted.calls == 0) continue;
    std::string percentiles;
    for (const double percentile : settings->latency_tracking_info_percentiles) {
      if (!percentiles.empty()) percentiles += ',';
      percentiles +=
          fmt::format("{}={:.3f}", percentile_name(percentile), latency_percentile(counted.latency, percentile));
    }
    out.field(fmt::format("latency_percentiles_usec_{}", command->row.name), percentiles);
  }
}

void write_info_respublica(InfoWriter& out, ServerState& server) {
  const StatsTotals totals = since_reset(server);
  out.section("Respublica");
  out.field("messages_published", totals.messages_published);
  out.field("messages_delivered", totals.messages_delivered);
  write_dead_letters(out, server.durable().dead_letters());
  out.field("monitor_clients", server.monitors().load(std::memory_order_relaxed));
  out.field("io_threads", server.counters().size());
  for (std::size_t i = 0; i < server.counters().size(); ++i) {
    const IoCounters& thread = *server.counters()[i];
    out.field(fmt::format("io_thread_{}", i),
              fmt::format("clients={},commands={},published={},delivered={},reads={},writes={},turns={}",
                          thread.clients.value(), thread.commands_processed.value(), thread.messages_published.value(),
                          thread.messages_delivered.value(), thread.reads_processed.value(),
                          thread.writes_processed.value(), thread.loop_turns.value()));
  }
}

}  // namespace respublica
