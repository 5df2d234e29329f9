#include "base/json_text.h"

#include "tests/support/catch.h"

namespace {

std::string json(std::string_view text) {
  std::string out;
  respublica::append_json_string(out, text);
  return out;
}

}  // namespace

TEST_CASE("a JSON string escapes what must be, and keeps UTF-8") {
  CHECK(json("") == R"("")");
  CHECK(json("plain") == R"("plain")");
  CHECK(json("a\"b\\c\n\x01\x7f") == R"("a\"b\\c\u000a\u0001\u007f")");
  CHECK(json("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

TEST_CASE("bytes that are no UTF-8 become code points in a JSON string") {
  CHECK(json("\xff") == R"("\u00ff")");
  CHECK(json("\xc3") == R"("\u00c3")");
  CHECK(json("\xc0\xaf") == R"("\u00c0\u00af")");            // overlong
  CHECK(json("\xed\xa0\x80") == R"("\u00ed\u00a0\u0080")");  // a surrogate
  CHECK(json("\xf4\x90\x80\x80") == R"("\u00f4\u0090\u0080\u0080")");
  CHECK(json("\xe2\x82") == R"("\u00e2\u0082")");  // cut off
}

TEST_CASE("only valid UTF-8 is called UTF-8") {
  using respublica::is_utf8;
  CHECK(is_utf8(""));
  CHECK(is_utf8(std::string_view("plain\0gr\xc3\xbc\xc3\x9f", 12)));
  CHECK_FALSE(is_utf8("gr\xc3"));
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));
}
