#include "server/info_report.h"

#include <set>
#include <sstream>

#include "tests/support/catch.h"

namespace respublica {
namespace {

Settings with_io_threads(int count) {
  Settings settings;
  settings.io_threads = count;
  return settings;
}

InfoSelection sections(const std::vector<std::string_view>& names) { return select_sections(names); }

/// The value of a field, or "(missing)".
std::string field(const std::string& report, const std::string& name) {
  const std::size_t start = report.find("\n" + name + ":");
  if (start == std::string::npos) return "(missing)";
  const std::size_t value = start + name.size() + 2;
  return report.substr(value, report.find('\r', value) - value);
}

TEST_CASE("no argument and default leave out what has a line for each command") {
  for (const InfoSelection& selection : {sections({}), sections({"default"}), sections({"DEFAULT"})}) {
    CHECK(selects(selection, InfoSection::server));
    CHECK(selects(selection, InfoSection::errorstats));
    CHECK_FALSE(selects(selection, InfoSection::commandstats));
    CHECK_FALSE(selects(selection, InfoSection::latencystats));
  }
  CHECK(sections({"all"}).all());
  CHECK(sections({"Everything"}).all());
}

TEST_CASE("sections are selected by name in any case, unknown names select nothing") {
  const InfoSelection selection = sections({"STATS", "nosuch", "cpu"});
  CHECK(selection.count() == 2);
  CHECK(selects(selection, InfoSection::stats));
  CHECK(selects(selection, InfoSection::cpu));
  CHECK(sections({"nosuch"}).none());
  CHECK(sections({""}).none());
}

TEST_CASE("a report is made of sections in one order, fields and CRLF") {
  ServerState server(with_io_threads(1), "");
  const std::string report = info_report(server, {}, sections({"keyspace", "cluster"}));
  CHECK(report == "# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n");
  CHECK(info_report(server, {}, sections({"nosuch"})).empty());
}

TEST_CASE("every line is a header, a field or empty, and no field is there twice") {
  ServerState server(with_io_threads(2), "/etc/respublica.conf");
  std::istringstream report(info_report(server, {}, sections({"everything"})));
  std::set<std::string> names;
  std::string line;
  while (std::getline(report, line)) {
    INFO(line);
    REQUIRE(line.ends_with('\r'));
    line.pop_back();
    if (line.empty() || line.starts_with("# ")) continue;
    const std::size_t colon = line.find(':');
    REQUIRE(colon != std::string::npos);
    CHECK(names.insert(line.substr(0, colon)).second);
  }
  for (const char* name : {"redis_version",
                           "redis_mode",
                           "os",
                           "arch_bits",
                           "process_id",
                           "run_id",
                           "tcp_port",
                           "uptime_in_seconds",
                           "respublica_version",
                           "connected_clients",
                           "blocked_clients",
                           "maxclients",
                           "pubsub_clients",
                           "watching_clients",
                           "tracking_clients",
                           "used_memory",
                           "used_memory_human",
                           "used_memory_rss",
                           "used_memory_peak",
                           "maxmemory",
                           "maxmemory_policy",
                           "mem_fragmentation_ratio",
                           "mem_clients_normal",
                           "loading",
                           "rdb_bgsave_in_progress",
                           "aof_enabled",
                           "aof_rewrite_in_progress",
                           "total_connections_received",
                           "total_commands_processed",
                           "instantaneous_ops_per_sec",
                           "total_net_input_bytes",
                           "total_net_output_bytes",
                           "rejected_connections",
                           "pubsub_channels",
                           "pubsub_patterns",
                           "pubsubshard_channels",
                           "client_output_buffer_limit_disconnections",
                           "role",
                           "connected_slaves",
                           "master_replid",
                           "master_repl_offset",
                           "used_cpu_sys",
                           "used_cpu_user",
                           "cluster_enabled"}) {
    INFO(name);
    CHECK(names.count(name) == 1);
  }
  CHECK(names.count("valkey_version") == 0);
  CHECK(names.count("server_name") == 0);
}

TEST_CASE("what clients read has the values that they expect") {
  ServerState server(with_io_threads(1), "");
  ClientFigures clients;
  clients.clients = 3;
  clients.pubsub_clients = 2;
  clients.longest_output = 77;
  const std::string report = info_report(server, clients, sections({"all"}));
  CHECK(field(report, "redis_mode") == "standalone");
  CHECK(field(report, "loading") == "0");
  CHECK(field(report, "role") == "master");
  CHECK(field(report, "connected_slaves") == "0");
  CHECK(field(report, "maxmemory_policy") == "noeviction");
  CHECK(field(report, "connected_clients") == "3");
  CHECK(field(report, "pubsub_clients") == "2");
  CHECK(field(report, "client_recent_max_output_buffer") == "77");
  CHECK(field(report, "run_id") == server.run_id());
}

TEST_CASE("counters are those of all io threads together, since the last reset") {
  ServerState server(with_io_threads(2), "");
  const Command& ping = *server.commands().find("ping");
  server.counters()[0]->commands_processed.add(5);
  server.counters()[1]->commands_processed.add(7);
  server.counters()[1]->per_command[ping.number].record(4, 4 * 3000);
  server.counters()[0]->count_error("WRONGPASS no");
  server.counters()[1]->count_error("WRONGPASS no");

  std::string report = info_report(server, {}, sections({"all"}));
  CHECK(field(report, "total_commands_processed") == "12");
  CHECK(field(report, "cmdstat_ping") == "calls=4,usec=12,usec_per_call=3.00,rejected_calls=0,failed_calls=0");
  CHECK(field(report, "errorstat_WRONGPASS") == "count=2");
  CHECK(field(report, "total_error_replies") == "2");

  server.stats().reset(sum_counters(server.counters(), server.commands().all().size()));
  server.counters()[0]->commands_processed.add(1);
  report = info_report(server, {}, sections({"all"}));
  CHECK(field(report, "total_commands_processed") == "1");
  CHECK(field(report, "cmdstat_ping") == "(missing)");
}

TEST_CASE("latency percentiles are those of the setting, and off with latency-tracking") {
  Settings settings = with_io_threads(1);
  settings.latency_tracking_info_percentiles = {50, 99.9};
  ServerState server(settings, "");
  server.counters()[0]->per_command[server.commands().find("echo")->number].record(1, 1500);
  const std::string shown = field(info_report(server, {}, sections({"latencystats"})), "latency_percentiles_usec_echo");
  CHECK(shown.starts_with("p50=1."));
  CHECK(shown.find(",p99.9=2.0") != std::string::npos);
  settings.latency_tracking = false;
  server.replace_settings(settings);
  CHECK(info_report(server, {}, sections({"latencystats"})) == "# Latencystats\r\n");
}

TEST_CASE("sizes are also shown for humans") {
  CHECK(InfoWriter::human_bytes(0) == "0B");
  CHECK(InfoWriter::human_bytes(1023) == "1023B");
  CHECK(InfoWriter::human_bytes(1024) == "1.00K");
  CHECK(InfoWriter::human_bytes(1582952) == "1.51M");
  CHECK(InfoWriter::human_bytes(25276514304) == "23.54G");
}

}  // namespace
}  // namespace respublica
