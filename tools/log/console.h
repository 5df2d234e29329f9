#pragma once
// Where a command writes to, and how it ends.

#include <ostream>
#include <string_view>

#include "tools/terminal/progress_line.h"

namespace respublica::logtool {

/// What the process ends with; --help and docs/operations.md say the same.
enum class ExitCode : int {
  fine = 0,
  /// Damage was found, or what was written is not complete.
  damage = 1,
  /// Nothing was done: the command line is wrong, or names what cannot be used.
  wrong_use = 2,
  /// A file could not be read or written.
  failure = 3,
};

/// Standard output and standard error, which the progress line shares a terminal with.
class Console {
 public:
  Console(std::ostream& out, std::ostream& error, ProgressLine& progress)
      : out_(out), error_(error), progress_(progress) {}

  /// A line on standard output.
  void print(std::string_view line) { put(out_, line); }
  /// A line on standard error.
  void say(std::string_view line) { put(error_, line); }
  ProgressLine& progress() { return progress_; }
  /// False when the reader of standard output is gone, or its disk full.
  bool is_written() { return out_.flush().good(); }

 private:
  void put(std::ostream& stream, std::string_view line) {
    progress_.clear();
    stream << line << '\n';
  }

  std::ostream& out_;
  std::ostream& error_;
  ProgressLine& progress_;
};

}  // namespace respublica::logtool
