// When a sequencer sweeps groups, with time moved by hand.

#include "broker/sweep_schedule.h"

#include <chrono>
#include <memory>
#include <string>

#include "tests/broker/group_commands.h"
#include "tests/broker/ruled_sequencer.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::seconds;

/// Three entries in s, and a group.
struct Sweeping : RuledSequencer {
  Sweeping() : RuledSequencer("s max-deliveries 2 ack-wait 10s backoff 1s") {
    commit({add("s", "1-0"), add("s", "2-0"), add("s", "3-0"), make_group()});
  }
};

}  // namespace

TEST_CASE_METHOD(Sweeping, "what was delivered for the last time is dead when its time is over, without any command") {
  CHECK(answer(read_new("c", 1)) == "s: 1-0=v");
  CHECK(answer(claim("d", "1-0")) == "1-0=v");
  pass_in_steps(seconds(9), seconds(1));
  CHECK(length("dlq") == 0);
  pass_in_steps(seconds(2), seconds(1));
  CHECK(length("dlq") == 1);
  CHECK(answer(list_pending()).empty());
}

TEST_CASE_METHOD(Sweeping, "what is acknowledged in time never dies") {
  answer(read_new("c", 1));
  answer(claim("d", "1-0"));
  pass_in_steps(seconds(5), seconds(1));
  CHECK(commit({acknowledge("1-0")}).front().count == 1);
  pass_in_steps(seconds(20), seconds(1));
  CHECK(length("dlq") == 0);
}

TEST_CASE_METHOD(Sweeping, "what a consumer had for the last time is dead when the consumer is deleted") {
  pass(seconds(60));
  answer(read_new("c", 1));
  answer(claim("d", "1-0"));
  run({"s", DropConsumer{"g", "d"}});
  settle();
  CHECK(length("dlq") == 1);
  CHECK(answer(list_pending()).empty());
}

TEST_CASE_METHOD(Sweeping, "what was given back for later can be had when its delay is over") {
  answer(read_new("c", 1));
  commit({give_back("1-0", ReleaseEntries::Mode::fail)});
  CHECK(answer(read_claiming("d", 0, 1)) == "s: 2-0=v (0 0)");
  pass_in_steps(seconds(2), seconds(1));
  CHECK(answer(claim_idle("d", 60'000)).starts_with("1-0=v"));
}

TEST_CASE_METHOD(Sweeping, "a restart forgets nothing that is due") {
  answer(read_new("c", 1));
  answer(claim("d", "1-0"));
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
  answer(read_new("c", 3));
  pass_in_steps(seconds(20), seconds(1));
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
  by_hand.pass_in_steps(seconds(9), seconds(1));
  CHECK(given.empty());
  by_hand.pass_in_steps(seconds(2), seconds(1));
  CHECK(given == "dlq: 1000-0=letter");
  // It does not die, however often it is delivered.
  by_hand.pass_in_steps(seconds(20), seconds(1));
  CHECK(by_hand.shown("dlq") == "1000-0=letter");
}

}  // namespace respublica
