#pragma once

#include <string>

#include "broker/durable_command.h"

namespace respublica {

/// The error reply that says why the sequencer refused: Redis's sentence where Redis has one.
std::string durable_error(const DurableOutcome& outcome);

}  // namespace respublica
