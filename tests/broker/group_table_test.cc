#include "broker/group_table.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Kind = GroupRecord::Kind;

GroupRecord record(Kind kind, std::uint64_t group, std::string_view name = "") {
  GroupRecord record;
  record.channel = {7};
  record.kind = kind;
  record.group = group;
  record.name = name;
  record.last_delivered = {5, 0};
  return record;
}

}  // namespace

TEST_CASE("groups are found by stream and name") {
  GroupTable table;
  CHECK(table.find({7}) == nullptr);
  REQUIRE(table.apply(record(Kind::make, 1, "g")));
  REQUIRE(table.apply(record(Kind::make, 2, "h")));
  REQUIRE(table.find({7}, "g") != nullptr);
  CHECK(table.find({7}, "g")->number() == 1);
  CHECK(table.find({7}, "h")->last_delivered() == StreamId{5, 0});
  CHECK(table.find({7}, "i") == nullptr);
  CHECK(table.find({8}, "g") == nullptr);
  table.drop({7});
  CHECK(table.find({7}) == nullptr);
}

TEST_CASE("records go to the group of their number") {
  GroupTable table;
  REQUIRE(table.apply(record(Kind::make, 1, "g")));
  REQUIRE(table.apply(record(Kind::make, 2, "h")));
  GroupRecord move = record(Kind::move, 2);
  move.last_delivered = {9, 0};
  REQUIRE(table.apply(move));
  CHECK(table.find({7}, "g")->last_delivered() == StreamId{5, 0});
  CHECK(table.find({7}, "h")->last_delivered() == StreamId{9, 0});
}

TEST_CASE("the number of a group is not given again, its name may be") {
  GroupTable table;
  REQUIRE(table.apply(record(Kind::make, 1, "g")));
  REQUIRE(table.apply(record(Kind::drop, 1)));
  CHECK(table.find({7}, "g") == nullptr);
  CHECK(table.find({7})->next_number() == 2);
  REQUIRE(table.apply(record(Kind::make, 2, "g")));
  CHECK(table.find({7}, "g")->number() == 2);
}

TEST_CASE("records of groups that contradict those before them are refused") {
  const auto refuses = [](const GroupRecord& record) {
    GroupTable table;
    REQUIRE(table.apply(respublica::record(Kind::make, 1, "g")));
    return !table.apply(record);
  };
  CHECK(refuses(record(Kind::make, 1, "h")));
  CHECK(refuses(record(Kind::make, 3, "h")));
  CHECK(refuses(record(Kind::make, 2, "g")));
  CHECK(refuses(record(Kind::move, 2)));
  CHECK(refuses(record(Kind::drop, 0)));
  CHECK_FALSE(refuses(record(Kind::drop, 1)));
}

}  // namespace respublica
