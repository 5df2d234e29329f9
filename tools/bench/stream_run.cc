#include "tools/bench/stream_run.h"

#include "tools/bench/process_usage.h"
#include "tools/bench/settled_memory.h"
#include "tools/bench/stream_filling.h"
#include "tools/bench/stream_reading.h"

namespace respublica::bench {

namespace {

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

}  // namespace

Metrics run_stream_reading(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  target.need_process(scenario.name);
  const LoadShape shape = fill_stream(scenario, target, progress_line);
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
  const LoadShape shape = fill_stream(scenario, target, progress_line);
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
