#include "server/followers.h"

#include "tests/support/catch.h"

using namespace respublica;

TEST_CASE("a bell is told of once, however often it rings before it is answered") {
  Followers followers;
  const auto bell = followers.follow("orders", 3, 77);
  CHECK(bell->rung());
  CHECK(followers.ring({"orders"}).empty());
  bell->answer();
  const auto rung = followers.ring({"orders", "orders", "other"});
  REQUIRE(rung.size() == 1);
  CHECK(rung.front()->io_thread() == 3);
  CHECK(rung.front()->session() == 77);
  CHECK(followers.ring({"orders"}).empty());
}

TEST_CASE("only the followers of a channel are counted and told") {
  Followers followers;
  CHECK(followers.count("a") == 0);
  const auto first = followers.follow("a", 0, 1);
  auto second = followers.follow("a", 0, 2);
  const auto other = followers.follow("b", 0, 3);
  for (const auto& bell : {first, second, other}) bell->answer();
  CHECK(followers.count("a") == 2);
  CHECK(followers.ring({"c"}).empty());
  CHECK(followers.ring({"a"}).size() == 2);
  CHECK_FALSE(other->rung());
  second.reset();
  CHECK(followers.count("a") == 1);
}

TEST_CASE("a follower that goes while it is being told is forgotten afterwards") {
  Followers followers;
  auto bell = followers.follow("a", 0, 1);
  bell->answer();
  auto told = followers.ring({"a"});
  bell.reset();
  CHECK(told.size() == 1);
  told.clear();
  CHECK(followers.count("a") == 0);
}
