#include "protocol/integer.h"

#include <limits>

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("decimal numbers up to 64 bits are integers") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("7") == 7);
  CHECK(parse_integer("-10") == -10);
  CHECK(parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("nothing else is an integer") {
  for (const char* text : {"", "-", "-0", "00", "01", "-01", "+1", " 1", "1 ", "1a", "0x1", "1.0", "--1",
                           "9223372036854775808", "-9223372036854775809", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK(parse_integer(text) == std::nullopt);
  }
}

}  // namespace respublica
