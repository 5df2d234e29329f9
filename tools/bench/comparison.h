#pragma once

#include "tools/bench/options.h"

namespace respublica::bench {

/// Runs the scenarios that the options ask for, each run against a server of its own, peer and ours in turns; prints
/// a table after each scenario, and the overview and the JSON file at the end.
/// Errors: BenchError; the servers are stopped before it leaves. Thread: one.
void run_all(const Options& options);

}  // namespace respublica::bench
