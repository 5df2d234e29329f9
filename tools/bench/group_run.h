#pragma once

#include <cstdint>
#include <vector>

#include "tools/bench/group_consumer.h"
#include "tools/bench/metric.h"
#include "tools/bench/scenario.h"
#include "tools/bench/target.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

// A stream whose entries are shared by the consumers of one group, in a server that the bench started. Every entry must
// be delivered once and acknowledged once. Errors: BenchError. Thread: one.

/// The consumers take turns until none is given anything more; returns the number of entries.
std::uint64_t consume_all(std::vector<GroupConsumer>& consumers, ProgressLine& progress_line);

/// scenario.shape.subscribers consumers read the stream of scenario.count entries to its end, and then again from its
/// beginning: each in turn is given up to `pipeline` entries, and acknowledges them while it asks for the next.
Metrics run_group_consuming(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// Entries are added at the shape's rate while the consumers wait for them: from when an entry was meant to be sent to
/// the answer to its XACK.
Metrics run_group_latency(const Scenario& scenario, Target& target, ProgressLine& progress_line);

/// The memory of each of scenario.count entries that one consumer was given and does not acknowledge, and what the
/// server does while nobody asks it anything; where it knows `durable` rules, with one whose time is far from over.
Metrics run_pending_memory(const Scenario& scenario, Target& target, ProgressLine& progress_line);

}  // namespace respublica::bench
