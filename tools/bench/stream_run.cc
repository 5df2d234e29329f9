#include "tools/bench/stream_run.h"

#include <chrono>
#include <string>
#include <thread>

#include "tools/bench/interruption.h"
#include "tools/bench/load_run.h"
#include "tools/bench/settled_memory.h"
#include "tools/bench/stream_reading.h"

namespace respublica::bench {

namespace {

constexpr auto kRewritePoll = std::chrono::milliseconds(100);

/// How the entries of a scenario are written: its shape says how they are read.
LoadShape filling(const Scenario& scenario) {
  LoadShape shape;
  shape.write = WriteCommand::xadd;
  shape.publishers = 10;
  shape.payload = scenario.shape.payload;
  shape.version = scenario.shape.version;
  return shape;
}

/// Writes the stream and returns the shape of what is in it.
LoadShape fill(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const LoadShape shape = filling(scenario);
  LoadRun(shape, target, progress_line).run_messages(scenario.count);
  check_kept(target.endpoint(), shape, scenario.count, progress_line);
  return shape;
}

/// Redis rewrites its file in a second process when it has grown; what follows would stop that half way.
void wait_for_rewrites(const Target& target, ProgressLine& progress_line) {
  ClientConnection connection = ClientConnection::open(target.endpoint(), ProtocolVersion::resp2);
  while (true) {
    const std::string info = connection.command({"INFO", "persistence"});
    if (info.find("aof_rewrite_in_progress:1") == std::string::npos &&
        info.find("aof_rewrite_scheduled:1") == std::string::npos) {
      return;
    }
    throw_if_interrupted();
    progress_line.show("waiting for the server to rewrite its file");
    std::this_thread::sleep_for(kRewritePoll);
  }
}

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

}  // namespace

Metrics run_stream_reading(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  target.need_process(scenario.name);
  const LoadShape shape = fill(scenario, target, progress_line);
  wait_for_rewrites(target, progress_line);
  ClientConnection connection = ClientConnection::open(target.endpoint(), shape.version);
  const auto read_all = [&] { return read_channel(connection, shape, 0, scenario.shape.pipeline, progress_line); };
  read_all();
  const CpuTime server_before = cpu_time_of(*target.pid());
  const CpuTime bench_before = cpu_time_of(getpid());
  const std::int64_t begin = monotonic_ns();
  const auto elapsed = [begin] { return static_cast<double>(monotonic_ns() - begin) / 1e9; };
  std::uint64_t read = 0;
  while (read == 0 || elapsed() < scenario.shape.seconds) {
    read += read_all();
  }
  const double seconds = elapsed();
  const double entries = static_cast<double>(read);
  const double server_seconds = static_cast<double>((cpu_time_of(*target.pid()) - server_before).total_ns) / 1e9;
  const double bench_seconds = static_cast<double>((cpu_time_of(getpid()) - bench_before).total_ns) / 1e9;
  return {{"entries read/second of server CPU", "/s", entries / server_seconds, Better::higher},
          {"server CPU/entry", "ns", server_seconds / entries * 1e9},
          {"entries read", "/s", entries / seconds, Better::higher},
          {"server load", "%", server_seconds / seconds * 100, Better::neither},
          {"bench load", "%", bench_seconds / seconds * 100, Better::neither}};
}

Metrics run_restart(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  ServerProcess& process = target.need_process(scenario.name);
  const std::int64_t empty = anonymous_memory_of(process.pid());
  const LoadShape shape = fill(scenario, target, progress_line);
  wait_for_rewrites(target, progress_line);
  const std::int64_t written = settled_memory_of(process.pid(), progress_line);
  process.restart();
  const std::int64_t found = anonymous_memory_of(process.pid());
  check_kept(target.endpoint(), shape, scenario.count, progress_line);
  return {{"exec to PONG with the entries", "ms", process.startup_ms()},
          {"user memory, entries written", "MB", megabytes(written)},
          {"user memory, entries found at start", "MB", megabytes(found)},
          {"user memory, empty", "MB", megabytes(empty)}};
}

}  // namespace respublica::bench
