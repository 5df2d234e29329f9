#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/client_connection.h"
#include "tools/bench/scenario.h"
#include "tools/bench/server_process.h"
#include "tools/terminal/progress_line.h"

namespace respublica::bench {

/// What the command line asks for.
struct Options {
  std::vector<Scenario> scenarios;      ///< with all changes
  std::optional<ServerProgram> server;  ///< ours, started for each run
  std::optional<ServerProgram> peer;    ///< what it is compared with
  Endpoint endpoint;                    ///< without server: one that runs already
  std::optional<pid_t> pid;             ///< its process, if it is to be measured
  std::size_t runs = 5;
  bool pin = false;
  std::string disk_shim;  ///< for scenarios in which the disk is slow
  std::string json_file;
  std::string command_line;
  ProgressLine::Use progress = ProgressLine::Use::if_terminal;
};

/// Reads the command line. Prints help, the list of scenarios or a complaint and ends the process where that is
/// all that was asked for or possible.
Options parse_options(int argc, char** argv);

}  // namespace respublica::bench
