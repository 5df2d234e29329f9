#pragma once

#include <cstdint>
#include <vector>

#include "tools/bench/client_connection.h"
#include "tools/bench/group_consumer.h"
#include "tools/bench/latency_histogram.h"
#include "tools/bench/load_shape.h"
#include "tools/bench/seen_messages.h"
#include "tools/bench/xadd_replies.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// Adds entries at a fixed rate to channel 0 while the consumers of a group wait for them, and measures how long each
/// takes from when it was meant to be sent to the answer to its XACK. Errors: BenchError; an entry that is delivered
/// twice is one. Thread: one.
class GroupArrivals {
 public:
  /// The consumers block while there is nothing.
  GroupArrivals(const LoadShape& shape, ClientConnection publisher, std::vector<GroupConsumer> consumers);

  /// Adds entries for that long, waits until all are acknowledged, and returns how many there were.
  std::uint64_t run(double seconds, ProgressLine& progress_line);
  void reset_latencies() { latencies_ = LatencyHistogram(); }
  const LatencyHistogram& latencies() const { return latencies_; }

 private:
  void send(std::int64_t due_ns);
  /// Waits until something was received, or for `timeout_ns`.
  void wait(std::int64_t timeout_ns);
  void take_all(GroupConsumer& consumer);

  LoadShape shape_;
  ClientConnection publisher_;
  std::vector<GroupConsumer> consumers_;
  XaddReplies replies_;
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t acknowledged_ = 0;
  SeenMessages seen_;
  LatencyHistogram latencies_;
};

}  // namespace respublica::bench
