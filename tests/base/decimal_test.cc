#include "base/decimal.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("digits are a number, up to the largest of 64 bits") {
  CHECK(parse_decimal("0") == 0);
  CHECK(parse_decimal("007") == 7);
  CHECK(parse_decimal("18446744073709551615") == UINT64_MAX);
}

TEST_CASE("anything else is none") {
  for (const std::string_view text : {"", "-1", "+1", " 1", "1 ", "1.5", "0x1", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

}  // namespace respublica
