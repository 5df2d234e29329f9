// What becomes of entries that are not acknowledged, where a rule holds.

#include "broker/group_sweep.h"

#include <map>
#include <memory>
#include <string>

#include "broker/dead_letters.h"
#include "tests/broker/failing_group.h"
#include "tests/support/catch.h"

namespace respublica {

using namespace test;

TEST_CASE("an entry that was delivered as often as the rule allows is dead when its consumer's time is over") {
  Failing log;
  log.deliver_twice();
  log.commit(claim("d", "1-0"), 2000);
  CHECK(log.sweep(2099) == 0);
  CHECK(log.letters() == 0);
  CHECK(log.sweep(2100) == 1);
  CHECK(log.pending(2100).empty());
  std::map<std::string, std::string> letter = log.letter();
  CHECK(letter["dlq.reason"] == "max-deliveries");
  CHECK(letter["dlq.channel"] == "s");
  CHECK(letter["dlq.id"] == "1-0");
  CHECK(letter["dlq.group"] == "g");
  CHECK(letter["dlq.consumer"] == "d");
  CHECK(letter["dlq.deliveries"] == "3");
  CHECK(letter["dlq.published-ms"] == "1");
  CHECK(letter["dlq.first-delivered-ms"] == "1000");
  CHECK(letter["dlq.last-delivered-ms"] == "2000");
  CHECK(letter["dlq.dead-ms"] == "2100");
  CHECK(letter["f"] == "v1");
  CHECK(log.streams.find("s")->length() == 4);
  CHECK(log.sweep(9999) == 0);
}

TEST_CASE("an entry that is exhausted is not delivered again, though nobody has swept") {
  Failing log;
  log.deliver_twice();
  log.commit(claim("d", "1-0"), 2000);
  CHECK(show(log.commit(claim("e", "1-0"), 3000)).empty());
  CHECK(show(log.commit(read_claiming("e", 0, 1), 3000)) == "s: 2-0=v2 (0 0)");
  CHECK(show(log.commit(claim_idle("e", 0), 3000)) == "2-0=v2");
}

TEST_CASE("the last delivery of an entry is its own") {
  Failing log;
  log.rule.redeliver = true;
  log.set_rule();
  CHECK(log.read("c", 1000, 2) == "s: 1-0=v1 2-0=v2");
  CHECK(log.read("c", 1100) == "s: 1-0=v1 2-0=v2 3-0=v3 4-0=v4");
  CHECK(log.read("c", 1200) == "s: 1-0=v1");
  CHECK(log.read("c", 1200) == "s: 2-0=v2");
  CHECK(log.read("c", 1200) == "s: 3-0=v3 4-0=v4");
  CHECK(log.sweep(1300) == 2);
  CHECK(log.letters() == 2);
  CHECK(log.pending(1300) == "3-0 c 100 2, 4-0 c 100 2");
}

TEST_CASE("a plain read gets nothing again without redelivery") {
  Failing log;
  CHECK(log.read("c", 1000) == "s: 1-0=v1 2-0=v2 3-0=v3 4-0=v4");
  CHECK(log.read("d", 9000) == "nothing");
}

TEST_CASE("an entry that fails waits before it is delivered again") {
  Failing log;
  log.read("c", 1000, 1);
  CHECK(log.commit(fail("1-0"), 1000).count == 1);
  CHECK(show(log.commit(read_claiming("d", 0, 1), 1009)) == "s: 2-0=v2 (0 0)");
  CHECK(log.sweep(1009) == 0);
  CHECK(log.sweep(1010) == 1);
  CHECK(show(log.commit(read_claiming("d", 5000, 1), 1010)) == "s: 1-0=v1 (1010 1)");
  log.commit(fail("1-0"), 1020);
  CHECK(log.sweep(1069) == 0);
  CHECK(log.sweep(1070) == 1);
}

TEST_CASE("an entry that fails on its last delivery is dead at once") {
  Failing log;
  log.deliver_twice();
  log.commit(claim("d", "1-0"), 2000);
  CHECK(log.commit(fail("1-0", ReleaseEntries::Mode::fail, "no such customer"), 2000).count == 1);
  CHECK(log.pending(2000).empty());
  CHECK(log.letter()["dlq.reason"] == "max-deliveries");
  CHECK(log.letter()["dlq.detail"] == "no such customer");
}

TEST_CASE("an entry that nobody can process is dead at once") {
  Failing log;
  log.read("c", 1000, 2);
  CHECK(log.commit(fail("1-0 2-0 3-0", ReleaseEntries::Mode::fatal, "cannot be parsed"), 1000).count == 2);
  CHECK(log.letters() == 2);
  CHECK(log.letter()["dlq.reason"] == "rejected");
  CHECK(log.letter()["dlq.detail"] == "cannot be parsed");
  CHECK(log.letter()["dlq.deliveries"] == "1");
  CHECK(log.letter()["dlq.consumer"] == "c");
}

TEST_CASE("an operator makes dead letters of what is pending, with a rule and without one") {
  Failing log;
  if (GENERATE(true, false)) log.batch->set_rules(std::make_shared<DurableRules>());
  log.read("c", 1000, 2);
  CHECK(log.commit(fail("1-0 3-0", ReleaseEntries::Mode::dead, "see ticket 7"), 2000).count == 1);
  CHECK(log.pending(2000) == "2-0 c 1000 1");
  CHECK(log.letters() == 1);
  CHECK(log.letter()["dlq.reason"] == "operator");
  CHECK(log.letter()["dlq.detail"] == "see ticket 7");
  CHECK(log.letter()["f"] == "v1");
}

TEST_CASE("an entry that was not pending is dead, and once, when it is made pending as one that nobody can process") {
  Failing log;
  DurableCommand forced = fail("1-0 1-0", ReleaseEntries::Mode::fatal, "bad");
  std::get<ReleaseEntries>(forced.change).force = true;
  CHECK(log.commit(forced, 1000).count == 1);
  CHECK(log.letters() == 1);
  CHECK(log.letter()["dlq.reason"] == "rejected");
  CHECK(log.letter()["dlq.deliveries"] == "0");
  CHECK(log.pending(1000).empty());
}

TEST_CASE("a silent return counts as no delivery, and does not wait") {
  Failing log;
  log.read("c", 1000, 1);
  log.commit(fail("1-0", ReleaseEntries::Mode::silent), 1000);
  CHECK(log.pending(1000) == "1-0 nobody -1 0");
  CHECK(log.letters() == 0);
}

TEST_CASE("a dead letter of an entry that is gone says so") {
  Failing log;
  log.read("c", 1000, 1);
  log.commit(remove("s", {{1, 0}}));
  log.commit(fail("1-0", ReleaseEntries::Mode::fatal), 1000);
  CHECK(log.letter()["dlq.payload"] == "missing");
  CHECK(log.letter()["dlq.id"] == "1-0");
}

TEST_CASE("each group has its own dead letters, and leaves others alone") {
  Failing log;
  log.rule.dlq = "dlq:%channel:%group";
  log.set_rule();
  log.commit({"s", MakeGroup{"h", StreamId{}, {}, MissingStream::refuse}});
  DurableCommand other = read_new("c");
  std::get<ReadGroup>(other.change).group = "h";
  log.commit(other, 1000);
  log.read("c", 1000, 1);
  log.commit(fail("1-0", ReleaseEntries::Mode::fatal), 1000);
  CHECK(log.letter("dlq:s:g")["dlq.group"] == "g");
  CHECK(show(log.commit({"s", CountPending{"h"}})) == "4 1-0 4-0 c=4");
}

TEST_CASE("what dies among dead letters stays where it is") {
  Failing log;
  log.rule.dlq = "s";
  log.set_rule();
  log.deliver_twice();
  log.commit(claim("d", "1-0"), 2000);
  CHECK(log.sweep(9000) == 0);
  // Whoever looks into it gets it as often as they ask.
  CHECK(show(log.commit(claim("e", "1-0"), 9000)) == "1-0=v1");
  CHECK(show(log.commit(claim_idle("e", 0), 9000)) == "1-0=v1");
  CHECK(show(log.commit(read_claiming("e", 0, 2), 9000)) == "s: 1-0=v1 2-0=v2 (0 5) (0 0)");
  log.commit(acknowledge("2-0"));
  log.commit(fail("1-0", ReleaseEntries::Mode::fatal), 9000);
  CHECK(log.pending(9000) == "1-0 nobody -1 9223372036854775807");
  CHECK(log.streams.find("s")->length() == 4);
}

TEST_CASE("subscribers hear of dead letters") {
  Failing log;
  log.read("c", 1000, 1);
  log.begin(1000);
  log.run(fail("1-0", ReleaseEntries::Mode::fatal));
  const auto live = log.batch->live_entries();
  REQUIRE(live.size() == 2);
  CHECK(live[0].channel == "dlq");
  CHECK(live[1].channel == "$events:dlq");
  FieldsReader fields(live[1].fields);
  CHECK(std::string(fields.next().value).starts_with(R"({"dlq":"dlq","dlq.reason":"rejected")"));
  CHECK(log.batch->own_channels().front() == "dlq");
  log.commit();
}

TEST_CASE("a consumer that is deleted leaves what it had to others") {
  Failing log;
  log.read("c", 1000, 2);
  CHECK(log.commit({"s", DropConsumer{"g", "c"}}).count == 2);
  CHECK(log.pending(1000) == "1-0 nobody -1 1, 2-0 nobody -1 1");
  CHECK(show(log.commit(read_claiming("d", 60'000, 2), 1100)) == "s: 1-0=v1 2-0=v2 (1100 1) (1100 1)");
}

TEST_CASE("without a rule all is as in Redis") {
  Failing log;
  log.batch->set_rules(std::make_shared<DurableRules>());
  log.deliver_twice();
  for (int i = 0; i < 9; ++i) log.commit(claim("d", "1-0"), 2000);
  CHECK(log.sweep(99'000) == 0);
  log.commit(fail("1-0", ReleaseEntries::Mode::fatal), 2000);
  CHECK(log.pending(2000) == "1-0 nobody -1 9223372036854775807");
  CHECK(log.commit({"s", DropConsumer{"g", "d"}}).count == 0);
  CHECK(log.streams.find("dlq") == nullptr);
}

}  // namespace respublica
