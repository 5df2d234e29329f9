#pragma once
// The command line, with the configuration file that it names.

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// What the process was started for.
enum class RunMode : std::uint8_t {
  /// Be the broker.
  run,
  /// -v, --version: print version_line().
  version,
  /// -h, --help: print help_text().
  help,
  /// --ping: ask a running broker whether it is well (health_check.h).
  ping,
  /// --check-config: the settings were read and are right; end.
  check_config,
};

/// The command line and the configuration file, understood.
struct Options {
  RunMode mode = RunMode::run;
  Settings settings;
  /// Absolute; empty = none. CONFIG REWRITE writes it.
  std::string config_file;
  /// For the log, once it is open: one sentence each.
  std::vector<std::string> warnings;
};

/// Reads a command line as redis-server does:
///
///     respublica [FILE] [-] [--name value...]... [--name=value]...
///
/// First FILE, then the standard input if there is a `-`, then the options; the last value of a setting counts. All
/// words up to the next `--name` are the value of a setting. On error the message is ready to be printed to standard
/// error.
Result<Options> parse_options(int argc, const char* const* argv, std::istream& standard_input);
Result<Options> parse_options(int argc, const char* const* argv);

/// `Respublica server v=8.x.y sha=... malloc=... bits=64 build=...`, as `redis-server -v`, with the line's end.
std::string version_line();

/// Usage and every setting with its default, with the line's end.
std::string help_text();

}  // namespace respublica
