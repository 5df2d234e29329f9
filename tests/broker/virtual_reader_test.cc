#include "broker/virtual_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using namespace test;

/// A sequencer on a disk that outlives it, and words for what a virtual channel shows.
struct VirtualFixture {
  VirtualFixture() { start(); }

  void start() {
    sequencer.reset();
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{64 * 1024}, clock, listener);
    REQUIRE(sequencer->open());
    sequencer->start();
  }

  VirtualReader reader() {
    return VirtualReader(sequencer->streams(), *sequencer->log(), marks, sequencer->shown_end().position, now_ms);
  }

  /// "a/1-0=v b/1-0=v": channel, ID and value of the entries in the range.
  std::string shown(std::string_view name, const IdRange& range = {}, Direction direction = Direction::forward,
                    std::size_t count = 1'000'000) {
    std::string shown;
    last = {};
    const auto visit = [&](const VirtualEntry& entry) {
      if (!shown.empty()) shown += ' ';
      shown += std::string(entry.channel) + '/' + show(StoredEntry{entry.channel_id, entry.fields, {}, 0});
      if (direction == Direction::forward) CHECK(entry.id > last);
      last = entry.id;
      return --count > 0;
    };
    VirtualReader reader = this->reader();
    const VirtualChannel channel = VirtualChannel::named(name).value();
    const Result<void> read = direction == Direction::forward ? reader.forward(channel, range, visit)
                                                              : reader.backward(channel, range, visit);
    return read ? shown : read.error().message;
  }

  SetClock clock;
  QuietListener listener;
  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  FrameMarks marks;
  std::uint64_t now_ms = 1;
  /// The ID of the entry shown last.
  StreamId last;
  std::unique_ptr<Sequencer> sequencer;
};

}  // namespace

TEST_CASE("the virtual channels show the entries of others in the order of their commits") {
  VirtualFixture f;
  commit(*f.sequencer, {add("account:2", "7-0", "x"), add("account:1", "1-0", "y"), add("orders", "3-0", "z")});
  f.clock.set(2000);
  commit(*f.sequencer, {add("account:1", "2-0", "w")});
  CHECK(f.shown("$all") == "account:2/7-0=x account:1/1-0=y orders/3-0=z account:1/2-0=w");
  CHECK(f.last.ms == 2000);
  CHECK(f.shown("$ce:account") == "account:2/7-0=x account:1/1-0=y account:1/2-0=w");
  CHECK(f.shown("$ce:orders") == "orders/3-0=z");
  CHECK(f.shown("$ce:acc").empty());
  CHECK(f.shown("$all", {}, Direction::backward) == "account:1/2-0=w orders/3-0=z account:1/1-0=y account:2/7-0=x");
  CHECK(f.shown("$all", {{1000, 0}, {1999, 0}}, Direction::backward, 1) == "orders/3-0=z");
  CHECK(f.shown("$all", {{1001, 0}, kMaxStreamId}) == "account:1/2-0=w");
  CHECK(f.reader().length(VirtualChannel::named("$ce:account").value()) == 3);
}

TEST_CASE("what is gone is not shown, also where its ID came again") {
  VirtualFixture f;
  commit(*f.sequencer, {add("a", "1-0"), add("a", "2-0"), add("a", "3-0"), add("b", "1-0"), add("c", "1-0", "old")});
  CHECK(f.shown("$all") == "a/1-0=v a/2-0=v a/3-0=v b/1-0=v c/1-0=old");
  commit(*f.sequencer, {remove("a", {{2, 0}}), trim("a", maxlen(1)), drop("b"), drop("c")});
  CHECK(f.shown("$all") == "a/3-0=v");
  commit(*f.sequencer, {add("c", "1-0", "new"), trim("a", maxlen(0)), set_id("a", {2, 0}), add("a", "3-0", "again")});
  CHECK(f.shown("$all") == "c/1-0=new a/3-0=again");
  commit(*f.sequencer, {expire("c", 5000)});
  f.now_ms = 5000;
  CHECK(f.shown("$all") == "a/3-0=again");
}

TEST_CASE("IDs stay when the broker starts again, and reading goes on behind any of them") {
  VirtualFixture f;
  test::SeededRandom random(1);
  std::vector<std::string> all;
  for (int batch = 0; batch < 60; ++batch) {
    std::vector<DurableCommand> commands;
    f.clock.set(1000 + static_cast<std::uint64_t>(batch / 2));
    for (std::uint64_t i = 1 + random.below(20); i-- > 0;) {
      const std::string channel = "c:" + std::to_string(random.below(5));
      commands.push_back(add(channel, "*", std::string(static_cast<std::size_t>(random.below(1500)), 'x')));
    }
    for (const DurableOutcome& outcome : commit(*f.sequencer, std::move(commands))) REQUIRE(outcome.id);
  }
  const std::string whole = f.shown("$ce:c");
  f.start();
  CHECK(f.shown("$ce:c") == whole);
  std::string in_pieces;
  StreamId next;
  while (true) {
    const std::string piece = f.shown("$all", {next, kMaxStreamId}, Direction::forward, 7);
    if (piece.empty()) break;
    if (!in_pieces.empty()) in_pieces += ' ';
    in_pieces += piece;
    next = f.last.next().value();
  }
  CHECK(in_pieces == whole);
  std::string backwards;
  StreamId upper = kMaxStreamId;
  while (true) {
    const std::string one = f.shown("$all", {{}, upper}, Direction::backward, 1);
    if (one.empty()) break;
    backwards = backwards.empty() ? one : one + ' ' + backwards;
    upper = f.last.previous().value();
  }
  CHECK(backwards == whole);
}

TEST_CASE("far apart entries of a category are found behind what is of others") {
  VirtualFixture f;
  commit(*f.sequencer, {add("rare:1", "1-0", "first")});
  const std::string much(200'000, 'x');
  for (int i = 0; i < 60; ++i) commit(*f.sequencer, {add("other", "*", much)});
  commit(*f.sequencer, {add("rare:2", "1-0", "second")});
  for (int i = 0; i < 60; ++i) commit(*f.sequencer, {add("other", "*", much)});
  CHECK(f.shown("$ce:rare") == "rare:1/1-0=first rare:2/1-0=second");
  CHECK(f.shown("$ce:rare", {}, Direction::backward) == "rare:2/1-0=second rare:1/1-0=first");
  CHECK(f.shown("$ce:none").empty());
  CHECK(f.shown("$ce:none", {}, Direction::backward).empty());
}

TEST_CASE("a stream is found by its number as it is now") {
  StreamTable table;
  const auto stream = [](std::string name, std::uint64_t number) {
    return std::make_shared<const Stream>(std::move(name), ChannelNumber{number});
  };
  table.put(stream("a", 0));
  table.put(stream("b", 1));
  CHECK(table.find(ChannelNumber{1})->name() == "b");
  table.put(stream("c", 2));
  const auto newest = stream("a", 0);
  table.put(newest);
  CHECK(table.find(ChannelNumber{0}) == newest);
  CHECK(table.find(ChannelNumber{2})->name() == "c");
  table.erase("b");
  CHECK(table.find(ChannelNumber{1}) == nullptr);
  table.put(stream("c", 7));
  CHECK(table.find(ChannelNumber{2}) == nullptr);
  CHECK(table.find(ChannelNumber{7})->name() == "c");
}

}  // namespace respublica
