#include "tools/dlq/advisory.h"

#include <string>

#include "base/json_text.h"
#include "tests/support/catch.h"

namespace respublica::test {

using dlqtool::read_advisory;

TEST_CASE("an advisory is read as the broker writes it") {
  std::string value;
  for (int byte = 1; byte < 128; ++byte) value += static_cast<char>(byte);
  value += "\xc3\xa4";
  std::string json = R"({"dlq":"dead","dlq.reason":)";
  append_json_string(json, value);
  const auto letter = read_advisory(json + R"(,"dlq.detail":"\u00e4\"\\"})");
  REQUIRE(letter);
  CHECK(letter->dlq == "dead");
  CHECK(letter->value("dlq.reason") == value);
  CHECK(letter->value("dlq.detail") == "\xe4\"\\");
}

TEST_CASE("what is no flat object of strings is no advisory") {
  for (const char* const text :
       {"", "{", "{}", "x", R"({"a"})", R"({"a":1})", R"({"a":"b")", R"({"a":"b"}x)", R"({"a":"b)", R"({"a":"\)",
        R"({"a":"\x"})", R"({"a":"\u12"})", R"({"a":"\u1234"})", R"({"a":"\u-001"})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_advisory(text));
  }
}

}  // namespace respublica::test
