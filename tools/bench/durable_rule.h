#pragma once

#include <string_view>

#include "tools/bench/target.h"

namespace respublica::bench {

/// Gives all channels of a load a `durable` rule with these options. False: the server does not know such rules.
/// Errors: BenchError. Thread: one.
bool make_durable(const Target& target, std::string_view options);

}  // namespace respublica::bench
