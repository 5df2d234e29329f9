// glob_match against a plain recursive reading of Redis's rules, and literal_ends against glob_match. The bytes up to
// the first NUL are the pattern, the rest is the text.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "broker/glob_pattern.h"

namespace {

/// Redis's rules, written for clearness: exponential in the worst case, so `steps` bounds it.
class PlainGlob {
 public:
  explicit PlainGlob(int steps) : steps_(steps) {}

  bool gave_up() const { return steps_ <= 0; }

  bool match(std::string_view pattern, std::string_view text) {
    if (--steps_ <= 0) return false;
    while (!pattern.empty() && !text.empty()) {
      switch (pattern[0]) {
        case '*':
          return match_star(pattern, text);
        case '?':
          break;
        case '[':
          if (!match_class(pattern, text[0])) return false;
          break;
        case '\\':
          if (pattern.size() >= 2) pattern.remove_prefix(1);
          [[fallthrough]];
        default:
          if (pattern[0] != text[0]) return false;
      }
      text.remove_prefix(1);
      if (!pattern.empty()) pattern.remove_prefix(1);
      if (text.empty()) {
        while (!pattern.empty() && pattern[0] == '*') pattern.remove_prefix(1);
        break;
      }
    }
    return pattern.empty() && text.empty();
  }

 private:
  bool match_star(std::string_view pattern, std::string_view text) {
    while (!pattern.empty() && pattern[0] == '*') pattern.remove_prefix(1);
    if (pattern.empty()) return true;
    for (; !text.empty(); text.remove_prefix(1)) {
      if (match(pattern, text)) return true;
    }
    return false;
  }

  /// Leaves `pattern` at the class's last byte (or empty when the class is not closed).
  static bool match_class(std::string_view& pattern, char c) {
    pattern.remove_prefix(1);
    const bool negated = !pattern.empty() && pattern[0] == '^';
    if (negated) pattern.remove_prefix(1);
    bool found = false;
    while (!pattern.empty() && pattern[0] != ']') {
      if (pattern[0] == '\\' && pattern.size() >= 2) {
        pattern.remove_prefix(1);
        found |= pattern[0] == c;
      } else if (pattern.size() >= 3 && pattern[1] == '-') {
        auto low = static_cast<signed char>(pattern[0]);
        auto high = static_cast<signed char>(pattern[2]);
        if (low > high) std::swap(low, high);
        found |= low <= static_cast<signed char>(c) && static_cast<signed char>(c) <= high;
        pattern.remove_prefix(2);
      } else {
        found |= pattern[0] == c;
      }
      pattern.remove_prefix(1);
    }
    return found != negated;
  }

  int steps_;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find('\0'), size);
  const std::string_view pattern = input.substr(0, cut);
  const std::string_view text = input.substr(std::min(cut + 1, size));
  const bool matched = respublica::glob_match(pattern, text);

  // From 1000 stars on Redis gives up, which the plain reading does not.
  PlainGlob plain(20000);
  const bool expected = plain.match(pattern, text);
  if (size < 1000 && !plain.gave_up() && matched != expected) std::abort();

  const respublica::GlobLiterals literals = respublica::glob_literals(pattern);
  if (matched && !(text.starts_with(literals.prefix) && text.ends_with(literals.suffix) &&
                   text.find(literals.middle) != std::string_view::npos)) {
    std::abort();
  }
  return 0;
}
