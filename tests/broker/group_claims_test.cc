#include "broker/group_claims.h"

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using Mode = ReleaseEntries::Mode;

/// Entries 1-0 to 4-0 of s; consumer c has the first three since 2000.
struct Claiming : Batches {
  Claiming() {
    for (int i = 1; i <= 4; ++i) commit(add("s", std::to_string(i) + "-0"));
    commit(make_group());
    commit(read_new("c", 3), 2000);
  }

  std::string pending(std::uint64_t now_ms) { return show(commit(list_pending(), now_ms)); }
};

}  // namespace

TEST_CASE("an entry is claimed when it has been idle for long enough") {
  Claiming log;
  CHECK(show(log.commit(claim("d", "1-0", 501), 2500)).empty());
  CHECK(show(log.commit(claim("d", "1-0 9-9", 500), 2500)) == "1-0=v");
  CHECK(log.pending(2600) == "1-0 d 100 2, 2-0 c 600 1, 3-0 c 600 1");
}

TEST_CASE("a consumer is made by claiming, though it gets nothing") {
  Claiming log;
  log.commit(claim("d", "9-9"), 2100);
  log.commit(claim_idle("e", 5000), 2200);
  CHECK(show(log.commit({"s", ShowConsumers{"g"}})) ==
        "c 3 seen 2000 active 2000, d 0 seen 2100 active ?, e 0 seen 2200 active ?");
}

TEST_CASE("a claim may set when and how often an entry was delivered") {
  Claiming log;
  DurableCommand command = claim("d", "1-0");
  options(command).idle_ms = 300;
  options(command).deliveries = 7;
  log.commit(command, 3000);
  CHECK(show(log.commit(list_pending("d"), 3000)) == "1-0 d 300 7");
  command = claim("d", "1-0");
  options(command).time_ms = 1234;
  options(command).just_ids = true;
  CHECK(show(log.commit(command, 3000)) == "1-0");
  CHECK(show(log.commit(list_pending("d"), 3000)) == "1-0 d 1766 7");
  // Times that make no sense are now.
  options(command).time_ms = 9999;
  log.commit(command, 3000);
  CHECK(show(log.commit(list_pending("d"), 3000)) == "1-0 d 0 7");
  options(command).time_ms.reset();
  options(command).idle_ms = 3001;
  log.commit(command, 3000);
  CHECK(show(log.commit(list_pending("d"), 3000)) == "1-0 d 0 7");
}

TEST_CASE("an entry that nobody has is claimed by force, if it is there") {
  Claiming log;
  DurableCommand command = claim("d", "4-0 5-0", 100'000);
  CHECK(show(log.commit(command, 2000)).empty());
  options(command).force = true;
  CHECK(show(log.commit(command, 2000)) == "4-0=v");
  CHECK(show(log.commit(list_pending("d"), 2000)) == "4-0 d 0 2");
  // Made by force it counts one delivery; JUSTID adds none.
  log.commit(acknowledge("4-0"));
  options(command).just_ids = true;
  log.commit(command, 2000);
  CHECK(show(log.commit(list_pending("d"), 2000)) == "4-0 d 0 1");
  CHECK(show(log.commit({"s", ShowGroups{}})).find("at 3-0") != std::string::npos);
}

TEST_CASE("what is gone is not claimed, and pending no more") {
  Claiming log;
  log.commit(remove("s", {{1, 0}, {2, 0}}));
  // Even when it has not been idle.
  CHECK(show(log.commit(claim("d", "1-0 1-0 2-0 3-0", 5000), 2000)).empty());
  CHECK(log.pending(2000) == "3-0 c 0 1");
}

TEST_CASE("what is named twice is claimed twice, as far as it is idle") {
  Claiming log;
  CHECK(show(log.commit(claim("d", "1-0 1-0"), 2500)) == "1-0=v 1-0=v");
  CHECK(show(log.commit(claim("d", "2-0 2-0", 10), 2500)) == "2-0=v");
  CHECK(log.pending(2500) == "1-0 d 0 3, 2-0 d 0 2, 3-0 c 500 1");
  DurableCommand command = claim("d", "4-0 4-0");
  options(command).force = true;
  log.commit(command, 2500);
  CHECK(log.pending(2500).ends_with("4-0 d 0 3"));
}

TEST_CASE("a claim may lead the group on, never back") {
  Claiming log;
  DurableCommand command = claim("d", "9-9");
  options(command).last_id = StreamId{4, 0};
  log.commit(command);
  CHECK(show(log.commit(read_new("c"))) == "nothing");
  options(command).last_id = StreamId{1, 0};
  log.commit(command);
  CHECK(show(log.commit(read_new("c"))) == "nothing");
}

TEST_CASE("idle entries are claimed in the order of their IDs, and where to go on is told") {
  Claiming log;
  CHECK(show(log.commit(claim_idle("d", 600), 2500)).empty());
  CHECK(show(log.commit(claim_idle("d", 500, "0", 2), 2500)) == "1-0=v 2-0=v next 3-0");
  CHECK(show(log.commit(claim_idle("d", 500, "3", 2), 2500)) == "3-0=v");
  CHECK(show(log.commit(claim_idle("e", 0, "2-1"), 2500)) == "3-0=v");
  CHECK(log.pending(2500) == "1-0 d 0 2, 2-0 d 0 2, 3-0 e 0 3");
  DurableCommand ids = claim_idle("d", 0);
  std::get<ClaimIdle>(ids.change).just_ids = true;
  CHECK(show(log.commit(ids, 2600)) == "1-0 2-0 3-0");
  CHECK(log.pending(2600) == "1-0 d 0 2, 2-0 d 0 2, 3-0 d 0 3");
}

TEST_CASE("claiming idle entries finds those that are gone, and counts them") {
  Claiming log;
  log.commit(remove("s", {{1, 0}}));
  CHECK(show(log.commit(claim_idle("d", 9999, "0", 1), 2000)) == " next 2-0 gone 1-0");
  CHECK(log.pending(2000) == "2-0 c 0 1, 3-0 c 0 1");
}

TEST_CASE("claiming idle entries looks at ten times as many as it may give") {
  Batches log;
  for (int i = 1; i <= 30; ++i) log.commit(add("s", std::to_string(i) + "-0"));
  log.commit(make_group());
  log.commit(read_new("c"), 2000);
  CHECK(show(log.commit(claim_idle("d", 500, "0", 2), 2100)) == " next 21-0");
  DurableCommand old = claim("c", "15-0");
  options(old).idle_ms = 1000;
  log.commit(old, 2100);
  CHECK(show(log.commit(claim_idle("d", 500, "0", 2), 2100)) == "15-0=v next 21-0");
}

TEST_CASE("what is given back nobody has, and anybody may claim at once") {
  Claiming log;
  CHECK(show(log.commit(give_back("1-0 4-0 9-9"), 2500)) == "1");
  CHECK(log.pending(2500) == "1-0 nobody -1 1, 2-0 c 500 1, 3-0 c 500 1");
  CHECK(show(log.commit(read_pending("c"), 2500)) == "s: 2-0=v 3-0=v");
  CHECK(show(log.commit(claim("d", "1-0", 100'000), 2500)) == "1-0=v");
  log.commit(give_back("1-0"), 2500);
  CHECK(show(log.commit(claim_idle("e", 100'000), 2500)) == "1-0=v");
  CHECK(show(log.commit(list_pending("e"), 2500)) == "1-0 e 0 3");
  log.commit(give_back("1-0"), 2500);
  CHECK(show(log.commit(acknowledge("1-0"), 2500)) == "1");
}

TEST_CASE("what is given back counts one delivery less, as many, or as many as there can be") {
  Claiming log;
  log.commit(give_back("1-0", Mode::silent), 2500);
  log.commit(give_back("2-0", Mode::fail), 2500);
  log.commit(give_back("3-0", Mode::fatal), 2500);
  CHECK(log.pending(2500) == "1-0 nobody -1 0, 2-0 nobody -1 1, 3-0 nobody -1 9223372036854775807");
  log.commit(give_back("1-0", Mode::silent), 2500);
  DurableCommand set = give_back("3-0", Mode::fatal);
  std::get<ReleaseEntries>(set.change).deliveries = 4;
  log.commit(set, 2500);
  CHECK(log.pending(2500) == "1-0 nobody -1 0, 2-0 nobody -1 1, 3-0 nobody -1 4");
}

TEST_CASE("what nobody has is given back by force, if it is there") {
  Claiming log;
  DurableCommand command = give_back("4-0 9-9");
  auto& release = std::get<ReleaseEntries>(command.change);
  release.force = true;
  CHECK(show(log.commit(command, 2500)) == "1");
  CHECK(show(log.commit(list_pending({}, 0, {{4, 0}, kMaxStreamId}), 2500)) == "4-0 nobody -1 0");
  log.commit(acknowledge("4-0"));
  release.mode = Mode::fatal;
  log.commit(command, 2500);
  CHECK(show(log.commit(list_pending({}, 0, {{4, 0}, kMaxStreamId}), 2500)) == "4-0 nobody -1 9223372036854775807");
}

TEST_CASE("an entry that is gone can be given back, too") {
  Claiming log;
  log.commit(remove("s", {{1, 0}}));
  CHECK(show(log.commit(give_back("1-0"), 2500)) == "1");
  CHECK(show(log.commit(claim_idle("d", 0, "0", 1), 2500)) == " next 2-0 gone 1-0");
}

TEST_CASE("claims of a group that is not there are refused") {
  Batches log;
  CHECK(show(log.commit(claim("c", "1-0"))) == "no group g of s");
  log.commit(add("s", "1-0"));
  CHECK(show(log.commit(claim("c", "1-0"))) == "no group g of s");
  CHECK(show(log.commit(claim_idle("c", 0))) == "no group g of s");
  CHECK(show(log.commit(give_back("1-0"))) == "no group g of s");
}

}  // namespace respublica
