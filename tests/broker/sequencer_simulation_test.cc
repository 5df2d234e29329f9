// Lives of a broker between which the power fails, its disk fails or fills up, or it is restarted.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/simulated_broker.h"
#include "tests/support/catch.h"
#include "tests/support/seed_range.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_disk.h"

namespace respublica {
namespace {

using namespace test;

constexpr int kLives = 5;
constexpr std::uint64_t kSegmentBytes = 64 * 1024;

/// Hashes of the entries of all streams: what one work after the other makes of them.
using Entries = std::map<std::string, std::map<StreamId, std::size_t>>;

std::size_t hash_of(std::string_view fields) { return std::hash<std::string_view>()(fields); }

/// "a: 12 entries up to 45-0".
std::string outline(const Entries& entries) {
  std::string text;
  for (const auto& [channel, stream] : entries) {
    text += (text.empty() ? "[" : ", ") + channel + ": " + std::to_string(stream.size());
    if (!stream.empty()) text += " up to " + format_stream_id(stream.rbegin()->first);
  }
  return text + "]";
}

/// By hand a seed has one course, and time goes as it says; with threads it is the machine that decides.
enum class Course : std::uint8_t { by_hand, with_threads };

/// Changes streams, and compares what each start finds with what was answered: the state after some work, not before
/// the last one that is known to be on the disk.
class Simulation {
 public:
  Simulation(std::uint64_t seed, Course course)
      : course_(course),
        random_(seed),
        disk_(seed),
        writes_(random_.percent(50) ? SectorWrites::torn : SectorWrites::whole) {}

  /// What went wrong; empty when nothing did.
  std::string run() {
    for (int life = 0; life < kLives && problem_.empty(); ++life) {
      plan_faults();
      reopen();
      for (std::uint64_t batches = 20 + random_.below(120); batches > 0 && problem_.empty(); --batches) {
        if (!work()) break;
      }
      sequencer_ = nullptr;
      if (disk_.has_lost_power() || random_.percent(50)) crash();
    }
    if (problem_.empty()) reopen();
    sequencer_ = nullptr;
    return problem_;
  }
  std::uint64_t times_given_back() const { return listener_.times_given_back(); }
  /// What it did to the disk.
  std::uint64_t operations() const { return disk_.operations(); }

 private:
  void plan_faults() {
    disk_.set_capacity(random_.percent(15) ? 400'000 + random_.below(400'000) : std::uint64_t{1} << 30);
    if (random_.percent(60)) disk_.crash_at(1 + random_.below(600));
    const DiskFault kind = random_.percent(30) ? DiskFault::no_space : DiskFault::io_error;
    if (random_.percent(20)) disk_.fail_any(1 + random_.below(400), kind);
    policy_ = random_.percent(60) ? AppendSync::always : AppendSync::no;
  }

  void reopen() {
    for (int attempts = 0; attempts < 20; ++attempts) {
      listener_.begin_life();
      sequencer_ = sequencer_on(disk_, LogOptions{kSegmentBytes}, UpkeepLimits{8192}, policy_, clock(), listener_);
      if (const auto opened = sequencer_->open(); !opened) {
        if (!opened.error().message.starts_with("cannot ")) return report("refused: " + opened.error().message);
        sequencer_ = nullptr;
        if (disk_.has_lost_power()) crash();
        continue;
      }
      compare();
      course_ == Course::by_hand ? sequencer_->start_by_hand() : sequencer_->start();
      return;
    }
    report("the log cannot be opened");
  }

  void crash() { disk_.crash(random_.below(1ULL << 60), writes_); }

  void compare() {
    const LogSource source(*sequencer_->log());
    StreamReader reader(source);
    Entries found;
    for (const auto& stream : sequencer_->streams().all()) {
      auto& entries = found[stream->name()];
      const auto read = reader.forward(*stream, {}, [&entries](const StoredEntry& entry) {
        entries.emplace(entry.id, hash_of(entry.fields));
        return true;
      });
      if (!read && !disk_.has_lost_power()) return report("stream '" + stream->name() + "': " + read.error().message);
      if (!read) return;
    }
    const auto state = std::ranges::find(states_, found);
    if (state == states_.end()) {
      return report("the streams are as they never were, or as they were before a sync: found " + outline(found) +
                    ", wanted " + outline(states_.front()) + " or one of " + std::to_string(states_.size() - 1) +
                    " later ones up to " + outline(states_.back()));
    }
    // What is found at a start is on the disk.
    states_ = {found};
  }

  const Clock& clock() const {
    if (course_ == Course::by_hand) return hand_clock_;
    return set_clock_;
  }

  /// A command, and what it does in the model.
  struct Change {
    DurableCommand command;
    std::function<void(Entries&)> apply;
  };

  using Work = std::vector<Change>;

  /// Submits a work or, by hand, sometimes a few for one commit. False when the process ends.
  bool work() {
    Entries next = states_.back();
    std::vector<Work> works(course_ == Course::by_hand && random_.percent(30) ? 1 + random_.below(4) : 1);
    for (Work& work : works) {
      for (std::uint64_t count = 1 + random_.below(3); count > 0; --count) {
        work.push_back(change(next));
        work.back().apply(next);
      }
    }
    const auto answers = submit(works);
    for (std::size_t i = 0; i < works.size(); ++i) note(works[i], i < answers.size() ? &answers[i] : nullptr);
    return answers.size() == works.size();
  }

  /// Writes down what the streams may be after a work; null: it was not answered, but may be on the disk.
  void note(const Work& work, const std::vector<DurableOutcome>* answer) {
    Entries next = states_.back();
    for (std::size_t i = 0; i < work.size(); ++i) {
      if (answer == nullptr || (*answer)[i].refusal == Refusal::none) work[i].apply(next);
    }
    if (answer != nullptr && policy_ == AppendSync::always) states_.clear();
    states_.push_back(std::move(next));
  }

  std::vector<std::vector<DurableOutcome>> submit(const std::vector<Work>& works) {
    for (const Work& work : works) {
      std::vector<DurableCommand> commands;
      for (const Change& change : work) commands.push_back(change.command);
      listener_.submit(*sequencer_, std::move(commands));
    }
    if (course_ == Course::by_hand) go_on();
    return listener_.wait_for(works.size());
  }

  /// The slow work may be done before the commit and after it, and time passes.
  void go_on() {
    while (random_.percent(40) && sequencer_->side_turn()) {
    }
    sequencer_->turn();
    while (random_.percent(40) && sequencer_->side_turn()) {
    }
    if (random_.percent(20)) {
      hand_clock_.pass(std::chrono::milliseconds(random_.below(120)));
      sequencer_->turn();
    }
  }

  /// Something to do in `entries`.
  Change change(const Entries& entries) {
    const std::string channel(1, static_cast<char>('a' + random_.below(4)));
    const std::uint64_t kind = random_.below(100);
    const auto found = entries.find(channel);
    if (kind < 70 || found == entries.end()) {
      const StreamId id{++last_ms_, 0};
      const std::string value(random_.below(4000), static_cast<char>('a' + random_.below(26)));
      const std::size_t hash = hash_of(fields_of(value));
      return {add(channel, format_stream_id(id), value), [=](Entries& all) { all[channel].emplace(id, hash); }};
    }
    if (kind < 85 && !found->second.empty()) {
      const auto place = static_cast<std::ptrdiff_t>(random_.below(found->second.size()));
      const StreamId id = std::next(found->second.begin(), place)->first;
      return {remove(channel, {id}), [=](Entries& all) { all[channel].erase(id); }};
    }
    if (kind < 96) {
      const std::uint64_t kept = random_.below(12);
      return {trim(channel, maxlen(kept)), [=](Entries& all) {
                auto& stream = all[channel];
                while (stream.size() > kept) stream.erase(stream.begin());
              }};
    }
    return {drop(channel), [=](Entries& all) { all.erase(channel); }};
  }

  void report(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  const Course course_;
  SeededRandom random_;
  SimulatedDisk disk_;
  const SectorWrites writes_;
  AppendSync policy_ = AppendSync::always;
  HandClock hand_clock_;
  SetClock set_clock_;
  FailingListener listener_;
  std::unique_ptr<Sequencer> sequencer_;
  /// What the streams may be after a crash: those after the last work that is on the disk, and after each one since.
  std::vector<Entries> states_{{}};
  std::uint64_t last_ms_ = 0;
  std::string problem_;
};

}  // namespace

TEST_CASE("a start finds what was promised, whatever happens to power and disk") {
  const SeedRange seeds(2000);
  std::uint64_t given_back = 0;
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    Simulation simulation(seed, Course::by_hand);
    INFO(SeedRange::again(seed));
    CHECK(simulation.run() == "");
    given_back += simulation.times_given_back();
  }
  if (seeds.count() >= 100) CHECK(given_back > 0);
}

TEST_CASE("by hand a seed that failed fails again") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Simulation one(seed, Course::by_hand);
    Simulation other(seed, Course::by_hand);
    one.run();
    other.run();
    CHECK(one.operations() == other.operations());
  }
}

TEST_CASE("a start finds what was promised, whatever happens to power and disk while threads go on") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    CHECK(Simulation(seed, Course::with_threads).run() == "");
  }
}

}  // namespace respublica
