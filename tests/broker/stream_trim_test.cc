// What the limits of a rule take off; what XTRIM takes off is in stream_batch_test.cc and stream_model_test.cc.

#include "broker/stream_trim.h"

#include <string>

#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

DurableCommand add_limited(StreamLimits limits, std::string_view id, std::string_view value = "v") {
  DurableCommand command = add("a", id, value);
  std::get<AppendEntry>(command.change).limits = limits;
  return command;
}

StreamLimits entries(std::uint64_t count) { return {count, 0, 0}; }
StreamLimits bytes(std::uint64_t count) { return {0, count, 0}; }
StreamLimits age(std::uint64_t ms) { return {0, 0, ms}; }

/// A sequencer whose clock stands still, unless it is set.
struct LimitFixture {
  LimitFixture() { sequencer->start(); }

  std::uint64_t length() const { return stream()->length(); }
  std::shared_ptr<const Stream> stream() const { return sequencer->streams().find("a"); }
  std::string shown() const {
    const LogSource source(*sequencer->log());
    StreamReader reader(source);
    return show(reader, *stream());
  }

  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  SetClock clock;
  QuietListener listener;
  std::unique_ptr<Sequencer> sequencer =
      std::make_unique<Sequencer>(opener(disk), LogOptions{64 * 1024}, clock, listener);
};

}  // namespace

TEST_CASE_METHOD(LimitFixture, "a small number of entries is kept to exactly") {
  for (int i = 1; i <= 7; ++i) commit(*sequencer, {add_limited(entries(3), std::to_string(i) + "-0")});
  CHECK(shown() == "5-0=v 6-0=v 7-0=v");
}

TEST_CASE_METHOD(LimitFixture, "of many entries one in a hundred more may stay") {
  std::uint64_t most = 0;
  for (int i = 1; i <= 3000; ++i) {
    commit(*sequencer, {add_limited(entries(1000), "*")});
    most = std::max(most, length());
    if (i >= 1000) REQUIRE(length() >= 1000);
  }
  CHECK(most <= 1010);
}

TEST_CASE_METHOD(LimitFixture, "entries that take more than their bytes go, the newest one stays") {
  const std::string value(1000, 'x');
  for (int i = 1; i <= 500; ++i) {
    commit(*sequencer, {add_limited(bytes(20'000), "*", value)});
    REQUIRE(stream()->windows().bytes() <= 20'200);
  }
  CHECK(length() >= 18);
  commit(*sequencer, {add_limited(bytes(20'000), "2000-0", std::string(50'000, 'y'))});
  CHECK(length() == 1);
  CHECK(stream()->last_id() == StreamId{2000, 0});
}

TEST_CASE_METHOD(LimitFixture, "entries are too old by when they were written, whatever their IDs say") {
  clock.set(1000);
  commit(*sequencer, {add_limited(age(100), "0-1", "first")});
  clock.set(1060);
  commit(*sequencer, {add_limited(age(100), "0-2", "second")});
  clock.set(1090);
  commit(*sequencer, {add_limited(age(100), "0-3", "third")});
  CHECK(shown() == "0-1=first 0-2=second 0-3=third");
  clock.set(1150);
  commit(*sequencer, {add_limited(age(100), "0-4", "fourth")});
  CHECK(shown() == "0-2=second 0-3=third 0-4=fourth");
  SECTION("the age is known after a restart, too") {
    sequencer = nullptr;
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{64 * 1024}, clock, listener);
    REQUIRE(sequencer->open());
    sequencer->start();
    clock.set(1185);
    commit(*sequencer, {{"a", LimitStream{age(100)}}});
    CHECK(shown() == "0-3=third 0-4=fourth");
  }
  SECTION("all may be too old") {
    clock.set(5000);
    commit(*sequencer, {add("other", "*")});
    CHECK(commit(*sequencer, {{"a", LimitStream{age(100)}}}).front().count == 3);
    CHECK(length() == 0);
    CHECK(stream()->last_id() == StreamId{0, 4});
  }
}

TEST_CASE_METHOD(LimitFixture, "of several limits the one that leaves least counts") {
  clock.set(1000);
  for (int i = 1; i <= 5; ++i) commit(*sequencer, {add("a", "*")});
  clock.set(2000);
  for (int i = 1; i <= 5; ++i) commit(*sequencer, {add("a", "*")});
  commit(*sequencer, {{"a", LimitStream{{8, 0, 500}}}});
  CHECK(length() == 5);
  commit(*sequencer, {{"a", LimitStream{{3, 0, 500}}}});
  CHECK(length() == 3);
}

TEST_CASE_METHOD(LimitFixture, "limits on a stream that is not there change nothing") {
  CHECK(commit(*sequencer, {{"a", LimitStream{entries(1)}}}).front().count == 0);
}

}  // namespace respublica
