// What a sequencer gives back of its log, and what must stay.

#include "broker/log_retention.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using namespace std::chrono_literals;

struct RetentionFixture : SequencerFixture {
  static constexpr std::uint64_t kSegment = 64 * 1024;

  RetentionFixture() { reopen_with(UpkeepLimits{4096}); }

  void reopen_with(UpkeepLimits limits) {
    sequencer = nullptr;
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{kSegment}, clock, listener, limits,
                                            RetentionLimits{1ms, 1ULL << 30});
  }
  std::vector<std::string> files(std::string_view suffix) const {
    std::vector<std::string> found;
    const auto names = disk->files().list();
    for (const std::string& name : names.value()) {
      if (name.ends_with(suffix)) found.push_back(name);
    }
    return found;
  }
  /// Where the files of the log begin, in order.
  std::vector<LogPosition> begins() const {
    std::vector<LogPosition> begins;
    for (const std::string& name : files(".log")) begins.push_back(*parse_segment_name(name));
    for (const std::string& name : files(".compact")) begins.push_back(*parse_compact_segment_name(name));
    std::ranges::sort(begins);
    return begins;
  }
  LogPosition first_position() const { return begins().front(); }
  /// A start reads the log from some place behind its first file on.
  bool starts_behind_first_file() const {
    const std::vector<LogPosition> places = begins();
    return places.size() > 1 && std::ranges::any_of(files(".checkpoint"), [&places](const std::string& name) {
             return *parse_checkpoint_name(name) >= places[1];
           });
  }
  /// Writes to a channel that keeps one entry, so that checkpoints follow, until it is so.
  template <typename Condition>
  void write_until(Condition&& condition) {
    do {
      commit(*sequencer, {add("tick", "*", std::string(500, 't'), maxlen(1))});
    } while (!condition());
  }
  std::uint64_t bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const std::string& name : files("")) {
      // One that goes meanwhile has none.
      if (const auto file = disk->files().open(name)) bytes += file.value()->size().value();
    }
    return bytes;
  }
};

}  // namespace

TEST_CASE_METHOD(RetentionFixture, "segments at the front without a live entry are removed") {
  sequencer->start();
  for (int i = 0; i < 60; ++i) commit(*sequencer, {add("big", "*", std::string(5000, 'x'))});
  const LogPosition big_until = sequencer->shown_end().position;
  commit(*sequencer, {drop("big"), add("kept", "1-1", "value")});
  write_until([&] { return first_position() + kSegment > big_until; });
  CHECK(shown("kept") == "1-1=value");
  reopen_with(UpkeepLimits{4096});
  REQUIRE(sequencer->open());
  CHECK(shown("kept") == "1-1=value");
  CHECK(shown("big") == "none");
}

TEST_CASE_METHOD(RetentionFixture, "of segments that are mostly dead only what counts stays on the disk") {
  sequencer->start();
  for (int i = 0; i < 100; ++i) {
    commit(*sequencer, {add("dead", "*", std::string(5000, 'x'))});
    commit(*sequencer, {add("kept", "*", std::to_string(i))});
  }
  const std::string before = shown("kept");
  commit(*sequencer, {trim("dead", maxlen(0))});
  write_until([&] { return bytes_on_disk() < 5 * kSegment && !files(".compact").empty(); });
  CHECK(first_position() == LogPosition{});
  CHECK(shown("kept") == before);
  reopen_with(UpkeepLimits{4096});
  REQUIRE(sequencer->open());
  CHECK(shown("kept") == before);
  CHECK(sequencer->streams().find("dead")->length() == 0);
}

TEST_CASE_METHOD(RetentionFixture, "entries among deleted ones are still found when these are gone from the disk") {
  sequencer->start();
  std::vector<StreamId> deleted;
  for (std::uint64_t i = 1; i <= 400; ++i) {
    commit(*sequencer, {add("a", format_stream_id({i, 1}), std::string(1000, static_cast<char>('a' + i % 26)))});
    if (i % 97 != 0) deleted.push_back({i, 1});
  }
  commit(*sequencer, {remove("a", deleted)});
  const std::string before = shown("a");
  const std::uint64_t bytes = bytes_on_disk();
  write_until([&] { return !files(".compact").empty() && bytes_on_disk() < bytes; });
  CHECK(shown("a") == before);
  reopen_with(UpkeepLimits{4096});
  REQUIRE(sequencer->open());
  CHECK(shown("a") == before);
}

TEST_CASE_METHOD(RetentionFixture, "what a start may have to read stays") {
  sequencer->start();
  write_until([&] { return files(".checkpoint").size() >= 2; });
  sequencer->stop();
  // The newest one is damaged: the start goes back to the one before.
  const std::string newest = files(".checkpoint").back();
  const auto file = std::move(disk->files().open(newest).value());
  REQUIRE(file->write_at(50, "!"));
  const std::string before = shown("tick");
  reopen_with(UpkeepLimits{4096});
  REQUIRE(sequencer->open());
  CHECK(shown("tick") == before);
}

TEST_CASE_METHOD(RetentionFixture, "a log that is never read again gives everything back that is dead") {
  UpkeepLimits limits{0};
  limits.is_read_again = false;
  reopen_with(limits);
  sequencer->start();
  write_until([&] { return first_position() > LogPosition{10 * kSegment}; });
  CHECK(files(".checkpoint").empty());
  CHECK(bytes_on_disk() < 10 * kSegment);
}

TEST_CASE_METHOD(RetentionFixture, "a rule acts on a channel that nobody writes to") {
  sequencer->start();
  for (int i = 0; i < 10; ++i) commit(*sequencer, {add("idle", "*", "v")});
  const StreamId last = sequencer->streams().find("idle")->last_id();
  DurableRule rule;
  std::uint64_t left = 1;
  SECTION("by age") {
    rule.maxage = 1ms;
    left = 0;
  }
  SECTION("by number") { rule.maxlen = 1; }
  SECTION("by size") { rule.maxbytes = 1; }
  rule.pattern = "idle";
  listener.set(rule);
  while (sequencer->streams().find("idle")->length() > left) std::this_thread::yield();
  CHECK(sequencer->streams().find("idle")->last_id() == last);
}

TEST_CASE_METHOD(RetentionFixture, "a log whose beginning is missing is refused") {
  sequencer->start();
  commit(*sequencer, {add("old", "1-1", "value")});
  write_until([&] { return starts_behind_first_file(); });
  sequencer->stop();
  for (const std::string& name : files(".log")) {
    if (*parse_segment_name(name) == LogPosition{}) REQUIRE(disk->files().remove(name));
  }
  for (const std::string& name : files(".compact")) {
    if (*parse_compact_segment_name(name) == LogPosition{}) REQUIRE(disk->files().remove(name));
  }
  reopen_with(UpkeepLimits{4096});
  const auto opened = sequencer->open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message.find("channel 'old' has entries before") != std::string::npos);
}

}  // namespace respublica
