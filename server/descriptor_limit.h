#pragma once
// The system's limit of open descriptors (ulimit -n), and the clients that fit below it.

#include <cstdint>

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// The descriptors that the broker needs beside its clients': those of its io threads and listeners, the log, and the
/// like.
std::uint64_t own_descriptors(const Settings& settings);

/// How many clients fit below `limit` descriptors besides the broker's own; 0 when not even those do.
std::uint64_t clients_below(std::uint64_t limit, const Settings& settings);

/// Raises the limit of open descriptors so that maxclients fit besides the broker's own, or as far as the system lets
/// us. Returns how many clients fit then: maxclients, or fewer.
std::int64_t reserve_descriptors(const Settings& settings);

/// At start: reserves descriptors, and lowers maxclients with a warning when so many do not fit. Fails when no client
/// does.
Result<void> fit_clients(Settings& settings);

}  // namespace respublica
