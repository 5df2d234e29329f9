// `appendfsync everysec`: what was answered is on the disk a second later. Time is moved by hand, and the disk tells
// what is done to it, so that no wait decides.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "broker/sequencer.h"
#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A sequencer that nothing moves but the test.
struct EverysecFixture {
  EverysecFixture() {
    disk->observe([this](std::string_view operation) -> Result<void> {
      if (operation == "sync") ++syncs;
      return {};
    });
    sequencer.set_append_sync(AppendSync::everysec);
    sequencer.start_by_hand();
    // The log is made, and its first second passes with nothing to do.
    add_entry();
    for (int second = 0; second < 3; ++second) pass(seconds(1));
    syncs = 0;
  }

  /// Adds an entry, which is answered.
  void add_entry() {
    Outcomes outcomes = submit(sequencer, {add("a", "*")});
    sequencer.turn();
    REQUIRE(outcomes.get()[0].refusal == Refusal::none);
  }
  /// So much later the thread would look, if it is due by then.
  void pass(milliseconds time) {
    clock.pass(time);
    if (sequencer.due() && *sequencer.due() <= clock.steady_now()) sequencer.turn();
  }
  bool all_is_durable() const { return sequencer.log()->durable() == sequencer.log()->end(); }

  int syncs = 0;
  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  HandClock clock;
  QuietListener listener;
  Sequencer sequencer{opener(disk), LogOptions{}, clock, listener};
};

}  // namespace

TEST_CASE_METHOD(EverysecFixture, "everysec: what was answered is synced a second after the last sync, by itself") {
  // The first one after a pause is synced at once.
  add_entry();
  CHECK(all_is_durable());
  CHECK(syncs == 1);
  pass(milliseconds(1));
  add_entry();
  CHECK_FALSE(all_is_durable());
  REQUIRE(sequencer.due());
  CHECK(*sequencer.due() - clock.steady_now() == milliseconds(999));
  pass(milliseconds(998));
  CHECK_FALSE(all_is_durable());
  CHECK(syncs == 1);
  pass(milliseconds(1));
  CHECK(all_is_durable());
  CHECK(syncs == 2);
}

TEST_CASE_METHOD(EverysecFixture, "everysec: however many are answered, they are synced once a second") {
  for (int step = 0; step < 100; ++step) {
    add_entry();
    pass(milliseconds(50));
  }
  // At once, and at the end of each of five seconds.
  CHECK(syncs == 6);
  CHECK(all_is_durable());
}

TEST_CASE_METHOD(EverysecFixture, "everysec: an idle log is marked as durable, and synced no more") {
  add_entry();
  // The entry, and the mark that says of it that it is on the disk.
  pass(seconds(1));
  CHECK(syncs == 2);
  CHECK(all_is_durable());
  for (int second = 0; second < 5; ++second) pass(seconds(1));
  CHECK(syncs == 2);
}

}  // namespace respublica
