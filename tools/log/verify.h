#pragma once
// `respublica-log verify`: is the log as it should be?

#include "base/result.h"
#include "storage/file_system.h"
#include "tools/log/exit_code.h"
#include "tools/terminal/console.h"

namespace respublica::logtool {

/// Reads all of the log, prints what is damaged, a line each, and a summary.
Result<ExitCode> verify(FileSystem& files, Console& console);

}  // namespace respublica::logtool
