#pragma once

#include "tools/bench/metric.h"
#include "tools/bench/scenario.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// Runs the scenario once against a server and returns what was measured. Errors: BenchError, also if the server
/// lost, repeated or reordered a message. Thread: one.
Metrics run_scenario(const Scenario& scenario, Target& target, ProgressLine& progress_line);

}  // namespace respublica::bench
