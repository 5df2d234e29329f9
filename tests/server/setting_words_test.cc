#include "server/setting_words.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view line) {
  const auto split = split_words(line);
  return split ? *split : Words{"unbalanced"};
}

}  // namespace

TEST_CASE("a line is cut at blanks") {
  CHECK(words("port 7000") == Words{"port", "7000"});
  CHECK(words("  a\t b \r") == Words{"a", "b"});
  CHECK(words("").empty());
  CHECK(words(" \t").empty());
}

TEST_CASE("quotes keep blanks together and double quotes know escapes") {
  CHECK(words(R"(requirepass "a b")") == Words{"requirepass", "a b"});
  CHECK(words(R"("" '')") == Words{"", ""});
  CHECK(words(R"("\n\r\t\b\a\\\"\x41\xfF\q")") == Words{"\n\r\t\b\a\\\"A\xffq"});
  CHECK(words(R"("\x4")") == Words{"x4"});
  CHECK(words(R"('a\'b\n"')") == Words{"a'b\\n\""});
  CHECK(words(R"(a"b c")") == Words{"ab c"});
  CHECK(words(R"(a\b)") == Words{"a\\b"});
}

TEST_CASE("a quote that is not closed, or closed inside a word, is an error") {
  for (const std::string_view line : {R"("a)", R"('a)", R"(a "b)", R"("a"b)", R"('a'b)", R"("a\)", R"("a\")"}) {
    INFO(line);
    CHECK_FALSE(split_words(line).has_value());
  }
}

TEST_CASE("a quoted word is cut out again as it was") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& word : {all, std::string(), std::string("plain"), std::string("a b"), std::string("#x")}) {
    CHECK(words(quote_word(word)) == Words{word});
    CHECK(words(quote_word_if_needed(word)) == Words{word});
  }
  CHECK(quote_word("a\"\n\x01\xff") == R"("a\"\n\x01\xff")");
  CHECK(quote_word_if_needed("plain") == "plain");
  CHECK(quote_word_if_needed("") == "\"\"");
}

}  // namespace respublica
