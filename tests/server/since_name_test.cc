#include "server/since_name.h"

#include "tests/support/catch.h"

using namespace respublica;

namespace {

constexpr std::uint64_t kNow = 10'000'000;

std::optional<StreamId> first_of(std::string_view from) {
  const std::string name = "$since:" + std::string(from) + ":orders";
  const auto since = parse_since_name(name, kNow);
  if (!since) return std::nullopt;
  CHECK(since->channel == "orders");
  return since->first;
}

}  // namespace

TEST_CASE("a full ID begins behind itself, milliseconds begin with themselves") {
  CHECK(first_of("5-3") == StreamId{5, 4});
  CHECK(first_of("5-18446744073709551615") == StreamId{6, 0});
  CHECK(first_of("5") == StreamId{5, 0});
  CHECK(first_of("0") == StreamId{0, 0});
}

TEST_CASE("a duration begins so long before now, at most at the beginning") {
  CHECK(first_of("1s") == StreamId{kNow - 1000, 0});
  CHECK(first_of("250ms") == StreamId{kNow - 250, 0});
  CHECK(first_of("1H") == StreamId{kNow - 3'600'000, 0});
  CHECK(first_of("1d") == StreamId{0, 0});
}

TEST_CASE("the channel is all that stands behind the second colon") {
  CHECK(parse_since_name("$since:0:account:42", kNow)->channel == "account:42");
  CHECK(parse_since_name("$since:0:", kNow)->channel.empty());
}

TEST_CASE("what is no place and channel is refused") {
  for (const std::string_view name :
       {"$since:", "$since:0", "$since::orders", "$since:-:orders", "$since:1-:orders", "$since:-1:orders",
        "$since:1x:orders", "$since:0s:orders", "$since:$:orders", "$since: 1:orders", "since:0:orders",
        "$Since:0:orders", "$since:18446744073709551616:orders",
        "$since:18446744073709551615-18446744073709551615:orders"}) {
    INFO(name);
    CHECK_FALSE(parse_since_name(name, kNow));
  }
}
