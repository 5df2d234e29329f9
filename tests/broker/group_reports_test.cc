#include "broker/group_reports.h"

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

/// Of entries 1-0 to 5-0, b has the first three since 2000, a the others since 3000.
struct Reporting : Batches {
  Reporting() {
    for (int i = 1; i <= 5; ++i) commit(add("s", std::to_string(i) + "-0"));
    commit(make_group());
    commit(read_new("b", 3), 2000);
    commit(read_new("a"), 3000);
  }
};

}  // namespace

TEST_CASE("what is pending is counted for each consumer that has any, by name") {
  Reporting log;
  log.commit({"s", MakeConsumer{"g", "idle"}});
  CHECK(show(log.commit({"s", CountPending{"g"}})) == "5 1-0 5-0 a=2 b=3");
  log.commit(give_back("3-0"));
  CHECK(show(log.commit({"s", CountPending{"g"}})) == "5 1-0 5-0 a=2 b=2");
  log.commit(acknowledge("1-0 2-0 3-0 4-0 5-0"));
  CHECK(show(log.commit({"s", CountPending{"g"}})) == "0 0-0 0-0");
}

TEST_CASE("pending entries are listed by range, consumer and idle time") {
  Reporting log;
  CHECK(show(log.commit(list_pending({}, 0, {{2, 0}, {4, 0}}), 3500)) == "2-0 b 1500 1, 3-0 b 1500 1, 4-0 a 500 1");
  CHECK(show(log.commit(list_pending({}, 0, {{2, 0}, {4, 0}}, 1), 3500)) == "2-0 b 1500 1");
  CHECK(show(log.commit(list_pending("a"), 3500)) == "4-0 a 500 1, 5-0 a 500 1");
  CHECK(show(log.commit(list_pending("a", 0, {{5, 0}, {5, 0}}), 3500)) == "5-0 a 500 1");
  CHECK(show(log.commit(list_pending("nobody"), 3500)).empty());
  CHECK(show(log.commit(list_pending({}, 501, {}, 2), 3500)) == "1-0 b 1500 1, 2-0 b 1500 1");
  CHECK(show(log.commit(list_pending({}, 0, {}, 0), 3500)).empty());
  CHECK(show(log.commit(list_pending({}, 0, {{4, 0}, {2, 0}}), 3500)).empty());
  // Those that are idle do not count towards the count.
  log.commit(claim("b", "1-0"), 3400);
  CHECK(show(log.commit(list_pending({}, 1000, {}, 1), 3500)) == "2-0 b 1500 1");
  // What nobody has is idle for ever.
  log.commit(give_back("1-0"), 3400);
  CHECK(show(log.commit(list_pending({}, 3500, {}), 3500)) == "1-0 nobody -1 2");
}

TEST_CASE("groups are shown by name, with what they have been given") {
  Reporting log;
  log.commit({"s", MakeGroup{"e", StreamId{2, 0}, 2, MissingStream::refuse}});
  CHECK(show(log.commit({"s", ShowGroups{}})) ==
        "e: 0 consumers, 0 pending, at 2-0, read 2, lag 3; g: 2 consumers, 5 pending, at 5-0, read 5, lag 0");
  log.commit({"s", MakeGroup{"x", StreamId{1, 0}, 7, MissingStream::refuse}});
  // As Redis: what was set by hand may be more than there are.
  CHECK(show(log.commit({"s", ShowGroups{}})).ends_with("x: 0 consumers, 0 pending, at 1-0, read 7, lag -2"));
  CHECK(show(log.commit({"t", ShowGroups{}})) == "no stream");
  log.commit(add("t", "1-0"));
  CHECK(show(log.commit({"t", ShowGroups{}})).empty());
}

TEST_CASE("consumers are shown by name") {
  Reporting log;
  log.commit(read_new("c"), 3700);
  CHECK(show(log.commit({"s", ShowConsumers{"g"}})) ==
        "a 2 seen 3000 active 3000, b 3 seen 2000 active 2000, c 0 seen 3700 active ?");
  CHECK(show(log.commit({"t", ShowConsumers{"g"}})) == "no stream");
  CHECK(show(log.commit({"s", ShowConsumers{"h"}})) == "no group h of s");
}

TEST_CASE("in full, groups and consumers have their first pending entries") {
  Reporting log;
  log.commit(give_back("2-0"));
  CHECK(show(log.commit({"s", ShowGroupsInFull{2}})) ==
        "g: 2 consumers, 5 pending, at 5-0, read 5, lag 0 [1-0 b 2000 1] [2-0  0 1]"
        " {a 2 seen 3000 active 3000 [4-0 3000 1] [5-0 3000 1]} {b 2 seen 2000 active 2000 [1-0 2000 1] [3-0 2000 1]}");
  CHECK(show(log.commit({"s", ShowGroupsInFull{1}})).find("[5-0") == std::string::npos);
  CHECK(show(log.commit({"s", ShowGroupsInFull{0}})).find("[5-0 a 3000 1]") != std::string::npos);
}

TEST_CASE("reports of a group that is not there are refused") {
  Batches log;
  CHECK(show(log.commit({"s", CountPending{"g"}})) == "no group g of s");
  CHECK(show(log.commit(list_pending())) == "no group g of s");
  log.commit(add("s", "1-0"));
  CHECK(show(log.commit({"s", CountPending{"g"}})) == "no group g of s");
}

}  // namespace respublica
