#include "protocol/inline_request.h"

#include <optional>
#include <string>

#include "tests/support/catch.h"

namespace respublica {

namespace {

using Words = std::vector<std::string>;

/// The words of a line, or nothing when its quotes are not balanced.
std::optional<Words> split(std::string_view line) {
  std::vector<char> storage;
  std::vector<std::string_view> views{"from the line before"};
  if (!split_inline_request(line, storage, views)) return std::nullopt;
  return Words(views.begin(), views.end());
}

}  // namespace

TEST_CASE("words stand between blanks") {
  CHECK(split("PUBLISH news hello") == Words{"PUBLISH", "news", "hello"});
  CHECK(split(" \t PING \t") == Words{"PING"});
  CHECK(split("a\rb") == Words{"a", "b"});
  CHECK(split("") == Words{});
  CHECK(split(" \v\f ") == Words{});
}

TEST_CASE("a vertical tab or form feed within a word belongs to it") { CHECK(split("a\vb \fc") == Words{"a\vb", "c"}); }

TEST_CASE("quotes hold a word together") {
  CHECK(split("PUBLISH \"the news\" 'of today'") == Words{"PUBLISH", "the news", "of today"});
  CHECK(split("\"\" ''") == Words{"", ""});
  CHECK(split("foo\"bar\" a'b'") == Words{"foobar", "ab"});
  CHECK(split("\"it's\" 'say \"hi\"'") == Words{"it's", "say \"hi\""});
}

TEST_CASE("double quotes take escapes") {
  CHECK(split(R"("\n\r\t\b\a\\\"\q")") == Words{"\n\r\t\b\a\\\"q"});
  CHECK(split(R"("\x00\xfF\x4a")") == Words{std::string("\0\xffJ", 3)});
  CHECK(split(R"("\x4" "\xzz" "\x")") == Words{"x4", "xzz", "x"});
}

TEST_CASE("single quotes take one escape, the quote itself") {
  CHECK(split(R"('it\'s' 'a\nb' '\x41')") == Words{"it's", "a\\nb", "\\x41"});
}

TEST_CASE("backslashes outside quotes are letters") { CHECK(split(R"(a\nb \x41)") == Words{"a\\nb", "\\x41"}); }

TEST_CASE("quotes that are not balanced are refused") {
  for (const char* line : {"\"", "'", "\"abc", "'abc", "a \"b c", "\"abc\\\"", "'abc\\'", "\"\\", "a\""}) {
    CAPTURE(line);
    CHECK(split(line) == std::nullopt);
  }
}

TEST_CASE("a closing quote must end its word") {
  CHECK(split("\"a\"b") == std::nullopt);
  CHECK(split("'a'b") == std::nullopt);
  CHECK(split("\"a\"\"b\"") == std::nullopt);
  CHECK(split("\"a\"\t'b'\v") == Words{"a", "b"});
}

}  // namespace respublica
