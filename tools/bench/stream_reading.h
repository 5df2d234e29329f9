#pragma once

#include <cstddef>
#include <cstdint>

#include "tools/bench/client_connection.h"
#include "tools/bench/load_shape.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// Reads a channel from its first entry to its last, `page` entries with each XREAD, and returns how many there are.
/// They must be what the publishers of a load of this shape wrote, each publisher's in its order, none lost or
/// repeated. Errors: BenchError. Thread: one.
std::uint64_t read_channel(ClientConnection& connection, const LoadShape& shape, std::size_t channel, std::size_t page,
                           ProgressLine& progress_line);

/// Compares what the server keeps with what was written: XLEN of all channels of the shape together, and all that
/// read_channel() checks. Throws BenchError if it is not exactly `written` entries.
void check_kept(const Endpoint& endpoint, const LoadShape& shape, std::uint64_t written, ProgressLine& progress_line);

}  // namespace respublica::bench
