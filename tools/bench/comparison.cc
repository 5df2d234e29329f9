#include "tools/bench/comparison.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tools/bench/bench_error.h"
#include "tools/bench/report.h"
#include "tools/bench/scenario_run.h"

namespace respublica::bench {

namespace {

constexpr int kBenchCpu = 1;

/// The servers inherit the limit. Throws if the system does not allow as many.
void allow_descriptors(std::size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t soft = std::max<rlim_t>(limit.rlim_cur, wanted);
  const rlimit raised{soft, std::max<rlim_t>(limit.rlim_max, soft)};
  if (soft != limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &raised) != 0) {
    throw BenchError(
        fmt::format("needs {} descriptors, but `ulimit -Hn` is {}: {}", wanted, limit.rlim_max, std::strerror(errno)));
  }
}

void pin_to_cpu(int cpu) {
  if (std::thread::hardware_concurrency() <= static_cast<unsigned>(cpu)) {
    throw BenchError("--pin needs two CPUs");
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<std::size_t>(cpu), &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) != 0) {
    throw BenchError(fmt::format("cannot pin to CPU {}: {}", cpu, std::strerror(errno)));
  }
}

/// The versions that INFO shows: "respublica_version:..., redis_version:...". Empty if it shows none.
std::string version_of(const Endpoint& endpoint) {
  ClientConnection connection = ClientConnection::open(endpoint, ProtocolVersion::resp2);
  const std::string info = connection.command({"INFO", "server"});
  std::string versions;
  for (const char* field : {"respublica_version:", "redis_version:", "valkey_version:"}) {
    const std::size_t at = info.find(std::string("\n") + field);
    if (at != std::string::npos) {
      versions += fmt::format("{}{}", versions.empty() ? "" : ", ", info.substr(at + 1, info.find('\r', at) - at - 1));
    }
  }
  return versions;
}

Target make_target(const Options& options, const std::optional<ServerProgram>& program, const Scenario& scenario) {
  if (program) {
    ServerProgram needed = *program;
    if (scenario.kind == ScenarioKind::disk_latency) {
      if (!std::filesystem::exists(options.disk_shim)) {
        throw BenchError(fmt::format("{} needs {}: build it or give --disk-shim", scenario.name, options.disk_shim));
      }
      needed.disk_shim = options.disk_shim;
    }
    return Target(ServerProcess::start(needed, scenario.server_arguments));
  }
  return {options.endpoint, options.pid};
}

/// One run against one server. The server is stopped afterwards if the bench started it.
Metrics run_once(const Options& options, const std::optional<ServerProgram>& program, const Scenario& scenario,
                 ProgressLine& progress_line) {
  const std::string name = program ? program->label : options.endpoint.name();
  Target target = make_target(options, program, scenario);
  try {
    return run_scenario(scenario, target, progress_line);
  } catch (const BenchError& error) {
    const auto obituary = target.process() == nullptr ? std::nullopt : target.process()->obituary();
    throw BenchError(fmt::format("{} against {}: {}", scenario.name, name, obituary ? *obituary : error.what()));
  }
}

ScenarioResults run_interleaved(const Options& options, const Scenario& scenario, ProgressLine& progress_line) {
  ScenarioResults results{scenario.name, {}, {}};
  for (std::size_t run = 1; run <= options.runs; ++run) {
    const std::string task = fmt::format("{}, run {} of {}", scenario.name, run, options.runs);
    if (options.peer && scenario.compares()) {
      progress_line.set_task(fmt::format("{}, {}", task, options.peer->label));
      results.peer.push_back(run_once(options, options.peer, scenario, progress_line));
    }
    progress_line.set_task(
        fmt::format("{}, {}", task, options.server ? options.server->label : options.endpoint.name()));
    results.ours.push_back(run_once(options, options.server, scenario, progress_line));
  }
  return results;
}

ReportHeading make_heading(const Options& options) {
  ReportHeading heading;
  heading.command_line = options.command_line;
  heading.runs = options.runs;
  heading.our_name = options.server ? options.server->label : options.endpoint.name();
  heading.our_version = version_of(make_target(options, options.server, {}).endpoint());
  if (options.peer) {
    heading.peer_name = options.peer->label;
    heading.peer_version = version_of(make_target(options, options.peer, {}).endpoint());
  }
  return heading;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) {
    throw BenchError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  }
}

}  // namespace

void run_all(const Options& options) {
  std::size_t descriptors = 0;
  for (const Scenario& scenario : options.scenarios) {
    descriptors = std::max(descriptors, descriptors_of(scenario));
  }
  allow_descriptors(descriptors);
  if (options.pin) {
    pin_to_cpu(kBenchCpu);
  }
  ProgressLine progress_line(options.progress);
  const ReportHeading heading = make_heading(options);
  fmt::print("{} {}\n", heading.our_name, heading.our_version);
  if (options.peer) {
    fmt::print("{} {}\n", heading.peer_name, heading.peer_version);
  }
  std::vector<ScenarioResults> all;
  for (const Scenario& scenario : options.scenarios) {
    all.push_back(run_interleaved(options, scenario, progress_line));
    progress_line.clear();
    fmt::print("{}", table_of(heading, all.back()));
    std::fflush(stdout);
  }
  if (all.size() > 1) {
    fmt::print("{}", overview_of(heading, all));
  }
  if (!options.json_file.empty()) {
    write_file(options.json_file, json_of(heading, all));
  }
}

}  // namespace respublica::bench
