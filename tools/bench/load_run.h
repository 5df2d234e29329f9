#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "tools/bench/latency_histogram.h"
#include "tools/bench/load_loop.h"
#include "tools/bench/load_progress.h"
#include "tools/bench/load_shape.h"
#include "tools/bench/process_usage.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// What one phase of a load did. The phase ends when its last delivery has arrived, so the server's CPU time covers
/// exactly these messages.
struct PhaseResult {
  std::uint64_t published = 0;
  std::uint64_t delivered = 0;
  double seconds = 0;
  std::optional<CpuTime> server;  ///< none: the server's process is not known
  CpuTime bench;
};

/// A load against one server: makes all connections, then runs phases of publishing over them and checks every
/// delivery. Errors: BenchError; a lost, repeated or reordered message is one. Thread: one (which starts the loops').
class LoadRun {
 public:
  /// Connects and subscribes everything.
  LoadRun(const LoadShape& shape, Target& target, ProgressLine& progress_line);

  PhaseResult run_phase(double seconds);
  /// As many messages, however long it takes.
  PhaseResult run_messages(std::uint64_t messages);
  /// The phase that the shape asks for.
  PhaseResult run_measured();

  /// Open loop: latencies since the start or the last reset.
  LatencyHistogram latencies() const;
  void reset_latencies();
  /// All subscribers of one channel must have heard the same messages in the same order. After the last phase.
  void check_one_order() const;

 private:
  void add_subscribers();
  void add_publishers();
  void add_idle_connections();
  PhaseResult run(std::int64_t duration_ns, std::uint64_t messages);
  void run_loops();
  void watch_progress(std::uint64_t& last_seen, std::int64_t& last_change_ns);

  LoadShape shape_;
  Target& target_;
  ProgressLine& progress_line_;
  LoadProgress progress_;
  std::vector<MessageShape> deliveries_;  ///< by channel
  std::deque<LoadLoop> loops_;
  std::vector<ClientConnection> idle_;
};

}  // namespace respublica::bench
