#pragma once

#include "tools/bench/scenario.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// Writes a stream with scenario.count entries into channel 0 and looks whether all are kept; comes back when the
/// server has nothing left to do with its files. Returns the shape of what is in it. Errors: BenchError. Thread: one.
LoadShape fill_stream(const Scenario& scenario, Target& target, ProgressLine& progress_line);

}  // namespace respublica::bench
