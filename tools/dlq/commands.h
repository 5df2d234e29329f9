#pragma once
// What the program does. Each returns how it ends; an error is one of the broker, for exit code 3.

#include "base/result.h"
#include "tools/dlq/broker.h"
#include "tools/dlq/dialogue.h"
#include "tools/dlq/exit_code.h"
#include "tools/dlq/options.h"

namespace respublica::dlqtool {

/// Prints dead letters, page by page.
Result<ExitCode> list(Broker& broker, const Options& options, Console& console);
/// Counts them.
Result<ExitCode> stats(Broker& broker, const Options& options, Console& console);
/// Prints one.
Result<ExitCode> show(Broker& broker, const Options& options, Console& console);
/// Redrives or discards: starts the task, shows how far it is, and says what became of it.
Result<ExitCode> move(Broker& broker, const Options& options, Dialogue& console);
/// Prints what dies, until the connection ends.
Result<ExitCode> watch(Broker& broker, const Options& options, Console& console);

}  // namespace respublica::dlqtool
