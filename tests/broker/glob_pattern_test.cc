#include "broker/glob_pattern.h"

#include <array>
#include <string>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

// Each answer was given by redis-server 7.0.15 (PUBSUB CHANNELS pattern).
constexpr Case kCases[] = {
    {""sv, ""sv, true},
    {"*"sv, ""sv, false},
    {"**"sv, ""sv, false},
    {"?"sv, ""sv, false},
    {""sv, "a"sv, false},
    {"*"sv, "a"sv, true},
    {"news"sv, "news"sv, true},
    {"news"sv, "newsx"sv, false},
    {"news.*"sv, "news."sv, true},
    {"news.*"sv, "news"sv, false},
    {"news.*"sv, "news.de.tech"sv, true},
    {"*.log"sv, ".log"sv, true},
    {"*.log"sv, "a.log.log"sv, true},
    {"*.log"sv, "a.logs"sv, false},
    {"a**b"sv, "ab"sv, true},
    {"a*b*c"sv, "aXbXbXc"sv, true},
    {"a*b*c"sv, "aXcXb"sv, false},
    {"*a*"sv, "bab"sv, true},
    {"*a"sv, "ab"sv, false},
    {"?"sv, "a"sv, true},
    {"?"sv, "\303\244"sv, false},
    {"??"sv, "\303\244"sv, true},
    {"h?llo"sv, "hllo"sv, false},
    {"h[ae]llo"sv, "hallo"sv, true},
    {"h[ae]llo"sv, "hillo"sv, false},
    {"h[^e]llo"sv, "hallo"sv, true},
    {"h[^e]llo"sv, "hello"sv, false},
    {"h[a-c]llo"sv, "hbllo"sv, true},
    {"h[c-a]llo"sv, "hbllo"sv, true},
    {"h[a-c]llo"sv, "hdllo"sv, false},
    {"[a-z"sv, "q"sv, true},
    {"[abc"sv, "c"sv, true},
    {"[abc"sv, "d"sv, false},
    {"["sv, "["sv, false},
    {"["sv, "a"sv, false},
    {"[]"sv, "a"sv, false},
    {"[]"sv, "]"sv, false},
    {"[]a]"sv, "a"sv, false},
    {"[]a]"sv, "]a]"sv, false},
    {"[^]"sv, "a"sv, true},
    {"[^]"sv, "]"sv, true},
    {"[^"sv, "a"sv, true},
    {"[^]a]"sv, "xa]"sv, true},
    {"[a-]"sv, "a"sv, true},
    {"[a-]"sv, "-"sv, false},
    {"[a-]"sv, "]"sv, true},
    {"[a-]"sv, "^"sv, true},
    {"[a-]x"sv, "^"sv, true},
    {"[a-"sv, "-"sv, true},
    {"[-a]"sv, "-"sv, true},
    {"[a^]"sv, "^"sv, true},
    {"[\\]]"sv, "]"sv, true},
    {"[\\a-c]"sv, "b"sv, false},
    {"[\\a-c]"sv, "-"sv, true},
    {"[a\\-c]"sv, "-"sv, true},
    {"[a\\-c]"sv, "b"sv, false},
    {"[\\"sv, "\\"sv, true},
    {"[a-\\]]"sv, "b]"sv, false},
    {"[a-\\]]"sv, "a]"sv, true},
    {"[*]"sv, "*"sv, true},
    {"[*]"sv, "a"sv, false},
    {"[?]"sv, "?"sv, true},
    {"[a-b-c]"sv, "-"sv, true},
    {"[a-b-c]"sv, "c"sv, true},
    {"\\*"sv, "*"sv, true},
    {"\\*"sv, "a"sv, false},
    {"\\\\"sv, "\\"sv, true},
    {"\\"sv, "\\"sv, true},
    {"a\\"sv, "a\\"sv, true},
    {"a\\"sv, "a"sv, false},
    {"*\\"sv, "a\\"sv, true},
    {"\\a"sv, "a"sv, true},
    {"\\a"sv, "\\a"sv, false},
    {"\\[a]"sv, "[a]"sv, true},
    {"a]"sv, "a]"sv, true},
    {"[a-\377]"sv, "b"sv, false},
    {"[a-\377]"sv, "\000"sv, true},
    {"[a-\377]"sv, "A"sv, true},
    {"[\200-\220]"sv, "\205"sv, true},
    {"[\200-a]"sv, "\000"sv, true},
    {"[\000-\377]"sv, "\001"sv, false},
    {"[\000-\377]"sv, "\377"sv, true},
    {"a\000*"sv, "a\000b"sv, true},
    {"a\000*"sv, "ab"sv, false},
    {"News"sv, "news"sv, false},
};

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

TEST_CASE("A pattern matches what Redis says it matches") {
  for (const Case& each : kCases) {
    CAPTURE(each.pattern, each.text);
    CHECK(glob_match(each.pattern, each.text) == each.matches);
  }
}

TEST_CASE("More than 1000 stars to try match nothing, as in Redis") {
  CHECK(glob_match(repeated("*a", 1000), repeated("a", 1000)));
  CHECK_FALSE(glob_match(repeated("*a", 1001), repeated("a", 1001)));
  CHECK(glob_match(repeated("*a", 1000) + "*", repeated("a", 1005)));
  CHECK(glob_match(repeated("a*", 1001), repeated("a", 1002)));
  CHECK_FALSE(glob_match(repeated("a*", 1002), repeated("a", 1003)));
}

TEST_CASE("A pattern with many stars does not take exponential time") {
  CHECK_FALSE(glob_match(repeated("a*", 500) + "b", repeated("a", 20000)));
  CHECK_FALSE(glob_match(repeated("*a", 900) + "*b", repeated("a", 20000)));
}

TEST_CASE("Letters are folded only when asked for") {
  CHECK(glob_match("MAX*", "maxmemory", GlobCase::insensitive));
  CHECK_FALSE(glob_match("MAX*", "maxmemory"));
  CHECK(glob_match("[A-C]x", "bX", GlobCase::insensitive));
  CHECK(glob_match("[^A]", "b", GlobCase::insensitive));
  CHECK_FALSE(glob_match("[^A]", "a", GlobCase::insensitive));
  CHECK(glob_match("\\A", "a", GlobCase::insensitive));
}

TEST_CASE("An escaped letter in a class is not folded, as in Redis") {
  CHECK_FALSE(glob_match("[\\A]", "a", GlobCase::insensitive));
  CHECK(glob_match("[\\a]", "a", GlobCase::insensitive));
}

TEST_CASE("The literals of a pattern are before the first, after the last and between the wildcards") {
  const auto literals = [](std::string_view pattern) {
    const GlobLiterals found = glob_literals(pattern);
    return std::array{found.prefix, found.middle, found.suffix};
  };
  using Literals = std::array<std::string, 3>;
  CHECK(literals("news.*.de") == Literals{"news.", "", ".de"});
  CHECK(literals("news") == Literals{"news", "", "news"});
  CHECK(literals("*") == Literals{"", "", ""});
  CHECK(literals("*middle*") == Literals{"", "middle", ""});
  CHECK(literals("a?b[c-d]efg*hi*jk") == Literals{"a", "efg", "jk"});
  CHECK(literals("a\\*b*c\\?d?e\\?") == Literals{"a*b", "c?d", "e?"});
  CHECK(literals("a[b") == Literals{"a", "", ""});
  CHECK(literals("a*b\\") == Literals{"a", "", "b\\"});
}

TEST_CASE("Every text that a pattern matches has the pattern's literals") {
  for (const Case& each : kCases) {
    if (!each.matches) continue;
    CAPTURE(each.pattern, each.text);
    const GlobLiterals literals = glob_literals(each.pattern);
    CHECK(each.text.starts_with(literals.prefix));
    CHECK(each.text.find(literals.middle) != std::string_view::npos);
    CHECK(each.text.ends_with(literals.suffix));
  }
}

}  // namespace
}  // namespace respublica
