#pragma once

#include "tools/bench/metric.h"
#include "tools/bench/scenario.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

// A stream with scenario.count entries, in a server that the bench started: all entries are read and compared with
// what was written. Errors: BenchError. Thread: one.

/// The server's CPU time for each entry that XREAD COUNT <pipeline> reads.
Metrics run_stream_reading(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// From exec to the first answer to PING of a server that finds the stream on its disk (and in the page cache), and
/// its memory, with what it has written and with what it has found.
Metrics run_restart(const Scenario& scenario, Target& target, ProgressLine& progress_line);

}  // namespace respublica::bench
