#pragma once

#include "tools/bench/metric.h"
#include "tools/bench/scenario.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

// Loads that the server keeps on disk. It is one that the bench started, and whatever is written is compared
// afterwards with what the server has. Errors: BenchError. Thread: one.

/// The scenario's shape, and the cost of one command. Where a shape publishes, the channels get a `durable` rule; a
/// server that knows no such rules is given XADD instead, since its PUBLISH keeps nothing.
Metrics run_durable_load(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// The shape's PUBLISHes without a rule, and then with one.
Metrics run_durable_fan_out(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// Latency of live PUBLISHes, the scenario's shape, while XADDs are committed at the same time and each sync takes
/// scenario.count ms longer than the disk needs.
Metrics run_disk_latency(const Scenario& scenario, Target& target, ProgressLine& progress_line);

}  // namespace respublica::bench
