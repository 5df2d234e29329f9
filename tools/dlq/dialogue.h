#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "tools/terminal/console.h"

namespace respublica::dlqtool {

/// A console that may be asked back.
///
/// Thread: its owner's.
class Dialogue : public Console {
 public:
  /// `asks`: somebody reads and can answer.
  enum class Input : unsigned char { asks, nobody };
  Dialogue(std::istream& in, Input input, std::ostream& out, std::ostream& error, ProgressLine& progress)
      : Console(out, error, progress), in_(in), input_(input), error_(error) {}

  Input input() const { return input_; }
  /// Whether the answer to the question is yes.
  bool confirms(std::string_view question) {
    error_ << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(in_, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

 private:
  std::istream& in_;
  Input input_;
  std::ostream& error_;
};

}  // namespace respublica::dlqtool
