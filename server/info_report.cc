#include "server/info_report.h"

#include <algorithm>
#include <chrono>

#include "server/durable_channels.h"
#include "server/io_thread.h"
#include "server/session.h"

namespace respublica {
namespace {

void write_clients(InfoWriter& out, ServerState& server, const ClientFigures& clients) {
  out.section("Clients");
  out.field("connected_clients", clients.clients);
  out.field("cluster_connections", 0);
  out.field("maxclients", server.settings()->maxclients);
  out.field("client_recent_max_input_buffer", clients.longest_input);
  out.field("client_recent_max_output_buffer", clients.longest_output);
  out.field("blocked_clients", clients.blocked_clients);
  out.field("tracking_clients", clients.tracking_clients);
  out.field("pubsub_clients", clients.pubsub_clients);
  out.field("watching_clients", clients.watching_clients);
  out.field("clients_in_timeout_table", 0);
  out.field("total_watched_keys", clients.watched_keys);
  out.field("total_blocking_keys", 0);
  out.field("total_blocking_keys_on_nokey", 0);
}

/// The log of durable channels is what the append-only file is to Redis; there are no snapshots.
void write_persistence(InfoWriter& out, ServerState& server) {
  const auto started = std::chrono::duration_cast<std::chrono::seconds>(server.started_wall().time_since_epoch());
  out.section("Persistence");
  out.field("loading", 0);
  out.field("async_loading", 0);
  out.field("current_cow_peak", 0);
  out.field("current_cow_size", 0);
  out.field("current_cow_size_age", 0);
  out.field("current_fork_perc", "0.00");
  out.field("current_save_keys_processed", 0);
  out.field("current_save_keys_total", 0);
  out.field("rdb_changes_since_last_save", 0);
  out.field("rdb_bgsave_in_progress", 0);
  out.field("rdb_last_save_time", started.count());
  out.field("rdb_last_bgsave_status", "ok");
  out.field("rdb_last_bgsave_time_sec", -1);
  out.field("rdb_current_bgsave_time_sec", -1);
  out.field("rdb_saves", 0);
  out.field("rdb_last_cow_size", 0);
  out.field("rdb_last_load_keys_expired", 0);
  out.field("rdb_last_load_keys_loaded", 0);
  out.field("aof_enabled", server.settings()->appendonly ? 1 : 0);
  out.field("aof_rewrite_in_progress", 0);
  out.field("aof_rewrite_scheduled", 0);
  out.field("aof_last_rewrite_time_sec", -1);
  out.field("aof_current_rewrite_time_sec", -1);
  out.field("aof_last_bgrewrite_status", "ok");
  out.field("aof_last_write_status", server.durable().takes_writes() ? "ok" : "err");
  out.field("aof_last_cow_size", 0);
  if (server.settings()->appendonly) {
    out.field("aof_current_size", server.durable().log_bytes());
    out.field("aof_base_size", server.durable().log_bytes_at_start());
  }
  out.field("module_fork_in_progress", 0);
  out.field("module_fork_last_cow_size", 0);
}

void write_replication(InfoWriter& out, ServerState& server) {
  out.section("Replication");
  out.field("role", "master");
  out.field("connected_slaves", 0);
  out.field("master_failover_state", "no-failover");
  out.field("master_replid", server.run_id());
  out.field("master_replid2", std::string(server.run_id().size(), '0'));
  out.field("master_repl_offset", 0);
  out.field("second_repl_offset", -1);
  out.field("repl_backlog_active", 0);
  out.field("repl_backlog_size", 0);
  out.field("repl_backlog_first_byte_offset", 0);
  out.field("repl_backlog_histlen", 0);
}

void write_cluster(InfoWriter& out) {
  out.section("Cluster");
  out.field("cluster_enabled", 0);
}

}  // namespace

void ClientFigures::add(const ClientFigures& other) {
  clients += other.clients;
  pubsub_clients += other.pubsub_clients;
  blocked_clients += other.blocked_clients;
  tracking_clients += other.tracking_clients;
  watching_clients += other.watching_clients;
  watched_keys += other.watched_keys;
  output_bytes += other.output_bytes;
  longest_output = std::max(longest_output, other.longest_output);
  input_bytes += other.input_bytes;
  longest_input = std::max(longest_input, other.longest_input);
  memory_bytes += other.memory_bytes;
}

ClientFigures client_figures(IoThread& io) {
  ClientFigures sum;
  io.for_each_session([&](Session& session) {
    if (session.closing()) return;
    const ClientState& client = session.client();
    ClientFigures one;
    one.clients = 1;
    one.pubsub_clients = client.subscribed() ? 1 : 0;
    one.blocked_clients = session.blocked() ? 1 : 0;
    one.tracking_clients = client.tracking ? 1 : 0;
    one.watched_keys = client.details ? client.details->watches.size() : 0;
    one.watching_clients = one.watched_keys != 0 ? 1 : 0;
    one.output_bytes = one.longest_output = session.output().size();
    one.input_bytes = one.longest_input = session.query_buffer_bytes();
    one.memory_bytes = session.memory_bytes();
    sum.add(one);
  });
  return sum;
}

std::string info_report(ServerState& server, const ClientFigures& clients, const InfoSelection& selection) {
  InfoWriter out;
  if (selects(selection, InfoSection::server)) write_info_server(out, server);
  if (selects(selection, InfoSection::clients)) write_clients(out, server, clients);
  if (selects(selection, InfoSection::memory)) write_info_memory(out, server, clients);
  if (selects(selection, InfoSection::persistence)) write_persistence(out, server);
  if (selects(selection, InfoSection::stats)) write_info_stats(out, server);
  if (selects(selection, InfoSection::replication)) write_replication(out, server);
  if (selects(selection, InfoSection::cpu)) write_info_cpu(out);
  if (selects(selection, InfoSection::modules)) out.section("Modules");
  if (selects(selection, InfoSection::commandstats)) write_info_commandstats(out, server);
  if (selects(selection, InfoSection::errorstats)) write_info_errorstats(out, server);
  if (selects(selection, InfoSection::latencystats)) write_info_latencystats(out, server);
  if (selects(selection, InfoSection::cluster)) write_cluster(out);
  if (selects(selection, InfoSection::keyspace)) out.section("Keyspace");
  if (selects(selection, InfoSection::respublica)) write_info_respublica(out, server);
  return out.take();
}

}  // namespace respublica
