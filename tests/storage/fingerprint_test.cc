#include "storage/fingerprint.h"

#include <string>

#include "tests/support/catch.h"

namespace respublica {
namespace {

std::string fingerprint(std::string_view bytes) {
  FingerprintMaker maker;
  maker.add(bytes);
  return maker.finish().text();
}

std::string all_bytes(int times) {
  std::string bytes;
  for (int i = 0; i < 256 * times; ++i) bytes.push_back(static_cast<char>(i % 256));
  return bytes;
}

}  // namespace

// As Python's hashlib.blake2b(..., digest_size=16) makes them.
TEST_CASE("a fingerprint is the BLAKE2b hash of 16 bytes") {
  CHECK(fingerprint("") == "cae66941d9efbd404e4d88758ea67670");
  CHECK(fingerprint("abc") == "cf4ab791c62b8d2b2109c90275287816");
  CHECK(fingerprint(std::string(128, 'a')) == "1271d28e731afb57bdfba6bdaf3501be");
  CHECK(fingerprint(std::string(129, 'a')) == "68b7bafbad5055c4ebe6eb170a0f8524");
  CHECK(fingerprint(all_bytes(5)) == "825c7cfa8fc12c18f57b6046a548db9f");
}

TEST_CASE("it does not matter in which pieces the bytes are added") {
  const std::string bytes = all_bytes(2);
  for (const std::size_t size : {1U, 7U, 127U, 128U, 129U, 500U}) {
    FingerprintMaker maker;
    for (std::size_t at = 0; at < bytes.size(); at += size) maker.add(std::string_view(bytes).substr(at, size));
    CHECK(maker.finish().text() == fingerprint(bytes));
  }
}

TEST_CASE("it matters where parts end") {
  FingerprintMaker one;
  one.add_part("ab");
  one.add_part("c");
  FingerprintMaker other;
  other.add_part("a");
  other.add_part("bc");
  CHECK(one.finish() != other.finish());
}

}  // namespace respublica
