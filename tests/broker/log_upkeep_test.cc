// Checkpoints as a sequencer writes and reads them.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "broker/checkpoint.h"
#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

struct CheckpointFixture : SequencerFixture {
  CheckpointFixture() { reopen_with(UpkeepLimits{4096}); }

  void reopen_with(UpkeepLimits limits) {
    sequencer = nullptr;
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{64 * 1024}, clock, listener, limits);
  }
  std::vector<std::string> checkpoints() const {
    std::vector<std::string> found;
    const auto names = disk->files().list();
    for (const std::string& name : names.value()) {
      if (parse_checkpoint_name(name)) found.push_back(name);
    }
    return found;
  }
  /// Appends until there are so many checkpoints that were not there at first. Each entry has a frame of its own; where
  /// these begin is returned.
  std::vector<LogPosition> append_until_checkpoints(std::size_t wanted) {
    std::vector<LogPosition> frames;
    std::vector<std::string> seen = checkpoints();
    for (std::size_t added = 0; added < wanted;) {
      frames.push_back(sequencer->shown_end().position);
      commit(*sequencer, {add("a", "*", std::string(500, 'x'))});
      for (const std::string& name : checkpoints()) {
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
        seen.push_back(name);
        ++added;
      }
    }
    return frames;
  }
  void flip_a_bit(const std::string& name) {
    const auto file = std::move(disk->files().open(name).value());
    char byte = 0;
    REQUIRE(file->read_at(50, {&byte, 1}));
    byte = static_cast<char>(byte ^ 1);
    REQUIRE(file->write_at(50, {&byte, 1}));
  }
};

}  // namespace

TEST_CASE_METHOD(CheckpointFixture, "a start reads the log from the newest checkpoint on") {
  sequencer->start();
  commit(*sequencer, {add("early", "1-1", "kept")});
  const std::vector<LogPosition> frames = append_until_checkpoints(3);
  const std::string before = shown("a");
  sequencer->stop();
  const LogPosition newest = *parse_checkpoint_name(checkpoints().back());
  reopen_with({});
  const auto opened = sequencer->open();
  REQUIRE(opened);
  CHECK(newest > frames.front());
  CHECK(opened.value().records == static_cast<std::uint64_t>(std::ranges::count_if(
                                      frames, [newest](LogPosition each) { return each >= newest; })));
  CHECK(shown("a") == before);
  CHECK(shown("early") == "1-1=kept");
}

TEST_CASE_METHOD(CheckpointFixture, "the two newest checkpoints are kept") {
  sequencer->start();
  append_until_checkpoints(5);
  sequencer->stop();
  CHECK(checkpoints().size() <= 3);
  CHECK(checkpoints().size() >= 2);
}

TEST_CASE_METHOD(CheckpointFixture, "a damaged checkpoint is passed over for the one before it, and said so") {
  sequencer->start();
  append_until_checkpoints(3);
  sequencer->stop();
  const std::string before = shown("a");
  flip_a_bit(checkpoints().back());
  events.take();
  reopen_with({});
  REQUIRE(sequencer->open());
  CHECK(shown("a") == before);
  const auto happened = events.take();
  CHECK(std::count_if(happened.begin(), happened.end(), [](const std::string& event) {
          return event.starts_with("upkeep failed the checkpoint ");
        }) == 1);
}

TEST_CASE_METHOD(CheckpointFixture, "without a checkpoint that can be read all of the log is read") {
  sequencer->start();
  append_until_checkpoints(2);
  sequencer->stop();
  const std::string before = shown("a");
  for (const std::string& name : checkpoints()) flip_a_bit(name);
  reopen_with({});
  REQUIRE(sequencer->open());
  CHECK(shown("a") == before);
}

TEST_CASE_METHOD(CheckpointFixture, "channels that are made and dropped around checkpoints are as they were") {
  sequencer->start();
  std::vector<std::string> live;
  for (int round = 0; round < 400; ++round) {
    const std::string name = "n" + std::to_string(round);
    commit(*sequencer, {add(name, "*", std::string(200, 'y'))});
    if (round % 3 != 0) {
      live.push_back(name);
    } else if (!live.empty()) {
      commit(*sequencer, {drop(live.front()), drop(name)});
      live.erase(live.begin());
    } else {
      commit(*sequencer, {drop(name)});
    }
    if (round % 40 != 39) continue;
    reopen_with(UpkeepLimits{4096});
    REQUIRE(sequencer->open());
    REQUIRE(sequencer->streams().size() == live.size());
    for (const std::string& each : live) REQUIRE(sequencer->streams().find(each));
    sequencer->start();
  }
}

TEST_CASE_METHOD(CheckpointFixture, "a checkpoint that cannot be written is said so, and tried again") {
  std::atomic<bool> full{true};
  on_disk = [&full](std::string_view operation) -> Result<void> {
    if (operation == "create checkpoint" && full) return Error{"the disk is full", ErrorKind::no_space};
    return {};
  };
  sequencer->start();
  while (true) {
    commit(*sequencer, {add("a", "*", std::string(500, 'x'))});
    const auto happened = events.take();
    if (std::find(happened.begin(), happened.end(), "upkeep failed the disk is full") != happened.end()) break;
  }
  CHECK(checkpoints().empty());
  full = false;
  append_until_checkpoints(1);
}

}  // namespace respublica
