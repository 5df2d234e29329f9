#pragma once

#include <sys/types.h>

#include <cstdint>

#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// The server's anonymous memory once it has stopped changing: Redis, for one, takes buffers back from idle clients
/// within seconds, and its allocator returns them to the kernel some seconds later. Waits a minute at most.
/// Errors: BenchError. Thread: one.
std::int64_t settled_memory_of(pid_t pid, ProgressLine& progress_line);

}  // namespace respublica::bench
