// Entries that wait for their time, and that expire, with time moved by hand.

#include "broker/entry_timers.h"

#include "tests/broker/failing_group.h"
#include "tests/broker/ruled_sequencer.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Delaying : RuledSequencer {
  Delaying() : RuledSequencer("s delayed yes") {}
};

struct Expiring : RuledSequencer {
  Expiring() : RuledSequencer("s ttl 10s max-deliveries 0") {}
};

DurableCommand delayed(std::string_view value, std::uint64_t in_ms) { return add_timed("s", value, {{}, {}, in_ms}); }

DurableCommand short_lived(std::string_view value, std::uint64_t ttl_ms) {
  return add_timed("s", value, {ttl_ms, {}, {}});
}

}  // namespace

TEST_CASE_METHOD(Delaying, "an entry that waits is in its channel when it is due, with another ID") {
  run(make_group("$"));
  CHECK(run(delayed("later", 5000)).id == StreamId{1000, 0});
  run(add("s", "*", "now"));
  CHECK(shown("s") == "1000-0=now");
  CHECK(shown("$delayed:s") == "1000-0=later");
  CHECK(answer(read_new("c")) == "s: 1000-0=now");
  pass_in_steps(milliseconds(4999), milliseconds(1));
  CHECK(answer(read_new("c")) == "nothing");
  pass(milliseconds(1));
  CHECK(answer(read_new("c")) == "s: 6000-0=later");
  CHECK(shown("$delayed:s") == "none");
  CHECK(sleeps());
}

TEST_CASE_METHOD(Delaying, "entries come in the order of their times") {
  run(delayed("third", 3000));
  run(add_timed("s", "first", {{}, 2000, {}}));
  run(delayed("second", 2000));
  run(add_timed("s", "past", {{}, 999, {}}));
  CHECK(shown("s") == "1000-0=past");
  pass_in_steps(seconds(3), milliseconds(1));
  CHECK(shown("s") == "1000-0=past 2000-0=first 3000-0=second 4000-0=third");
}

TEST_CASE_METHOD(Delaying, "an entry that waits is cancelled by its ID") {
  run(delayed("a", 2000));
  CHECK(run(delayed("b", 2000)).id == StreamId{1000, 1});
  CHECK(run(remove("$delayed:s", {{1000, 0}})).count == 1);
  pass(seconds(2));
  CHECK(shown("s") == "3000-0=b");
  settle();
  CHECK(shown("$delayed:s") == "none");
}

TEST_CASE_METHOD(Delaying, "a restart forgets nothing that waits") {
  run(delayed("later", 5000));
  sequencer.stop();
  Sequencer again{opener(disk), LogOptions{}, clock, listener};
  REQUIRE(again.open());
  again.start_by_hand();
  clock.pass(milliseconds(4999));
  again.turn();
  CHECK(shown(again, "s") == "none");
  clock.pass(milliseconds(1));
  again.turn();
  CHECK(shown(again, "s") == "6000-0=later");
  CHECK(shown(again, "$delayed:s") == "none");
}

TEST_CASE_METHOD(Delaying, "more entries than come at once come one lot after the other") {
  std::vector<DurableCommand> commands;
  for (int i = 0; i < 1000; ++i) commands.push_back(delayed("v", 1000));
  commit(std::move(commands));
  CHECK(sequencer.streams().find("$delayed:s")->length() == 1000);
  pass(seconds(1));
  settle();
  CHECK(sequencer.streams().find("s")->length() == 1000);
  CHECK(sequencer.streams().find("$delayed:s") == nullptr);
}

TEST_CASE_METHOD(Delaying,
                 "an entry that waits is in no list of all entries, and makes no stream where none is to be made") {
  DurableCommand append = delayed("a", 1000);
  std::get<AppendEntry>(append.change).missing = MissingStream::refuse;
  CHECK_FALSE(run(append).id.has_value());
  run(delayed("b", 1000));
  CHECK(sequencer.streams().size() == sequencer.streams().own_size());
}

TEST_CASE_METHOD(Expiring, "an entry goes when it is too old, with a dead letter for each group that has not done it") {
  run(add("s", "*", "old"));
  run(make_group("0"));
  run({"s", MakeGroup{"h", StreamId{}, {}, MissingStream::refuse}});
  run({"s", MakeGroup{"new", {}, {}, MissingStream::refuse}});
  answer(read_new("c"));
  pass_in_steps(milliseconds(9999), milliseconds(1));
  CHECK(shown("s") == "1000-0=old");
  CHECK(letters().empty());
  pass(milliseconds(1));
  CHECK(shown("s").empty());
  CHECK(letters() == "expired 1000-0 g c 1 old, expired 1000-0 h - 0 old");
  CHECK(answer(list_pending()).empty());
  CHECK(sleeps());
}

TEST_CASE_METHOD(Expiring, "what a group has acknowledged, and what no group has, goes without a dead letter") {
  run(add("s", "*", "done"));
  run(make_group("0"));
  answer(read_new("c"));
  answer(acknowledge("1000-0"));
  pass(seconds(11));
  CHECK(shown("s").empty());
  CHECK(letters().empty());
}

TEST_CASE_METHOD(Expiring, "an entry that is too old is given to nobody, though nobody has swept") {
  run(add("s", "*", "old"));
  run(make_group("0"));
  clock.pass(seconds(10));
  Outcomes read = submit(sequencer, {read_new("c")});
  sequencer.turn();
  CHECK(show(read.get().front()) == "nothing");
  CHECK(letters() == "expired 1000-0 g - 0 old");
}

TEST_CASE_METHOD(Expiring, "younger entries stay, also where the oldest was deleted by its ID") {
  run(add("s", "*", "a"));
  run(add("s", "*", "b"));
  pass(seconds(4));
  run(add("s", "*", "c"));
  run(remove("s", {{1000, 0}}));
  pass(seconds(7));
  settle();
  CHECK(shown("s") == "5000-0=c");
  pass(seconds(4));
  settle();
  CHECK(shown("s").empty());
}

TEST_CASE_METHOD(Expiring, "many entries that are too old go one lot after the other") {
  run(make_group("0", {}, MissingStream::make));
  std::vector<DurableCommand> commands;
  for (int i = 0; i < 1000; ++i) commands.push_back(add("s", "*"));
  commit(std::move(commands));
  pass(seconds(10));
  settle();
  CHECK(sequencer.streams().find("s")->length() == 0);
  CHECK(sequencer.streams().find("dlq")->length() == 1000);
}

TEST_CASE_METHOD(Expiring, "an entry may have less time than its channel gives, and not more") {
  run(make_group("0", {}, MissingStream::make));
  run(short_lived("long", 60'000));
  run(short_lived("short", 2000));
  CHECK(shown("s") == "1000-0=long 1000-1=short");
  pass(milliseconds(1999));
  CHECK(shown("s") == "1000-0=long 1000-1=short");
  pass(milliseconds(1));
  CHECK(shown("s") == "1000-0=long");
  CHECK(letters() == "expired 1000-1 g - 0 short");
  pass(seconds(8));
  CHECK(shown("s").empty());
}

TEST_CASE("entries that expire by themselves are known after a restart, and cost nothing when they are gone") {
  RuledSequencer by_hand("s entry-ttl yes");
  by_hand.run(short_lived("a", 2000));
  by_hand.run(short_lived("b", 3000));
  by_hand.run(add("s", "*", "stays"));
  CHECK(by_hand.shown("$ttl:s").empty());
  by_hand.run(remove("s", {{1000, 1}}));
  by_hand.sequencer.stop();
  Sequencer again{opener(by_hand.disk), LogOptions{}, by_hand.clock, by_hand.listener};
  REQUIRE(again.open());
  again.start_by_hand();
  by_hand.clock.pass(milliseconds(1999));
  again.turn();
  CHECK(RuledSequencer::shown(again, "s") == "1000-0=a 1000-2=stays");
  by_hand.clock.pass(milliseconds(1));
  again.turn();
  CHECK(RuledSequencer::shown(again, "s") == "1000-2=stays");
  by_hand.clock.pass(seconds(1));
  again.turn();
  CHECK(RuledSequencer::shown(again, "$ttl:s") == "none");
}

TEST_CASE("an entry in the place of one that expired is not taken for it") {
  RuledSequencer by_hand("s entry-ttl yes");
  by_hand.run(short_lived("a", 2000));
  by_hand.run(drop("s"));
  by_hand.run(add("s", "1000-0", "another"));
  by_hand.pass(seconds(5));
  by_hand.settle();
  CHECK(by_hand.shown("s") == "1000-0=another");
  CHECK(by_hand.shown("$ttl:s") == "none");
}

TEST_CASE("an entry that is added again has a ttl of its own again") {
  RuledSequencer by_hand("s entry-ttl yes");
  by_hand.run(make_group("0", {}, MissingStream::make));
  by_hand.run(short_lived("again", 2000));
  by_hand.answer(read_new("c"));
  by_hand.run(give_back("1000-0", ReleaseEntries::Mode::fatal));
  by_hand.run(remove("s", {{1000, 0}}));
  by_hand.sequencer.ask_tasks([](LetterTasks& tasks) {
    LetterTasks::Request redrive;
    redrive.channel = "dlq";
    tasks.start(std::move(redrive));
  });
  by_hand.sequencer.turn();
  by_hand.settle();
  CHECK(by_hand.shown("s") == "1000-1=again");
  by_hand.run(add("s", "*", "next"));
  by_hand.clock.pass(seconds(3));
  by_hand.settle();
  CHECK(by_hand.shown("s") == "1000-2=next");
  CHECK(by_hand.answer(read_new("c")) == "s: 1000-2=next");
}

TEST_CASE("an entry whose ttl came before the rule knew of it is in nobody's way") {
  RuledSequencer by_hand("s entry-ttl yes");
  by_hand.run(make_group("0", {}, MissingStream::make));
  DurableCommand before = short_lived("before", 2000);
  std::get<AppendEntry>(before.change).timing = {};
  by_hand.run(before);
  by_hand.pass(seconds(3));
  by_hand.run(add("s", "*", "next"));
  CHECK(by_hand.answer(read_new("c")) == "s: 1000-0=before 4000-0=next");
}

TEST_CASE("entries that wait stay where they are when there are not IDs for all of them") {
  Batches log;
  log.commit(add("s", "18446744073709551615-18446744073709551614", "last"));
  log.commit(delayed("a", 1000));
  log.commit(delayed("b", 1000));
  const DurableOutcome rung = log.commit({"$delayed:s", SweepGroup{std::string(kTimerGroup), {}, 3000}}, 3000);
  CHECK(rung.refusal == Refusal::log_unreadable);
  CHECK(log.shown("s") == "18446744073709551615-18446744073709551614=last");
  CHECK(log.shown("$delayed:s") == "1000-0=a 1000-1=b");
}

TEST_CASE("entries do not expire while there are not IDs for all their dead letters") {
  Failing log;
  DurableRule rule;
  rule.pattern = "s";
  rule.entries.ttl = seconds(2);
  auto rules = std::make_shared<DurableRules>();
  rules->add(rule);
  log.batch->set_rules(rules);
  log.commit(add("dlq", "18446744073709551615-18446744073709551614", "last"));
  CHECK(log.commit({"s", ExpireEntries{9000}}, 9000).refusal == Refusal::log_unreadable);
  CHECK(log.shown("dlq") == "18446744073709551615-18446744073709551614=last");
  CHECK(log.shown("s") == "1-0=v1 2-0=v2 3-0=v3 4-0=v4");
  CHECK(log.batch->dead_letter_counts().failed == 1);
  CHECK(log.batch->dead_letter_counts().total() == 0);
}

TEST_CASE("dead letters do not expire when the entries would have that died") {
  RuledSequencer by_hand("* entry-ttl yes ttl 1h");
  by_hand.run(make_group("0", {}, MissingStream::make));
  by_hand.run(short_lived("a", 2000));
  by_hand.pass(seconds(3));
  by_hand.settle();
  CHECK(by_hand.letters() == "expired 1000-0 g - 0 a");
  by_hand.pass(seconds(3));
  by_hand.settle();
  CHECK(by_hand.letters() == "expired 1000-0 g - 0 a");
  CHECK(by_hand.shown("$ttl:dlq") == "none");
  by_hand.run({"dlq", MakeGroup{"g", StreamId{}, {}, MissingStream::refuse}});
  DurableCommand read = read_new("c");
  std::get<ReadGroup>(read.change).places[0].channel = "dlq";
  CHECK(by_hand.answer(read) == "dlq: 4000-0=expired");
}

TEST_CASE("dead letters expire without dead letters") {
  RuledSequencer by_hand("dlq ttl 5s");
  by_hand.run(add("dlq", "*", "dead"));
  by_hand.run({"dlq", MakeGroup{"g", StreamId{}, {}, MissingStream::refuse}});
  by_hand.pass(seconds(6));
  by_hand.settle();
  CHECK(by_hand.shown("dlq").empty());
}

}  // namespace respublica
