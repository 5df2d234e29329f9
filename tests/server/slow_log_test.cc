#include "server/slow_log.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("the newest slow command comes first and the oldest is forgotten") {
  SlowLog log;
  for (const std::string_view name : {"one", "two", "three"}) log.add({&name, 1}, 100, 5, "addr", "", 2);
  const auto entries = log.newest(10);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].arguments.front() == "three");
  CHECK(entries[0].id == 2);
  CHECK(entries[1].arguments.front() == "two");
  log.clear();
  CHECK(log.size() == 0);
}

TEST_CASE("a slow command's long arguments are shortened as Redis does") {
  SlowLog log;
  const std::string large(200, 'x');
  std::vector<std::string_view> arguments(40, "a");
  arguments[1] = large;
  log.add(arguments, 100, 5, "addr", "name", 8);
  const auto entries = log.newest(1);
  REQUIRE(entries.size() == 1);
  REQUIRE(entries[0].arguments.size() == 32);
  CHECK(entries[0].arguments[1] == std::string(128, 'x') + "... (72 more bytes)");
  CHECK(entries[0].arguments[31] == "... (9 more arguments)");
}

}  // namespace respublica
