#include "broker/name_hash.h"

#include <set>
#include <string>

#include "tests/support/catch.h"

namespace respublica {
namespace {

TEST_CASE("Equal names have equal hashes, wherever they are in memory") {
  const NameHash hash;
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string name(size, 'n');
    const std::string shifted = "x" + name;
    CHECK(hash(name) == hash(std::string_view(shifted).substr(1)));
  }
}

TEST_CASE("Every byte of a name and its length count") {
  const NameHash hash;
  std::set<std::uint64_t> hashes;
  for (std::size_t size = 0; size < 70; ++size) {
    std::string name(size, '\0');
    hashes.insert(hash(name));
    for (char& byte : name) {
      byte = 'x';
      hashes.insert(hash(name));
      byte = '\0';
    }
  }
  CHECK(hashes.size() == 70 + 70 * 69 / 2);
}

TEST_CASE("Two registries hash differently") { CHECK(NameHash()("news") != NameHash()("news")); }

TEST_CASE("Similar names spread over the low, the middle and the high bits") {
  const NameHash hash;
  std::set<std::uint64_t> low;
  std::set<std::uint64_t> middle;
  std::set<std::uint64_t> high;
  for (int i = 0; i < 4096; ++i) {
    const std::uint64_t value = hash("channel:" + std::to_string(i));
    low.insert(value & 0xff);
    middle.insert((value >> 16) & 0x1f);
    high.insert(value >> 56);
  }
  CHECK(low.size() > 250);
  CHECK(middle.size() == 32);
  CHECK(high.size() > 250);
}

}  // namespace
}  // namespace respublica
