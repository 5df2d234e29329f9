#pragma once
// The directories that a command line names.

#include <memory>
#include <string>

#include "base/result.h"
#include "storage/posix_file_system.h"

namespace respublica::logtool {

/// Opens the directory of a log to read; an error when it is not there, or has no segment.
Result<std::unique_ptr<PosixFileSystem>> open_log_directory(const std::string& directory);

/// Opens the directory of a log that is to be made, and makes it; an error when it is not empty, or lies in
/// `log_directory`.
Result<std::unique_ptr<PosixFileSystem>> make_log_directory(const std::string& directory,
                                                            const std::string& log_directory);

}  // namespace respublica::logtool
