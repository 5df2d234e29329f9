#pragma once

#include <ostream>
#include <string_view>

#include "tools/terminal/progress_line.h"

namespace respublica {

/// Where a tool writes to: standard output and standard error, which the progress line shares a terminal with.
///
/// Thread: its owner's.
class Console {
 public:
  Console(std::ostream& out, std::ostream& error, ProgressLine& progress)
      : out_(out), error_(error), progress_(progress) {}

  /// A line on standard output.
  void print(std::string_view line) { put(out_, line); }
  /// A line on standard error.
  void say(std::string_view line) { put(error_, line); }
  ProgressLine& progress() { return progress_; }
  /// Has a reader of standard output see all of it; false when that reader is gone, or its disk full.
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

}  // namespace respublica
