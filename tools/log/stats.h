#pragma once
// `respublica-log stats`: what is in a log, in numbers.

#include <cstddef>

#include "base/result.h"
#include "storage/file_system.h"
#include "tools/log/exit_code.h"
#include "tools/terminal/console.h"

namespace respublica::logtool {

struct StatsOptions {
  enum class Format : unsigned char { text, json };
  Format format = Format::text;
  /// So many channels are listed, those with the most bytes.
  std::size_t top = 10;
};

/// Reads all of the log and prints what it counted; what is damaged is said and left out.
Result<ExitCode> stats(FileSystem& files, const StatsOptions& options, Console& console);

}  // namespace respublica::logtool
