// Consumers that are deleted because they have been silent for too long.

#include "broker/silent_consumers.h"

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

/// Two entries in s, and a group.
struct Silent : RuledSequencer {
  Silent() : RuledSequencer("s consumer-timeout 60s") { commit({add("s", "1-0"), add("s", "2-0"), make_group()}); }

  /// The names of the consumers.
  std::string consumers() {
    const DurableOutcome outcome = run({"s", ShowConsumers{"g"}});
    std::string names;
    for (const ConsumerDetail& one : std::get<ConsumerDetails>(*outcome.groups).consumers) names += one.name + ' ';
    return names;
  }
};

}  // namespace

TEST_CASE_METHOD(Silent, "a silent consumer is gone when its time is over, and others may have what it had") {
  CHECK(answer(read_new("c", 1)) == "s: 1-0=v");
  pass_in_steps(seconds(59), seconds(1));
  CHECK(consumers() == "c ");
  pass_in_steps(seconds(2), seconds(1));
  CHECK(consumers().empty());
  CHECK(answer(list_pending()) == "1-0 nobody -1 1");
  CHECK(answer(read_claiming("d", 60'000, 1)) == "s: 1-0=v (62000 1)");
}

TEST_CASE_METHOD(Silent, "a consumer that goes on asking stays") {
  for (int i = 0; i < 5; ++i) {
    answer(read_new("c"));
    answer({"s", MakeConsumer{"g", "once" + std::to_string(i)}});
    pass_in_steps(seconds(40), seconds(1));
  }
  CHECK(consumers() == "c once4 ");
}

TEST_CASE_METHOD(Silent, "a consumer that waits for entries is there, and has been when its wait ends") {
  answer(acknowledge("1-0 2-0"));
  answer(read_new("c"));
  answer(acknowledge("1-0 2-0"));
  bool is_over = false;
  Sequencer::Work work;
  work.commands.push_back(read_new("c"));
  work.done = [&is_over](const std::vector<DurableOutcome>&) { is_over = true; };
  work.wait = std::make_shared<ReadWait>(clock.steady_now() + seconds(200));
  sequencer.submit(std::move(work));
  sequencer.turn();
  answer(read_new("d"));
  pass_in_steps(seconds(199), seconds(1));
  CHECK_FALSE(is_over);
  CHECK(consumers() == "c ");
  pass_in_steps(seconds(30), seconds(1));
  CHECK(is_over);
  CHECK(consumers() == "c ");
  pass_in_steps(seconds(40), seconds(1));
  CHECK(consumers().empty());
  CHECK_FALSE(sequencer.due().has_value());
}

TEST_CASE_METHOD(Silent, "after a start all consumers have their time once more") {
  answer(read_new("c", 1));
  sequencer.stop();
  clock.pass(seconds(3600));
  Sequencer again{opener(disk), LogOptions{}, clock, listener};
  REQUIRE(again.open());
  again.start_by_hand();
  again.turn();
  const auto pending = [&again] {
    Outcomes outcomes = submit(again, {{"s", CountPending{"g"}}});
    again.turn();
    return show(outcomes.get().front());
  };
  CHECK(pending() == "1 1-0 1-0 c=1");
  clock.pass(seconds(59));
  again.turn();
  CHECK(pending() == "1 1-0 1-0 c=1");
  clock.pass(seconds(2));
  again.turn();
  CHECK(pending() == "1 1-0 1-0");
}

TEST_CASE_METHOD(Silent, "more consumers than go at once go one lot after the other") {
  for (int i = 0; i < 200; ++i) commit({{"s", MakeConsumer{"g", "c" + std::to_string(i)}}});
  pass_in_steps(seconds(61), seconds(1));
  for (int i = 0; i < 4; ++i) sequencer.turn();
  CHECK(consumers().empty());
}

TEST_CASE("without the option consumers stay for ever") {
  SequencerByHand by_hand;
  by_hand.commit({add("s", "1-0"), make_group(), {"s", MakeConsumer{"g", "c"}}});
  by_hand.pass(seconds(1'000'000));
  CHECK_FALSE(by_hand.sequencer.due().has_value());
}

}  // namespace respublica
