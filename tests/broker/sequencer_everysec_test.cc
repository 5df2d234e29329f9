// `appendfsync everysec`: what was answered is on the disk a second later. Time is moved by hand, and the disk tells
// what is done to it, so that no wait decides.

#include <algorithm>
#include <chrono>

#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_by_hand.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct EverysecFixture : SequencerByHand {
  EverysecFixture() {
    sequencer.set_append_sync(AppendSync::everysec);
    // The log is made, and marked when it is idle.
    add_entry();
    for (int second = 0; second < 3; ++second) pass(seconds(1));
    operations.clear();
  }

  /// Adds an entry, which is answered.
  void add_entry() { REQUIRE(commit({add("a", "*")})[0].refusal == Refusal::none); }
  bool all_is_durable() const { return sequencer.log()->durable() == sequencer.log()->end(); }
  std::ptrdiff_t syncs() const { return std::ranges::count(operations, "sync"); }
};

}  // namespace

TEST_CASE_METHOD(EverysecFixture, "everysec: what was answered is synced a second after the last sync, by itself") {
  // The first one after a pause is synced at once.
  add_entry();
  CHECK(all_is_durable());
  CHECK(syncs() == 1);
  pass(milliseconds(1));
  add_entry();
  CHECK_FALSE(all_is_durable());
  REQUIRE(sequencer.due());
  CHECK(*sequencer.due() - clock.steady_now() == milliseconds(999));
  pass(milliseconds(998));
  CHECK_FALSE(all_is_durable());
  CHECK(syncs() == 1);
  pass(milliseconds(1));
  CHECK(all_is_durable());
  CHECK(syncs() == 2);
}

TEST_CASE_METHOD(EverysecFixture, "everysec: however many are answered, they are synced once a second") {
  for (int step = 0; step < 100; ++step) {
    add_entry();
    pass(milliseconds(50));
  }
  // At once, and at the end of each of five seconds.
  CHECK(syncs() == 6);
  CHECK(all_is_durable());
}

TEST_CASE_METHOD(EverysecFixture, "everysec: an idle log is marked as durable, and synced no more") {
  add_entry();
  // The entry, and the mark that says of it that it is on the disk.
  pass(seconds(1));
  CHECK(syncs() == 2);
  CHECK(all_is_durable());
  for (int second = 0; second < 5; ++second) pass(seconds(1));
  CHECK(syncs() == 2);
}

}  // namespace respublica
