#pragma once
// The command line.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/dlq/broker.h"
#include "tools/terminal/progress_line.h"

namespace respublica::dlqtool {

/// Which dead letters are meant, in the words of the DLQ commands.
struct Filter {
  std::optional<std::string> channel;
  std::optional<std::string> group;
  std::optional<std::string> reason;
  std::vector<std::string> ids;
  std::vector<std::string> origins;

  bool any() const { return channel || group || reason || !ids.empty() || !origins.empty(); }
  /// As arguments: CHANNEL orders ID 1-1 2-1.
  std::vector<std::string> words() const;
};

struct Options {
  enum class Command : unsigned char { list, stats, show, redrive, discard, watch };
  Command command = Command::list;
  Endpoint endpoint;
  /// The channel of the dead letters; watch: none = all of them.
  std::optional<std::string> dlq;
  Filter filter;
  enum class Format : unsigned char { text, json };
  Format format = Format::text;
  /// list: entries that are printed at most; redrive, discard: letters that move at most; 0 = all.
  std::uint64_t count = 0;
  /// show: the letter.
  std::string id;
  /// redrive: where they go, if not back.
  std::optional<std::string> to;
  /// Letters a second; 0 = as fast as it goes.
  std::uint64_t rate = 0;
  bool dry_run = false;
  /// discard: whatever the filter, and without a question.
  bool all = false;
  bool yes = false;
  ProgressLine::Use progress = ProgressLine::Use::if_terminal;

  /// The channel of the dead letters, or the default one.
  std::string dlq_or_default() const { return dlq.value_or("dlq"); }
};

/// Reads the command line. Prints help, or one line about what is wrong with it, and ends the process where that is all
/// that was asked for or possible.
Options parse_options(int argc, char** argv);

}  // namespace respublica::dlqtool
