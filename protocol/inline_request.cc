#include "protocol/inline_request.h"

#include <cstddef>

namespace respublica {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char control_character(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return letter;
  }
}

/// Reads the words of one line, each byte once. Decoded bytes are never more than the line's.
class Splitter {
 public:
  Splitter(std::string_view line, std::vector<char>& storage) : line_(line), storage_(storage) {}

  bool done() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    return at_ == line_.size();
  }

  /// Appends the next word to the storage. False when a quote is not closed, or closed inside a word.
  bool word() {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      // Redis ends a word at these blanks only: \v and \f within a word belong to it.
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') return true;
      if (c == '"') return double_quoted();
      if (c == '\'') return single_quoted();
      storage_.push_back(c);
    }
    return true;
  }

 private:
  char next() const { return line_[at_]; }
  bool ended() const { return at_ == line_.size() || is_blank(next()); }

  bool double_quoted() {
    while (at_ < line_.size()) {
      char c = line_[at_++];
      if (c == '"') return ended();
      if (c == '\\' && at_ < line_.size()) c = escaped();
      storage_.push_back(c);
    }
    return false;
  }

  char escaped() {
    const char letter = line_[at_++];
    if (letter == 'x' && line_.size() - at_ >= 2) {
      const int high = hex_digit(line_[at_]);
      const int low = hex_digit(line_[at_ + 1]);
      if (high >= 0 && low >= 0) {
        at_ += 2;
        return static_cast<char>(high * 16 + low);
      }
    }
    return control_character(letter);
  }

  bool single_quoted() {
    while (at_ < line_.size()) {
      char c = line_[at_++];
      if (c == '\'') return ended();
      if (c == '\\' && at_ < line_.size() && next() == '\'') c = line_[at_++];
      storage_.push_back(c);
    }
    return false;
  }

  std::string_view line_;
  std::vector<char>& storage_;
  std::size_t at_ = 0;
};

}  // namespace

bool split_inline_request(std::string_view line, std::vector<char>& storage, std::vector<std::string_view>& words) {
  words.clear();
  storage.clear();
  storage.reserve(line.size());  // so that the views stay where they are
  Splitter splitter(line, storage);
  while (!splitter.done()) {
    const std::size_t start = storage.size();
    if (!splitter.word()) return false;
    words.emplace_back(storage.data() + start, storage.size() - start);
  }
  return true;
}

}  // namespace respublica
