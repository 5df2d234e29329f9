#pragma once
// `respublica-log dump`: all records as JSON.

#include <optional>
#include <string>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "tools/log/exit_code.h"
#include "tools/terminal/console.h"

namespace respublica::logtool {

struct DumpOptions {
  /// None: all.
  std::optional<std::string> channel;
  LogPosition from;
  /// Of the records, or of the newest checkpoint that can be read.
  enum class What : unsigned char { records, checkpoint };
  What what = What::records;
};

/// Prints each record at or behind `from` as one line, or each stream of a checkpoint, and says what is damaged. The
/// log is read from its beginning all the same: that is where names are.
Result<ExitCode> dump(FileSystem& files, const DumpOptions& options, Console& console);

}  // namespace respublica::logtool
