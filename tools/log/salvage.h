#pragma once
// `respublica-log salvage`: a new log of what is whole.

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/message_log.h"
#include "tools/log/exit_code.h"
#include "tools/terminal/console.h"

namespace respublica::logtool {

/// Reads the log in `from` twice and writes what lives on to `to`, which is empty. What is missing is said as text on
/// standard error, and as a JSON object a line on standard output. `from` must not change meanwhile.
Result<ExitCode> salvage(FileSystem& from, FileSystem& to, const LogOptions& options, Console& console);

}  // namespace respublica::logtool
