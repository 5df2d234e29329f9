#include "server/monitor_feed.h"

#include <array>

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("a MONITOR line shows time, database, address and quoted arguments") {
  const std::array<std::string_view, 2> arguments = {"PUBLISH", "a b"};
  CHECK(monitor_line(1339518083.107412, 0, "127.0.0.1:60866", arguments) ==
        "+1339518083.107412 [0 127.0.0.1:60866] \"PUBLISH\" \"a b\"");
}

TEST_CASE("a MONITOR line escapes what is not printable, as Redis does") {
  const std::array<std::string_view, 1> arguments = {std::string_view("\"\\\n\r\t\a\b\x01\xff\0", 10)};
  CHECK(monitor_line(1, 3, "?:0", arguments) == R"(+1.000000 [3 ?:0] "\"\\\n\r\t\a\b\x01\xff\x00")");
}

TEST_CASE("a list of clients in MONITOR is empty when the last has been found to have left") {
  MonitorList monitors;
  CHECK(monitors.empty());
  monitors.add(7);
  monitors.add(8);
  CHECK_FALSE(monitors.empty());
  std::vector<std::uint64_t> seen;
  monitors.retain([&](std::uint64_t number) {
    seen.push_back(number);
    return number == 8;
  });
  CHECK(seen == std::vector<std::uint64_t>{7, 8});
  CHECK_FALSE(monitors.empty());
  monitors.retain([](std::uint64_t) { return false; });
  CHECK(monitors.empty());
}

}  // namespace respublica
