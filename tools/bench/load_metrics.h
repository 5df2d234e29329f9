#pragma once

#include <string>

#include "tools/bench/latency_histogram.h"
#include "tools/bench/load_run.h"
#include "tools/bench/metric.h"

namespace respublica::bench {

// What a phase of a load says in a report. `command` is the name of one of its commands there: "PUBLISH".

/// The server's CPU time for each command of the phase, in ns. The server's process must be known.
double cpu_each(const PhaseResult& phase);

/// The server's CPU time for each command and each delivery; nothing if the server's process is not known.
void add_cpu(Metrics& metrics, const PhaseResult& phase, const std::string& command);

/// Commands and deliveries a second, and how busy server and bench were.
void add_throughput(Metrics& metrics, const PhaseResult& phase, const std::string& command);

/// Percentiles from the 50th to the greatest.
void add_latencies(Metrics& metrics, const LatencyHistogram& latencies);

}  // namespace respublica::bench
