// Consumer groups of `$all` and `$ce:<category>`.

#include "tests/broker/virtual_groups.h"

#include "broker/group_delivery.h"

namespace respublica {
namespace {

using namespace test;

}  // namespace

TEST_CASE_METHOD(VirtualGroups, "consumers of a group share the entries of a category, each once") {
  commit(make("$ce:order"));
  commit({add("order:1", "1-0", "a"), add("account:1", "1-0", "x"), add("order:2", "7-0", "b")});
  clock.pass(std::chrono::milliseconds(5));
  commit({add("order:1", "2-0", "c"), add("order", "1-0", "d"), add("orders:1", "1-0", "y")});
  CHECK(read_new("one", 1) == "order:1/1-0=a");
  CHECK(read_new("two", 2) == "order:2/7-0=b order:1/2-0=c");
  CHECK(read_new("one") == "order/1-0=d");
  CHECK(read_new("two") == "nothing");
  CHECK(group().pending == 4);
  CHECK(read_pending("one") == "order:1/1-0=a order/1-0=d");
}

TEST_CASE_METHOD(VirtualGroups, "$all has the entries of all channels but the broker's own") {
  commit(make("$all"));
  DurableCommand delayed = add("order:1", "*", "later");
  std::get<AppendEntry>(delayed.change).timing.deliver_in_ms = 1'000'000;
  commit({add("order:1", "1-0", "a"), std::move(delayed), add("x", "1-0", "b")});
  CHECK(read(reading("$all", "c")) == "order:1/1-0=a x/1-0=b");
  CHECK(read(reading("$all", "c")) == "nothing");
}

TEST_CASE_METHOD(VirtualGroups, "a reading that waits gets what a commit has added, right after it") {
  commit(make("$ce:order"));
  Reading first = submit_reading(reading("$ce:order", "one"), AtEnd::waits);
  Reading second = submit_reading(reading("$ce:order", "two"), AtEnd::waits);
  turn();
  settle();
  commit(add("account:1", "1-0"));
  settle();
  CHECK_FALSE(first.is_done());
  commit({add("order:1", "1-0", "a"), add("order:1", "2-0", "b")});
  CHECK(show_reading(first.end()) == "order:1/1-0=a order:1/2-0=b");
  settle();
  CHECK_FALSE(second.is_done());
  commit(add("order:2", "1-0", "c"));
  CHECK(show_reading(second.end()) == "order:2/1-0=c");
}

TEST_CASE_METHOD(VirtualGroups, "what an io thread commits by itself has those who wait looked for") {
  sequencer->set_append_sync(AppendSync::no);
  commit({make("$ce:order"), add("order:1", "1-0")});
  settle();
  Reading waiting = submit_reading(reading("$ce:order", "c"), AtEnd::waits);
  CHECK_FALSE(waiting.is_done());
  turn();
  CHECK(show_reading(waiting.end()) == "order:1/1-0=v");
  Reading next = submit_reading(reading("$ce:order", "c"), AtEnd::waits);
  turn();
  settle();
  REQUIRE_FALSE(next.is_done());
  Outcomes outcomes = submit(*sequencer, {add("order:1", "2-0")});
  // Without a turn.
  REQUIRE(outcomes.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
  CHECK_FALSE(next.is_done());
  settle();
  CHECK(show_reading(next.end()) == "order:1/2-0=v");
}

TEST_CASE_METHOD(VirtualGroups, "the log is gone through in pieces, and other work is done between them") {
  commit(make("$ce:order"));
  constexpr int kPieces = 8;
  const std::string large(kLookBytes, 'x');
  for (int i = 0; i < kPieces; ++i) commit(add("account:1", "*", large));
  commit(add("order:1", "1-0"));
  Reading waiting = submit_reading(reading("$ce:order", "c"), AtEnd::ends);
  for (int i = 0; i < kPieces; ++i) {
    CAPTURE(i);
    CHECK(commit(add("x", "*")).refusal == Refusal::none);
    CHECK_FALSE(waiting.is_done());
    CHECK(*sequencer->due() <= clock.steady_now());
  }
  turn();
  CHECK(show_reading(waiting.end()) == "order:1/1-0=v");
}

TEST_CASE_METHOD(VirtualGroups, "what was gone through is not gone through again after a restart") {
  commit(make("$ce:order"));
  const std::string large(kLookBytes, 'x');
  for (int i = 0; i < 3; ++i) commit(add("account:1", "*", large));
  CHECK(read_new("c") == "nothing");
  const StreamId reached = group().last_delivered;
  CHECK(reached > kMinStreamId);
  start();
  CHECK(group().last_delivered == reached);
  commit(add("order:1", "1-0"));
  CHECK(read_new("c") == "order:1/1-0=v");
}

TEST_CASE_METHOD(VirtualGroups, "no command gives more than the bound, whatever is asked for") {
  commit(make("$ce:order"));
  std::vector<DurableCommand> commands;
  for (std::size_t i = 0; i < kMostOfLook + 1; ++i) commands.push_back(add("order:1", "*"));
  commit(std::move(commands));
  read_new("c");
  CHECK(ids.size() == kMostOfLook);
  read_new("c");
  CHECK(ids.size() == 1);
  read_pending("c");
  CHECK(ids.size() == kMostOfLook);
  const DurableOutcome outcome = commit({"$ce:order", ClaimIdle{"g", "d", 0, kMinStreamId, 2 * kMostOfLook, false}});
  const auto& claimed = std::get<ClaimedEntries>(*outcome.groups);
  CHECK(claimed.given.entries.size() == kMostOfLook);
  CHECK(claimed.next > ids.back());
}

TEST_CASE_METHOD(VirtualGroups, "caps and NOACK are those of other readings") {
  commit(make("$ce:order"));
  commit({add("order:1", "1-0", "a"), add("order:1", "2-0", "b"), add("order:1", "3-0", "c")});
  ReadGroup capped = reading("$ce:order", "c");
  capped.caps.entries = 1;
  CHECK(read(capped) == "order:1/1-0=a");
  capped.caps = {0, 1};
  capped.pending = ReadGroup::Pending::no;
  CHECK(read(capped) == "order:1/2-0=b");
  CHECK(read_new("c") == "order:1/3-0=c");
  CHECK(read_pending("c") == "order:1/1-0=a order:1/3-0=c");
}

TEST_CASE_METHOD(VirtualGroups, "'$' is behind what came before it in the same batch") {
  commit({add("order:1", "1-0", "a"), make("$ce:order", std::nullopt), add("order:1", "2-0", "b")});
  CHECK(read_new("c") == "order:1/2-0=b");
  commit(add("order:1", "3-0", "c"));
  commit({add("order:1", "4-0", "d"), {"$ce:order", SetGroup{"g", std::nullopt, std::nullopt}}});
  CHECK(read_new("c") == "nothing");
  commit({"$ce:order", SetGroup{"g", kMinStreamId, std::nullopt}});
  CHECK(read_new("c") == "order:1/1-0=a order:1/2-0=b order:1/3-0=c order:1/4-0=d");
  const StreamId second = ids[1];
  commit({"$ce:order", SetGroup{"g", second, std::nullopt}});
  CHECK(read_new("c") == "order:1/3-0=c order:1/4-0=d");
}

TEST_CASE_METHOD(VirtualGroups, "what was deleted before the look is not given") {
  commit(make("$ce:order"));
  commit({add("order:1", "1-0", "a"), add("order:1", "2-0", "b"), add("order:2", "1-0", "c")});
  commit({remove("order:1", {{1, 0}}), drop("order:2")});
  CHECK(read_new("c") == "order:1/2-0=b");
}

TEST_CASE_METHOD(VirtualGroups, "pending entries are read by their IDs, and are gone when they were deleted") {
  commit(make("$ce:order"));
  commit({add("order:1", "1-0", "a"), add("order:1", "2-0", "b"), add("order:2", "1-0", "c")});
  CHECK(read_new("one") == "order:1/1-0=a order:1/2-0=b order:2/1-0=c");
  const std::vector<StreamId> given = ids;
  commit(remove("order:1", {{2, 0}}));
  CHECK(read_pending("one") == "order:1/1-0=a gone order:2/1-0=c");
  ClaimEntries claim;
  claim.group = "g";
  claim.consumer = "two";
  claim.ids = given;
  // In the batch that deletes one of them.
  const DurableOutcome outcome = std::move(commit({drop("order:2"), {"$ce:order", claim}}).back());
  CHECK(shown(std::get<ClaimedEntries>(*outcome.groups).given) == "order:1/1-0=a");
  CHECK(group().pending == 1);
  // An ID that is none.
  claim.force = true;
  claim.ids = {{given[0].ms, given[0].seq + 1}, {given[0].ms - 1, given[0].seq}, kMaxStreamId};
  CHECK(show(commit({"$ce:order", claim})).empty());
}

TEST_CASE_METHOD(VirtualGroups, "what was given back, or its consumer keeps for long, is taken over") {
  commit(make("$ce:order"));
  commit({add("order:1", "1-0", "a"), add("order:1", "2-0", "b")});
  CHECK(read_new("one") == "order:1/1-0=a order:1/2-0=b");
  ReleaseEntries release;
  release.group = "g";
  release.ids = {ids[0]};
  release.mode = ReleaseEntries::Mode::fatal;
  CHECK(commit({"$ce:order", release}).count == 1);
  ReadGroup claiming = reading("$ce:order", "two");
  claiming.claim_idle_ms = 100;
  CHECK(read(claiming) == "order:1/1-0=a");
  clock.pass(std::chrono::milliseconds(100));
  const DurableOutcome idle = commit({"$ce:order", ClaimIdle{"g", "two", 100, kMinStreamId, 10, false}});
  CHECK(shown(std::get<ClaimedEntries>(*idle.groups).given) == "order:1/1-0=a order:1/2-0=b");
  CHECK(commit({"$ce:order", Acknowledge{"g", {ids[0]}}}).count == 1);
  CHECK(group().pending == 1);
}

TEST_CASE_METHOD(VirtualGroups, "an entry that was given back for a while is handed out when that is over") {
  commit(make("$ce:order"));
  commit(add("order:1", "1-0", "a"));
  CHECK(read_new("one") == "order:1/1-0=a");
  ReleaseEntries release;
  release.group = "g";
  release.ids = ids;
  release.delay_ms = 500;
  commit({"$ce:order", release});
  ReadGroup claiming = reading("$ce:order", "two");
  claiming.claim_idle_ms = 0;
  Reading waiting = submit_reading(claiming, AtEnd::waits);
  turn();
  settle();
  REQUIRE_FALSE(waiting.is_done());
  clock.pass(std::chrono::milliseconds(500));
  turn();
  CHECK(show_reading(waiting.end()) == "order:1/1-0=a");
}

TEST_CASE_METHOD(VirtualGroups, "a virtual channel is there before it has groups, and they go as in Redis") {
  CHECK(show(commit({"$ce:order", ShowGroups{}})).empty());
  CHECK(show(commit({"$ce:order", ShowConsumers{"g"}})) == "no group g of $ce:order");
  CHECK(show(commit({"$ce:order", DropGroup{"g"}})) == "0");
  CHECK(show(commit({"$ce:order", SetGroup{"g", {}, {}}})) == "no group g of $ce:order");
  CHECK(read_new("c") == "no group");
  commit(make("$ce:order"));
  CHECK(show(commit(make("$ce:order"))) == "group exists");
  Reading of_group = submit_reading(reading("$ce:order", "c"), AtEnd::waits);
  turn();
  settle();
  CHECK(show(commit({"$ce:order", DropGroup{"g"}})) == "1");
  CHECK(show_reading(of_group.end()) == "no group");
  commit(make("$ce:order"));
  Reading of_channel = submit_reading(reading("$ce:order", "c"), AtEnd::waits);
  turn();
  commit(drop("$ce:order"));
  CHECK(show_reading(of_channel.end()) == "no group");
}

TEST_CASE_METHOD(VirtualGroups, "nobody counts what groups of virtual channels have read") {
  commit({"$ce:order", MakeGroup{"g", kMinStreamId, 7, MissingStream::refuse}});
  commit(add("order:1", "1-0"));
  read_new("c");
  CHECK_FALSE(group().entries_read);
  CHECK_FALSE(group().lag);
}

TEST_CASE_METHOD(VirtualGroups, "a reading that is given up, or waits until its deadline, takes nothing") {
  commit(make("$ce:order"));
  Reading waiting = submit_reading(reading("$ce:order", "c"), AtEnd::waits);
  turn();
  settle();
  sequencer->give_up(waiting.wait);
  turn();
  CHECK(show_reading(waiting.end()) == "nothing");
  commit(add("order:1", "1-0"));
  CHECK(read_new("c") == "order:1/1-0=v");
}

TEST_CASE_METHOD(VirtualGroups, "groups are as they were after a restart, with a checkpoint and without") {
  checkpoint_bytes = GENERATE(std::uint64_t{1}, UpkeepLimits().checkpoint_bytes);
  start();
  commit(make("$ce:order"));
  commit({add("order:1", "1-0", "a"), add("account:1", "1-0", "x"), add("order:2", "1-0", "b")});
  CHECK(read_new("one", 1) == "order:1/1-0=a");
  const StreamId delivered = ids[0];
  turn();
  while (sequencer->side_turn()) turn();
  start();
  CHECK(group().pending == 1);
  CHECK(group().last_delivered == delivered);
  CHECK(read_pending("one") == "order:1/1-0=a");
  CHECK(read_new("two") == "order:2/1-0=b");
}

namespace {

struct SmallSegments : VirtualGroups {
  SmallSegments() {
    segment_bytes = 64 * 1024;
    checkpoint_bytes = 32 * 1024;
    start();
    commit(make("$ce:order"));
    commit({add("order:1", "1-0", "a"), add("order:2", "1-0", "b")});
  }
};

}  // namespace

TEST_CASE_METHOD(SmallSegments, "a pending entry whose segment has been removed is gone, and can be acknowledged") {
  CHECK(read_new("c") == "order:1/1-0=a order:2/1-0=b");
  const std::vector<StreamId> given = ids;
  commit({drop("order:1"), drop("order:2")});
  turn_over_segments();
  CHECK(sequencer->log()->begin().value > given[1].seq);
  CHECK(read_pending("c") == "gone gone");
  CHECK(show(commit({"$ce:order", Acknowledge{"g", {given[0]}}})) == "1");
  CHECK(group().pending == 1);
  CHECK(show(commit({"$ce:order", ClaimIdle{"g", "d", 0, {}, 10, false}})) == " gone " + format_stream_id(given[1]));
  CHECK(group().pending == 0);
  commit(add("order:3", "1-0", "c"));
  CHECK(read_new("c") == "order:3/1-0=c");
}

TEST_CASE_METHOD(SmallSegments, "a pending entry whose segment has been written anew, without others, is what it was") {
  CHECK(read_new("c", 1) == "order:1/1-0=a");
  const StreamId given = ids[0];
  turn_over_segments();
  CHECK(sequencer->log()->begin().value <= given.seq);
  CHECK(read_pending("c") == "order:1/1-0=a");
  CHECK(ids[0] == given);
  CHECK(read_new("d") == "order:2/1-0=b");
  start();
  CHECK(read_pending("c") == "order:1/1-0=a");
  CHECK(read_pending("d") == "order:2/1-0=b");
}

}  // namespace respublica
