#pragma once
// The command line, with the configuration file that it names.

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// The command line and the configuration file, understood.
struct Options {
  /// What the process was started for.
  enum class Mode : std::uint8_t {
    /// Be the broker.
    run,
    /// --ping: ask a running broker whether it is well (health_check.h).
    ping,
    /// --help, --version, --check-config: print `text` and end.
    print,
  };

  Mode mode = Mode::run;
  Settings settings;
  /// Absolute; empty = none. CONFIG REWRITE writes it.
  std::string config_file;
  /// For the log, once it is open: one sentence each.
  std::vector<std::string> warnings;
  /// Without the last line's end.
  std::string text;
};

/// Reads a command line as redis-server does:
///
///     respublica [FILE] [-] [--name value...]... [--name=value]...
///
/// First FILE, then the standard input if there is a `-`, then the options; the last value of a setting counts. All
/// words up to the next `--name` are the value of a setting. On error the message is ready to be printed to standard
/// error.
Result<Options> parse_options(int argc, const char* const* argv, std::istream& standard_input);
/// With the process's standard input.
Result<Options> parse_options(int argc, const char* const* argv);

}  // namespace respublica
