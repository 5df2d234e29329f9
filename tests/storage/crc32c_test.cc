#include "storage/crc32c.h"

#include <string>

#include "tests/support/catch.h"

using respublica::crc32c;

TEST_CASE("the checksum is CRC-32C") {
  // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  CHECK(crc32c(0, "123456789") == 0xe3069283U);
  CHECK(crc32c(0, std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(crc32c(0, std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(crc32c(0, "") == 0);
}

TEST_CASE("a checksum goes on where another one ended") {
  CHECK(crc32c(crc32c(0, "1234"), "56789") == crc32c(0, "123456789"));
}

TEST_CASE("another seed gives another checksum") { CHECK(crc32c(1, "123456789") != crc32c(0, "123456789")); }
