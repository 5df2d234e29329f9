#include "tools/bench/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tools/bench/bench_error.h"

namespace respublica::bench {

namespace {

constexpr const char* kDescription =
    "Load generator and checker for Redis pub/sub servers. Every delivery is counted and its order checked;\n"
    "what is measured first is the server's CPU time, which a busy machine disturbs less than throughput.\n\n"
    "  respublica-bench --server build/release/respublica --compare redis-server --pin fanout-100-64\n"
    "  respublica-bench --port 6379 --pid $(pidof redis-server) publish-nosub\n"
    "  respublica-bench --port 6379 --rate 20000 --subscribers 10 --seconds 30 latency-100";

constexpr const char* kServerGroup = "Server";
constexpr const char* kLoadGroup = "Parameters of the scenarios (default: each scenario's own, see --list)";
constexpr const char* kRunGroup = "Runs and report";

/// The command line as CLI11 fills it, before anything is derived from it.
struct RawOptions {
  std::vector<std::string> names;
  std::string server;
  std::string server_arguments;
  std::string peer;
  std::string peer_arguments;
  std::size_t io_threads = 1;
  int resp = 2;
  bool list = false;
  bool progress = false;
  bool quiet = false;
  bool every_byte = false;
  ScenarioChanges changes;
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

void add_server_options(CLI::App& app, RawOptions& raw, Options& options) {
  app.add_option("--server", raw.server, "Program to start and measure (path, or name in PATH)")->group(kServerGroup);
  app.add_option("--server-args", raw.server_arguments, "More arguments for it, separated by blanks")
      ->group(kServerGroup);
  app.add_option("--io-threads", raw.io_threads, "Its io threads")->group(kServerGroup)->capture_default_str();
  app.add_option("--compare", raw.peer, "Peer to start and measure in turns with --server, redis-server for example")
      ->group(kServerGroup);
  app.add_option("--compare-args", raw.peer_arguments, "More arguments for the peer")->group(kServerGroup);
  app.add_option("--host", options.endpoint.host, "Server that runs already")
      ->group(kServerGroup)
      ->capture_default_str();
  app.add_option("-p,--port", options.endpoint.port, "Its port")->group(kServerGroup)->capture_default_str();
  app.add_option("--unixsocket", options.endpoint.unix_socket, "Its unix socket, instead of host and port")
      ->group(kServerGroup);
  app.add_option("-a,--password", options.endpoint.password, "Its password")->group(kServerGroup);
  app.add_option("--pid", options.pid, "Its process, to measure CPU and memory")->group(kServerGroup);
}

void add_load_options(CLI::App& app, RawOptions& raw) {
  ScenarioChanges& changes = raw.changes;
  app.add_option("--publishers", changes.publishers, "Connections that publish")->group(kLoadGroup);
  app.add_option("--subscribers", changes.subscribers, "Connections that subscribe")->group(kLoadGroup);
  app.add_option("--channels", changes.channels, "Subscriber i hears channel i mod channels; publishers take turns")
      ->group(kLoadGroup);
  app.add_option("--idle", changes.idle_connections, "More subscribers that hear nothing")->group(kLoadGroup);
  app.add_option("--payload", changes.payload, "Bytes of a message, at least 24")->group(kLoadGroup);
  app.add_option("--pipeline", changes.pipeline,
                 "Commands sent together; xread, group-...: entries with each XREAD or XREADGROUP")
      ->group(kLoadGroup);
  app.add_option("--window", changes.window, "Closed loop: deliveries under way, in batches of each publisher")
      ->group(kLoadGroup);
  app.add_option("--rate", changes.rate, "Open loop: messages per second of all publishers together; 0: closed loop")
      ->group(kLoadGroup);
  app.add_option("--seconds", changes.seconds, "Length of the measured phase")->group(kLoadGroup);
  app.add_option("--warmup", changes.warmup_seconds, "Seconds of load before it")->group(kLoadGroup);
  app.add_option("--messages", changes.messages, "Length of the measured phase, instead of seconds")->group(kLoadGroup);
  app.add_option("--count", changes.count, "Patterns, connections, subscriptions, messages, entries or ms (see --list)")
      ->group(kLoadGroup);
  app.add_option("--resp", raw.resp, "Version of the protocol")
      ->check(CLI::IsMember({2, 3}))
      ->group(kLoadGroup)
      ->capture_default_str();
  app.add_flag("--check-every-byte", raw.every_byte, "Compare whole payloads; default: the stamp and the last bytes")
      ->group(kLoadGroup);
}

void add_run_options(CLI::App& app, RawOptions& raw, Options& options) {
  app.add_option("--runs", options.runs, "Runs of each scenario")
      ->check(CLI::PositiveNumber)
      ->group(kRunGroup)
      ->capture_default_str();
  app.add_option("--disk-shim", options.disk_shim, "Library that makes the servers' disk slow in latency-...")
      ->group(kRunGroup)
      ->capture_default_str();
  app.add_flag("--pin", options.pin, "Server on CPU 0, bench on CPU 1: less noise (for one io thread)")
      ->group(kRunGroup);
  app.add_option("--threads", raw.changes.threads, "Threads of the bench")->group(kRunGroup)->capture_default_str();
  app.add_option("--json", options.json_file, "Write all results to this file too")->group(kRunGroup);
  app.add_flag("--progress", raw.progress, "Show progress also if stderr is no terminal")->group(kRunGroup);
  app.add_flag("--quiet", raw.quiet, "Never show progress")->group(kRunGroup);
  app.add_flag("--list", raw.list, "List the scenarios and stop")->group(kRunGroup);
  app.add_option("scenario", raw.names, "Scenarios to run; default: all");
}

std::string list_of_scenarios() {
  std::string text;
  for (const Scenario& scenario : all_scenarios()) {
    const LoadShape& load = scenario.shape;
    text += fmt::format("{:<26}{}\n", scenario.name, scenario.summary);
    if (scenario.has_load()) {
      text += fmt::format("{:<26}publishers {}, subscribers {}, channels {}, payload {}, pipeline {}, seconds {}", "",
                          load.publishers, load.subscribers, load.channels, load.payload, load.pipeline, load.seconds);
      text += load.open_loop() ? fmt::format(", rate {}", load.rate) : "";
      text += load.idle_connections > 0 ? fmt::format(", idle {}", load.idle_connections) : "";
      text += scenario.count > 0 ? fmt::format(", count {}", scenario.count) : "";
      text += "\n";
    } else if (scenario.count > 0) {
      text += fmt::format("{:<26}count {}\n", "", scenario.count);
    }
  }
  return text;
}

ServerProgram program_of(const std::string& path, std::vector<std::string> first, const std::string& more, bool pin) {
  ServerProgram program;
  program.label = std::filesystem::path(path).filename().string();
  program.path = path;
  program.arguments = std::move(first);
  for (std::string& word : words_of(more)) {
    program.arguments.push_back(std::move(word));
  }
  if (pin) {
    program.cpu = 0;
  }
  return program;
}

/// redis-server keeps nothing on disk; ours needs no such argument, but is told how many io threads to use.
void derive(const RawOptions& raw, Options& options) {
  if (!raw.peer.empty() && raw.server.empty()) {
    throw BenchError("--compare needs --server: the program that is compared with the peer");
  }
  if (!raw.server.empty()) {
    options.server =
        program_of(raw.server, {"--io-threads", std::to_string(raw.io_threads)}, raw.server_arguments, options.pin);
  }
  if (!raw.peer.empty()) {
    options.peer = program_of(raw.peer, {"--save", "", "--appendonly", "no"}, raw.peer_arguments, options.pin);
    if (options.peer->label == options.server->label) {
      options.peer->label += " (peer)";
    }
  }
  options.progress = raw.quiet      ? ProgressLine::Use::never
                     : raw.progress ? ProgressLine::Use::always
                                    : ProgressLine::Use::if_terminal;
  ScenarioChanges changes = raw.changes;
  changes.version = raw.resp == 3 ? ProtocolVersion::resp3 : ProtocolVersion::resp2;
  changes.padding = raw.every_byte ? PaddingCheck::every_byte : PaddingCheck::last_bytes;
  if (raw.names.empty()) {
    for (const Scenario& scenario : all_scenarios()) {
      options.scenarios.push_back(changed(scenario, changes));
    }
  }
  for (const std::string& name : raw.names) {
    options.scenarios.push_back(changed(find_scenario(name), changes));
  }
}

}  // namespace

Options parse_options(int argc, char** argv) {
  CLI::App app(kDescription, "respublica-bench");
  RawOptions raw;
  Options options;
  // Where the build leaves it.
  options.disk_shim = std::filesystem::read_symlink("/proc/self/exe").replace_filename("tests/disk_fault_shim.so");
  add_server_options(app, raw, options);
  add_load_options(app, raw);
  add_run_options(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (raw.list) {
    fmt::print("{}", list_of_scenarios());
    std::exit(EXIT_SUCCESS);
  }
  for (int i = 0; i < argc; ++i) {
    options.command_line += fmt::format("{}{}", i == 0 ? "" : " ", argv[i]);
  }
  derive(raw, options);
  return options;
}

}  // namespace respublica::bench
