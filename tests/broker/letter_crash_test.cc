// The power fails while dead letters are sent back.

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/group_commands.h"
#include "tests/broker/simulated_broker.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;

constexpr int kDead = 40;

/// A broker whose entries 1-0 to 40-0 of s are dead.
class Life {
 public:
  explicit Life(std::uint64_t seed) : disk_(seed) {
    listener_.set_rules(rules_of("*"));
    begin();
    std::vector<DurableCommand> work = dead_entries(kDead);
    // They are gone: their letters are added to s again.
    work.push_back(remove("s", ids_of("7-0 8-0 9-0")));
    listener_.submit(*sequencer_, std::move(work));
    sequencer_->turn();
    REQUIRE(listener_.wait_for(1).size() == 1);
  }

  /// Five letters with each commit, until the disk is gone at its `operation`th change, or all have moved. False in
  /// the second case.
  bool redrive_until(std::uint64_t operation) {
    disk_.crash_at(operation);
    sequencer_->ask_tasks([](LetterTasks& tasks) {
      tasks.start({MoveLetters::Act::redrive, "dlq", {}, {}, 50, 0, nullptr});
    });
    for (int i = 0; i <= kDead / 5 && !disk_.has_lost_power(); ++i) {
      sequencer_->turn();
      clock_.pass(milliseconds(100));
    }
    const bool has_crashed = disk_.has_lost_power();
    sequencer_ = nullptr;
    disk_.crash(operation, SectorWrites::torn);
    begin();
    return has_crashed;
  }

  /// Which entries are dead, or pending, or there again: each as often as it is found.
  std::multiset<std::string> places() {
    std::multiset<std::string> places;
    const LogSource source(*sequencer_->log());
    StreamReader reader(source);
    const auto visit = [&places](const StoredEntry& entry) {
      if (const auto letter = DeadLetter::read(entry.fields)) places.insert(format_stream_id(letter->id()));
      for (const auto& [name, value] : field_list(entry.fields)) {
        if (name == "dlq.redriven-from") places.insert(value);
      }
      return true;
    };
    for (const char* const channel : {"dlq", "s"})
      REQUIRE(reader.forward(*sequencer_->streams().find(channel), {}, visit));
    listener_.submit(*sequencer_, {list_pending()});
    sequencer_->turn();
    const auto answers = listener_.wait_for(1);
    for (const PendingDetail& entry : std::get<PendingDetails>(*answers[0][0].groups).entries) {
      places.insert(format_stream_id(entry.id));
    }
    return places;
  }

 private:
  void begin() {
    listener_.begin_life();
    sequencer_ = sequencer_on(disk_, LogOptions{64 * 1024}, UpkeepLimits{8192}, AppendSync::always, clock_, listener_);
    REQUIRE(sequencer_->open());
    sequencer_->start_by_hand();
  }

  SimulatedDisk disk_;
  HandClock clock_;
  FailingListener listener_;
  std::unique_ptr<Sequencer> sequencer_;
};

}  // namespace

TEST_CASE("each dead letter is in one place after a crash in the middle of its redrive") {
  bool crashes = true;
  for (std::uint64_t operation = 1; crashes; ++operation) {
    CAPTURE(operation);
    REQUIRE(operation < 1000);
    Life life(operation);
    crashes = life.redrive_until(operation);
    const std::multiset<std::string> places = life.places();
    CHECK(places.size() == kDead);
    CHECK((std::set<std::string>(places.begin(), places.end()).size() == kDead));
  }
}

}  // namespace respublica
