#include "broker/virtual_looks.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Group = VirtualLooks::Group;

const Group kGroup{"$ce:order", "g"};
const StreamId kPlace{1000, 50};

DurableCommand reading(std::vector<ReadGroup::Place> places) {
  ReadGroup read;
  read.group = "g";
  read.places = std::move(places);
  return {{}, std::move(read)};
}

}  // namespace

TEST_CASE("looks are for readings of what is new in one virtual channel") {
  CHECK(VirtualLooks::group_of(reading({{"$ce:order", std::nullopt}})) == kGroup);
  CHECK(VirtualLooks::group_of(reading({{"$all", std::nullopt}})) == Group{"$all", "g"});
  CHECK_FALSE(VirtualLooks::group_of(reading({{"$ce:order", StreamId{}}})));
  CHECK_FALSE(VirtualLooks::group_of(reading({{"order", std::nullopt}})));
  CHECK_FALSE(VirtualLooks::group_of({"$ce:order", ShowGroups{}}));
}

TEST_CASE("groups are looked for in the order in which they were asked for, once") {
  VirtualLooks looks;
  CHECK_FALSE(looks.take());
  looks.ask({"$all", "b"});
  looks.ask(kGroup);
  looks.ask({"$all", "b"});
  CHECK(looks.take() == Group{"$all", "b"});
  CHECK_FALSE(looks.empty());
  CHECK(looks.take() == kGroup);
  CHECK(looks.empty());
  looks.ask(kGroup);
  CHECK(looks.take() == kGroup);
}

TEST_CASE("a look begins behind what was given, and not at all while nothing has come since the end was reached") {
  VirtualLooks looks;
  CHECK(looks.begin(kGroup, kPlace) == StreamId{1000, 51});
  looks.reached_end(kGroup, kPlace);
  CHECK_FALSE(looks.begin(kGroup, kPlace));
  CHECK(looks.begin({"$ce:order", "other"}, kPlace) == StreamId{1000, 51});
  looks.left(kGroup);
  CHECK(looks.begin(kGroup, kPlace) == StreamId{1000, 51});
}

TEST_CASE("what was appended to others is passed over") {
  VirtualLooks looks;
  looks.reached_end(kGroup, kPlace);
  looks.reached_end({"$all", "g"}, kPlace);
  looks.appended({"account:1"}, {2000, 70});
  CHECK_FALSE(looks.begin(kGroup, kPlace));
  CHECK(looks.take() == Group{"$all", "g"});
  looks.appended({"account:1", "order:7", "order:8"}, {3000, 90});
  CHECK(looks.begin(kGroup, kPlace) == StreamId{3000, 90});
  CHECK(looks.take() == kGroup);
  // What comes before it has been looked for changes nothing.
  looks.appended({"order:7"}, {4000, 100});
  CHECK(looks.empty());
  CHECK(looks.begin(kGroup, kPlace) == StreamId{3000, 90});
  CHECK(looks.begin({"$all", "g"}, kPlace) == StreamId{2000, 70});
}

TEST_CASE("names of the broker's own are not in $all") {
  VirtualLooks looks;
  looks.reached_end({"$all", "g"}, kPlace);
  looks.appended({"$delayed:order:7"}, {2000, 70});
  CHECK(looks.empty());
}

TEST_CASE("a group that was set back looks from there") {
  VirtualLooks looks;
  looks.reached_end(kGroup, kPlace);
  CHECK(looks.begin(kGroup, {1000, 20}) == StreamId{1000, 21});
  CHECK_FALSE(looks.begin(kGroup, {1000, 60}));
}

TEST_CASE("groups that are gone are forgotten") {
  VirtualLooks looks;
  looks.reached_end(kGroup, kPlace);
  looks.reached_end({"$ce:order", "other"}, kPlace);
  looks.keep("$ce:order", [](const std::string& group) { return group == "other"; });
  CHECK(looks.begin(kGroup, kPlace) == StreamId{1000, 51});
  CHECK_FALSE(looks.begin({"$ce:order", "other"}, kPlace));
}

}  // namespace respublica
