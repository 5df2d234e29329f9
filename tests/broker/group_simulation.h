#pragma once
// Lives of a broker with consumer groups, between which it is restarted or the power fails, against a simple model.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/broker/group_model.h"
#include "tests/broker/simulated_broker.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {

/// Whether groups are as in Redis, or channels have rules that the seed chooses.
enum class Rules : std::uint8_t { none, some };

/// Runs random commands, one work at a time, and moves time. Each answer is the model's; after each start groups,
/// streams and dead letters are as they were after some commit, not before the last one that is known to be on the
/// disk. A seed has one course.
class GroupSimulation {
 public:
  GroupSimulation(std::uint64_t seed, Rules rules);

  /// What went wrong; empty when nothing did.
  std::string run();
  /// What it did to the disk.
  std::uint64_t operations() const { return disk_.operations(); }

  /// What has come about, so that a test can say that it did.
  struct Counts {
    /// Dead letters by what commands did, and by time.
    std::uint64_t rejected = 0;
    std::uint64_t swept = 0;
    std::uint64_t redriven = 0;
    std::uint64_t added_again = 0;
    std::uint64_t discarded = 0;
    /// Starts after a failure of power that found what was there.
    std::uint64_t recovered = 0;

    void add(const Counts& other);
  };
  const Counts& counts() const { return counts_; }

 private:
  /// What the broker has, in the words of kept(), and what it says of groups.
  struct Found {
    std::string text;
    std::vector<std::string> names;
    std::vector<DurableOutcome> groups;
  };

  void choose_rules();
  bool is_over() const { return is_ambiguous_ || !problem_.empty(); }
  void crash();
  void report(std::string problem);
  void end_life();
  void reopen();
  /// Those that follow are false when the process ends, or the power has failed.
  bool compare();
  bool step();
  bool work();
  bool move_letters();
  bool check();
  /// Does what time and what was submitted do, in the model too but for commands.
  void turn();
  /// The slow work may be done before it and after it.
  void turn_broker();
  std::optional<std::vector<DurableOutcome>> commit(std::vector<DurableCommand> commands);
  void count(MoveLetters::Act act, const LetterFates& fates);
  std::optional<Found> look();
  std::optional<ModelStream> read_stream(const std::string& name);
  void take_over(const Found& found);
  void take_over(const GroupDetail& found, ModelGroup& group);
  /// The model is so from now on; `is_promised`: the disk has it.
  void become(GroupModel next, bool is_promised);
  std::uint64_t letters() const;

  SeededRandom random_;
  SimulatedDisk disk_;
  const SectorWrites writes_;
  AppendSync policy_ = AppendSync::always;
  ModelRules rules_;
  HandClock clock_;
  FailingListener listener_;
  std::unique_ptr<Sequencer> sequencer_;
  /// What there may be after a crash: after the last commit that is on the disk, and after each one since.
  std::vector<GroupModel> states_;
  std::uint64_t now_ms_ = 1000;
  bool has_crashed_ = false;
  /// Several states look the same and go on differently.
  bool is_ambiguous_ = false;
  std::string problem_;
  Counts counts_;
};

}  // namespace respublica::test
