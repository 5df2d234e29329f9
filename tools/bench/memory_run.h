#pragma once

#include "tools/bench/metric.h"
#include "tools/bench/scenario.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

// The server's user memory: growth of its anonymous pages. Errors: BenchError, also if the server's process is not
// known. Thread: one.

/// Bytes for each of scenario.count subscribers that sit there, each on a channel of its own: just after the last one
/// connected, and when the server's memory no longer changes.
Metrics measure_idle_subscribers(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// Bytes for each of scenario.count subscriptions of one connection, names of 20 bytes.
Metrics measure_subscriptions(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// Bytes for each of scenario.count messages queued for subscribers that never read. First one subscriber, then two on
/// another channel: what the second one adds is the cost beyond the copy that they may share. Lifts the server's
/// output limit for pub/sub.
Metrics measure_queued_messages(const Scenario& scenario, Target& target, ProgressLine& progress_line);

}  // namespace respublica::bench
