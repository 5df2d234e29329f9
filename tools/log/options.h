#pragma once
// The command line.

#include <string>

#include "storage/message_log.h"
#include "tools/log/dump.h"
#include "tools/log/stats.h"
#include "tools/terminal/progress_line.h"

namespace respublica::logtool {

struct Options {
  enum class Command : unsigned char { dump, verify, salvage, stats };
  Command command = Command::verify;
  std::string directory;
  std::string new_directory;
  DumpOptions dump;
  StatsOptions stats;
  ProgressLine::Use progress = ProgressLine::Use::if_terminal;
};

/// Reads the command line. Prints help, or one line about what is wrong with it, and ends the process where that is all
/// that was asked for or possible.
Options parse_options(int argc, char** argv);

}  // namespace respublica::logtool
