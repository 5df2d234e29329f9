#pragma once
// Where a command writes to, and how it ends.

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "tools/terminal/progress_line.h"

namespace respublica::dlqtool {

/// What the process ends with; --help and docs/operations.md say the same.
enum class ExitCode : int {
  fine = 0,
  /// Not all was done: letters were skipped, or the task was cancelled or failed; `show`: there is no such letter.
  incomplete = 1,
  /// Nothing was done: the command line is wrong, or nobody has confirmed.
  wrong_use = 2,
  /// The broker cannot be reached, or has refused.
  failure = 3,
};

/// How a command prints what it finds.
enum class Format : unsigned char { text, json };

/// Standard input, output and error, which the progress line shares a terminal with.
class Console {
 public:
  /// `asks`: somebody reads and can answer.
  enum class Input : unsigned char { asks, nobody };
  Console(std::istream& in, Input input, std::ostream& out, std::ostream& error, ProgressLine& progress)
      : in_(in), input_(input), out_(out), error_(error), progress_(progress) {}

  /// A line on standard output, which a reader sees at once.
  void print(std::string_view line) {
    put(out_, line);
    out_.flush();
  }
  /// A line on standard error.
  void say(std::string_view line) { put(error_, line); }
  ProgressLine& progress() { return progress_; }
  Input input() const { return input_; }
  /// Whether the answer to the question is yes.
  bool confirms(std::string_view question) {
    error_ << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(in_, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }
  /// False when the reader of standard output is gone, or its disk full.
  bool is_written() { return out_.flush().good(); }

 private:
  void put(std::ostream& stream, std::string_view line) {
    progress_.clear();
    stream << line << '\n';
  }

  std::istream& in_;
  Input input_;
  std::ostream& out_;
  std::ostream& error_;
  ProgressLine& progress_;
};

}  // namespace respublica::dlqtool
