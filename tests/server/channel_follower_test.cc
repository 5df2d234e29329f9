#include "server/channel_follower.h"

#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

/// A sequencer, and a follower of "orders" from the beginning on.
struct FollowerFixture {
  FollowerFixture() {
    REQUIRE(sequencer.open());
    sequencer.start();
    source = std::make_unique<LogSource>(*sequencer.log());
    reader = std::make_unique<StreamReader>(*source);
  }

  ChannelFollower follower(StreamId first) {
    return ChannelFollower("$since:x:orders", SinceName{first, "orders"}, followers.follow("orders", 0, 1));
  }

  /// How many messages are read; what they say is in `out`.
  std::uint64_t read(ChannelFollower& follower, std::size_t limit = 1'000'000) {
    out.clear();
    const auto find = [this](std::string_view name) { return sequencer.streams().find(name); };
    const Result<std::uint64_t> read = follower.read(find, *reader, ProtocolVersion::resp3, out, limit);
    REQUIRE(read);
    return read.value();
  }

  static std::string message(const std::string& value) {
    const std::string payload = "{\"f\":\"" + value + "\"}";
    return ">3\r\n$7\r\nmessage\r\n$15\r\n$since:x:orders\r\n$" + std::to_string(payload.size()) + "\r\n" + payload +
           "\r\n";
  }

  SetClock clock;
  QuietListener listener;
  Sequencer sequencer{opener(std::make_shared<ObservedDisk>()), LogOptions{}, clock, listener};
  Followers followers;
  std::unique_ptr<LogSource> source;
  std::unique_ptr<StreamReader> reader;
  std::string out;
};

}  // namespace

TEST_CASE("a follower reads what is there once, and is due again when its bell rings") {
  FollowerFixture f;
  ChannelFollower follower = f.follower({2, 0});
  CHECK(follower.due());
  CHECK(f.read(follower) == 0);
  CHECK_FALSE(follower.due());
  commit(f.sequencer, {add("orders", "1-0", "a"), add("orders", "2-0", "b"), add("orders", "3-0", "c")});
  CHECK(f.followers.ring({"orders"}).size() == 1);
  CHECK(follower.due());
  CHECK(f.read(follower) == 2);
  CHECK(f.out == FollowerFixture::message("b") + FollowerFixture::message("c"));
  CHECK(f.read(follower) == 0);
}

TEST_CASE("a follower stops at its limit behind a whole message, and is due until it has all") {
  FollowerFixture f;
  commit(f.sequencer, {add("orders", "1-0", "a"), add("orders", "2-0", "b"), add("orders", "3-0", "c")});
  ChannelFollower follower = f.follower({});
  for (const char* value : {"a", "b"}) {
    CHECK(f.read(follower, 1) == 1);
    CHECK(f.out == FollowerFixture::message(value));
    CHECK(follower.due());
  }
  CHECK(f.read(follower, 1) == 1);
  CHECK_FALSE(follower.due());
}

TEST_CASE("entries that go before they are read are passed over, a channel made again begins anew") {
  FollowerFixture f;
  commit(f.sequencer, {add("orders", "5-0", "a"), add("orders", "6-0", "b"), add("orders", "7-0", "c")});
  ChannelFollower follower = f.follower({});
  CHECK(f.read(follower, 1) == 1);
  commit(f.sequencer, {remove("orders", {{6, 0}})});
  CHECK(f.read(follower) == 1);
  CHECK(f.out == FollowerFixture::message("c"));
  commit(f.sequencer, {drop("orders")});
  CHECK(f.read(follower) == 0);
  commit(f.sequencer, {add("orders", "1-0", "new")});
  CHECK(f.read(follower) == 1);
  CHECK(f.out == FollowerFixture::message("new"));
}

TEST_CASE("those of one session that are due have their turns") {
  FollowerFixture f;
  commit(f.sequencer, {add("orders", "1-0", "a")});
  ChannelFollowers all;
  all.add(f.follower({}));
  all.add(f.follower({2, 0}));
  const auto find = [&f](std::string_view name) { return f.sequencer.streams().find(name); };
  std::uint64_t messages = 0;
  for (int turn = 0; turn < 2; ++turn) messages += all.read(find, *f.reader, ProtocolVersion::resp2, f.out).value();
  CHECK(messages == 1);
  CHECK_FALSE(all.due());
  all.remove("$since:x:orders");
  CHECK(all.empty());
  CHECK(f.followers.count("orders") == 0);
}

TEST_CASE("what was read is counted until it is sent") {
  ChannelFollowers all;
  all.queued(100);
  all.sent(60);
  CHECK(all.unsent() == 40);
  all.sent(60);
  CHECK(all.unsent() == 0);
}

}  // namespace respublica
