// What is small and needs no sync is committed by the thread that submits it.

#include <atomic>
#include <chrono>
#include <future>

#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::seconds;

struct CommitHereFixture {
  CommitHereFixture() {
    sequencer.set_append_sync(AppendSync::everysec);
    sequencer.start_by_hand(Sequencer::CommitsHere::yes);
    // The log is made.
    sequencer.submit({{add("a", "1-1")}, [](const std::vector<DurableOutcome>&) {}});
    sequencer.turn();
  }

  static bool is_done(const Outcomes& outcomes) { return outcomes.wait_for(seconds(0)) == std::future_status::ready; }

  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  HandClock clock;
  QuietListener listener;
  Sequencer sequencer{opener(disk), LogOptions{}, clock, listener};
};

}  // namespace

TEST_CASE_METHOD(CommitHereFixture, "an entry that needs no sync is there when submit() comes back") {
  Outcomes outcomes = submit(sequencer, {add("a", "2-1")});
  REQUIRE(is_done(outcomes));
  CHECK(outcomes.get()[0].id == StreamId{2, 1});
  CHECK(sequencer.streams().find("a")->last_id() == StreamId{2, 1});
}

TEST_CASE_METHOD(CommitHereFixture, "what must be synced waits for the sequencer's thread") {
  sequencer.set_append_sync(AppendSync::always);
  const Outcomes outcomes = submit(sequencer, {add("a", "2-1")});
  CHECK_FALSE(is_done(outcomes));
  sequencer.turn();
  CHECK(is_done(outcomes));
}

TEST_CASE_METHOD(CommitHereFixture, "a delivery, which needs no sync of its own, does not wait for the thread") {
  const Outcomes made = submit(sequencer, {{"a", MakeGroup{"g", StreamId{}, std::nullopt, MissingStream::refuse}}});
  sequencer.turn();
  REQUIRE(is_done(made));
  sequencer.set_append_sync(AppendSync::always);
  ReadGroup read;
  read.group = "g";
  read.consumer = "c";
  read.count = 10;
  read.places.push_back({"a", std::nullopt});
  const Outcomes given = submit(sequencer, {DurableCommand{{}, std::move(read)}});
  CHECK(is_done(given));
  CHECK_FALSE(is_done(submit(sequencer, {{"a", Acknowledge{"g", {{1, 1}}}}})));
}

TEST_CASE_METHOD(CommitHereFixture, "what can take long, or is large, waits for the thread; so does all behind it") {
  const Outcomes trimmed = submit(sequencer, {add("a", "2-1", "v", maxlen(1))});
  CHECK_FALSE(is_done(trimmed));
  const Outcomes behind = submit(sequencer, {add("a", "3-1")});
  CHECK_FALSE(is_done(behind));
  sequencer.turn();
  CHECK(is_done(trimmed));
  CHECK(is_done(behind));
  const Outcomes large = submit(sequencer, {add("a", "4-1", std::string(200'000, 'v'))});
  CHECK_FALSE(is_done(large));
  sequencer.turn();
  CHECK(is_done(large));
}

TEST_CASE_METHOD(CommitHereFixture, "where the log needs a new file the thread makes it") {
  std::uint64_t ms = 2;
  Outcomes last = submit(sequencer, {add("a", "2-1")});
  const auto files = [this] { return sequencer.log()->segments().size(); };
  while (is_done(last) && ms < 10'000) {
    REQUIRE(files() == 1);
    last = submit(sequencer, {add("a", std::to_string(++ms) + "-1", std::string(100'000, 'v'))});
  }
  REQUIRE_FALSE(is_done(last));
  while (files() == 1) {
    sequencer.turn();
    last = submit(sequencer, {add("a", std::to_string(++ms) + "-1", std::string(100'000, 'v'))});
  }
  sequencer.turn();
  CHECK(is_done(last));
  CHECK(is_done(submit(sequencer, {add("a", std::to_string(++ms) + "-1")})));
}

TEST_CASE_METHOD(CommitHereFixture, "after the end nothing is committed") {
  sequencer.stop();
  CHECK_FALSE(is_done(submit(sequencer, {add("a", "2-1")})));
}

TEST_CASE_METHOD(CommitHereFixture, "everysec: entries are committed while the disk syncs what was there before") {
  Outcomes meanwhile;
  std::uint64_t synced_to = 0;
  disk->observe([&](std::string_view operation) -> Result<void> {
    if (operation == "sync" && !meanwhile.valid()) {
      synced_to = sequencer.log()->end().value;
      meanwhile = submit(sequencer, {add("a", "3-1")});
    }
    return {};
  });
  submit(sequencer, {add("a", "2-1")}).get();
  clock.pass(seconds(1));
  sequencer.turn();
  REQUIRE(meanwhile.valid());
  CHECK(is_done(meanwhile));
  // What came meanwhile is not taken for synced.
  CHECK(sequencer.log()->durable().value == synced_to);
  CHECK(sequencer.log()->end().value > synced_to);
  clock.pass(seconds(1));
  sequencer.turn();
  CHECK(sequencer.log()->durable() == sequencer.log()->end());
  sequencer.stop();
}

TEST_CASE("the sequencer's thread syncs in time what other threads have committed") {
  const auto disk = std::make_shared<ObservedDisk>();
  std::atomic<bool> is_watched{false};
  std::promise<void> synced;
  disk->observe([&](std::string_view operation) -> Result<void> {
    if (operation == "sync" && is_watched.exchange(false)) synced.set_value();
    return {};
  });
  const SystemClock clock;
  QuietListener listener;
  Sequencer sequencer{opener(disk), LogOptions{}, clock, listener};
  sequencer.set_append_sync(AppendSync::everysec);
  sequencer.start();
  commit(sequencer, {add("a", "1-1")});
  is_watched = true;
  commit(sequencer, {add("a", "1-2")});
  CHECK(synced.get_future().wait_for(seconds(60)) == std::future_status::ready);
}

}  // namespace respublica
