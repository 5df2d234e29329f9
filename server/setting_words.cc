#include "server/setting_words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace respublica {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The value of a hexadecimal digit, or -1.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Letters behind a backslash and what they stand for; any other character stands for itself.
constexpr std::array<std::pair<char, char>, 5> kEscapes{
    {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'b', '\b'}, {'a', '\a'}}};

/// Reads words from a line, one after the other.
class WordReader {
 public:
  explicit WordReader(std::string_view line) : line_(line) {}

  /// Goes to the next word; false at the end of the line.
  bool next() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    word_.clear();
    return at_ < line_.size();
  }

  /// Reads the word; false when its quotes are wrong.
  bool read() {
    while (at_ < line_.size() && !is_blank(line_[at_])) {
      const char c = line_[at_++];
      if (c == '"' || c == '\'') return read_quoted(c) && (at_ == line_.size() || is_blank(line_[at_]));
      word_ += c;
    }
    return true;
  }

  std::string take() { return std::move(word_); }

 private:
  /// Reads up to and with the closing quote; false when there is none.
  bool read_quoted(char quote) {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == quote) return true;
      const bool escape = c == '\\' && at_ < line_.size() && (quote == '"' || line_[at_] == '\'');
      word_ += escape ? read_escape() : c;
    }
    return false;
  }

  /// What stands behind a backslash, which was read.
  char read_escape() {
    const char c = line_[at_++];
    if (c == 'x' && at_ + 1 < line_.size()) {
      const int high = hex_value(line_[at_]);
      const int low = hex_value(line_[at_ + 1]);
      if (high >= 0 && low >= 0) {
        at_ += 2;
        return static_cast<char>(high * 16 + low);
      }
    }
    const auto* known = std::ranges::find(kEscapes, c, &std::pair<char, char>::first);
    return known == kEscapes.end() ? c : known->second;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::string word_;
};

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  WordReader reader(line);
  while (reader.next()) {
    if (!reader.read()) return std::nullopt;
    words.push_back(reader.take());
  }
  return words;
}

std::string quote_word(std::string_view word) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : word) {
    const auto* known = std::ranges::find(kEscapes, c, &std::pair<char, char>::second);
    if (known != kEscapes.end()) {
      quoted += '\\';
      quoted += known->first;
    } else if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c >= ' ' && c <= '~') {
      quoted += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      quoted += "\\x";
      quoted += kDigits[byte >> 4U];
      quoted += kDigits[byte & 15U];
    }
  }
  return quoted + "\"";
}

std::string quote_word_if_needed(std::string_view word) {
  const bool plain = !word.empty() && word.front() != '#' &&
                     std::ranges::all_of(word, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\''; });
  return plain ? std::string(word) : quote_word(word);
}

std::string join_words(std::span<const std::string> words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (&word != words.data()) text += separator;
    text += word;
  }
  return text;
}

}  // namespace respublica
