#include "broker/glob_pattern.h"

#include <algorithm>
#include <utility>

namespace respublica {
namespace {

constexpr std::size_t kMaxStars = 1000;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool same_byte(char a, char b, GlobCase letters) {
  return a == b || (letters == GlobCase::insensitive && lower(a) == lower(b));
}

constexpr bool in_range(char first, char last, char c, GlobCase letters) {
  auto low = static_cast<signed char>(first);
  auto high = static_cast<signed char>(last);
  auto byte = static_cast<signed char>(c);
  if (low > high) std::swap(low, high);
  if (letters == GlobCase::insensitive) {
    low = static_cast<signed char>(lower(static_cast<char>(low)));
    high = static_cast<signed char>(lower(static_cast<char>(high)));
    byte = static_cast<signed char>(lower(c));
  }
  return byte >= low && byte <= high;
}

/// What one element of a pattern (not a star) makes of a byte, and where the next element begins.
struct Step {
  bool matches;
  std::size_t next;
};

/// `at` is the place after the opening bracket.
Step step_class(std::string_view pattern, std::size_t at, char c, GlobCase letters) {
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    const std::size_t left = pattern.size() - at;
    if (pattern[at] == '\\' && left >= 2) {
      found |= pattern[at + 1] == c;
      at += 2;
    } else if (left >= 3 && pattern[at + 1] == '-') {
      found |= in_range(pattern[at], pattern[at + 2], c, letters);
      at += 3;
    } else {
      found |= same_byte(pattern[at], c, letters);
      ++at;
    }
  }
  return {found != negated, std::min(at + 1, pattern.size())};
}

Step step(std::string_view pattern, std::size_t at, char c, GlobCase letters) {
  switch (pattern[at]) {
    case '?':
      return {true, at + 1};
    case '[':
      return step_class(pattern, at + 1, c, letters);
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      [[fallthrough]];
    default:
      return {same_byte(pattern[at], c, letters), at + 1};
  }
}

std::size_t skip_stars(std::string_view pattern, std::size_t at) {
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text, GlobCase letters) {
  if (text.empty()) return pattern.empty();
  std::size_t at = 0;
  std::size_t stars = 0;
  // Where to go on when an attempt fails: behind the last star, which then takes one byte more. Stars before the last
  // need not be tried again: whatever they could leave to it, it has been offered more.
  std::size_t retry_pattern = 0;
  std::size_t retry_text = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size()) {
      if (pattern[at] == '*') {
        at = skip_stars(pattern, at);
        if (at == pattern.size()) return true;
        if (++stars > kMaxStars) return false;
        retry_pattern = at;
        retry_text = i;
        continue;
      }
      const Step taken = step(pattern, at, text[i], letters);
      if (taken.matches) {
        at = taken.next;
        ++i;
        continue;
      }
    }
    if (stars == 0) return false;
    at = retry_pattern;
    i = ++retry_text;
  }
  return skip_stars(pattern, at) == pattern.size();
}

GlobLiterals glob_literals(std::string_view pattern) {
  GlobLiterals literals;
  bool wildcards = false;
  std::string run;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c != '*' && c != '?' && c != '[') {
      if (c == '\\' && at + 1 < pattern.size()) ++at;
      run.push_back(pattern[at++]);
      continue;
    }
    if (!wildcards) {
      literals.prefix = std::move(run);
    } else if (run.size() > literals.middle.size()) {
      literals.middle = std::move(run);
    }
    wildcards = true;
    run.clear();
    at = c == '[' ? step_class(pattern, at + 1, '\0', GlobCase::sensitive).next : at + 1;
  }
  if (!wildcards) literals.prefix = run;
  literals.suffix = std::move(run);
  return literals;
}

}  // namespace respublica
