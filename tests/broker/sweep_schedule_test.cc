// When a sequencer sweeps groups, with time moved by hand.

#include "broker/sweep_schedule.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "tests/broker/group_commands.h"
#include "tests/broker/ruled_sequencer.h"
#include "tests/broker/sequencer_by_hand.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A sequencer with the rule `s max-deliveries 2 ack-wait 10s backoff 1s`, and three entries in s.
struct Sweeping : SequencerByHand {
  Sweeping() {
    auto rules = std::make_shared<DurableRules>();
    DurableRule rule;
    rule.pattern = "s";
    rule.groups.max_deliveries = 2;
    rule.groups.ack_wait = seconds(10);
    rule.groups.backoff = {seconds(1)};
    rules->add(rule);
    listener.set_rules(rules);
    commit({add("s", "1-0"), add("s", "2-0"), add("s", "3-0"), make_group()});
  }

  std::string read(DurableCommand command) { return show(commit({std::move(command)}).front()); }
  std::uint64_t letters() { return length("dlq"); }
  std::uint64_t length(const std::string& channel) {
    const std::shared_ptr<const Stream> stream = sequencer.streams().find(channel);
    return stream == nullptr ? 0 : stream->length();
  }
  /// Lets time pass in steps of a second, as the thread would wake.
  void pass_seconds(int count) {
    for (int i = 0; i < count; ++i) pass(seconds(1));
  }
};

}  // namespace

TEST_CASE_METHOD(Sweeping, "what was delivered for the last time is dead when its time is over, without any command") {
  CHECK(read(read_new("c", 1)) == "s: 1-0=v");
  CHECK(read(claim("d", "1-0")) == "1-0=v");
  pass_seconds(9);
  CHECK(letters() == 0);
  pass_seconds(2);
  CHECK(letters() == 1);
  CHECK(read(list_pending()).empty());
}

TEST_CASE_METHOD(Sweeping, "what is acknowledged in time never dies") {
  read(read_new("c", 1));
  read(claim("d", "1-0"));
  pass_seconds(5);
  CHECK(commit({acknowledge("1-0")}).front().count == 1);
  pass_seconds(20);
  CHECK(letters() == 0);
}

TEST_CASE_METHOD(Sweeping, "what was given back for later can be had when its delay is over") {
  read(read_new("c", 1));
  commit({give_back("1-0", ReleaseEntries::Mode::fail)});
  CHECK(read(read_claiming("d", 0, 1)) == "s: 2-0=v (0 0)");
  pass_seconds(2);
  CHECK(read(claim_idle("d", 60'000)).starts_with("1-0=v"));
}

TEST_CASE_METHOD(Sweeping, "a restart forgets nothing that is due") {
  read(read_new("c", 1));
  read(claim("d", "1-0"));
  sequencer.stop();
  Sequencer again{opener(disk), LogOptions{}, clock, listener};
  REQUIRE(again.open());
  again.start_by_hand();
  clock.pass(seconds(11));
  again.turn();
  REQUIRE(again.streams().find("dlq") != nullptr);
  CHECK(again.streams().find("dlq")->length() == 1);
}

TEST_CASE_METHOD(Sweeping, "entries that are not due cost no wake-ups") {
  read(read_new("c", 3));
  pass_seconds(20);
  // Each was delivered once, and nothing is to be done about it.
  CHECK_FALSE(sequencer.due().has_value());
}

TEST_CASE("who waits at a channel of dead letters is woken when another has had a letter for long") {
  RuledSequencer by_hand("dlq redeliver yes ack-wait 10s max-deliveries 1");
  by_hand.run(add("dlq", "*", "letter"));
  by_hand.run({"dlq", MakeGroup{"g", StreamId{}, {}, MissingStream::refuse}});
  const auto read_by = [](std::string consumer) {
    DurableCommand read = read_new(std::move(consumer));
    std::get<ReadGroup>(read.change).places[0].channel = "dlq";
    return read;
  };
  CHECK(by_hand.answer(read_by("c")) == "dlq: 1000-0=letter");
  std::string given;
  Sequencer::Work work;
  work.commands.push_back(read_by("d"));
  work.done = [&given](const std::vector<DurableOutcome>& outcomes) { given = show(outcomes.front()); };
  work.wait = std::make_shared<ReadWait>(std::nullopt);
  by_hand.sequencer.submit(std::move(work));
  by_hand.sequencer.turn();
  for (int i = 0; i < 9; ++i) by_hand.pass(seconds(1));
  CHECK(given.empty());
  for (int i = 0; i < 2; ++i) by_hand.pass(seconds(1));
  CHECK(given == "dlq: 1000-0=letter");
  // It does not die, however often it is delivered.
  for (int i = 0; i < 20; ++i) by_hand.pass(seconds(1));
  CHECK(by_hand.shown("dlq") == "1000-0=letter");
}

}  // namespace respublica
