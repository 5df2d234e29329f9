// Lives of a broker with consumer groups, between which it is restarted or the power fails, against a simple model.

#include "tests/broker/group_model.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/group_commands.h"
#include "tests/broker/group_commands_random.h"
#include "tests/broker/simulated_broker.h"
#include "tests/support/catch.h"
#include "tests/support/seed_range.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_disk.h"

namespace respublica {
namespace {

using namespace test;

constexpr int kLives = 3;
constexpr std::uint64_t kSegmentBytes = 16 * 1024;

std::string answer(const DurableOutcome& outcome) { return outcome.id ? format_stream_id(*outcome.id) : show(outcome); }

std::string kept(const ModelStream& stream) {
  std::string text = " last " + format_stream_id(stream.last_id) + " deleted " + format_stream_id(stream.max_deleted) +
                     " added " + std::to_string(stream.added) + " entries";
  for (const auto& [id, fields] : stream.entries) text += ' ' + format_stream_id(id);
  return text;
}

std::string kept(const GroupModel& model) {
  std::string text;
  for (const auto& [name, stream] : model.streams()) {
    text += name + kept(stream) + " groups " + show(without_times(model.details(name))) + '\n';
  }
  return text;
}

/// In which order what was given back is claimed: nobody sees it before.
std::string order_given_back(const GroupModel& model) {
  std::string text;
  for (const auto& [name, stream] : model.streams()) {
    for (const auto& [group_name, group] : stream.groups) {
      std::map<std::uint64_t, StreamId> order;
      for (const auto& [id, pending] : group.pending) {
        if (pending.given_back != 0) order[pending.given_back] = id;
      }
      text += name + '.' + group_name;
      for (const auto& [number, id] : order) text += ' ' + format_stream_id(id);
    }
  }
  return text;
}

/// Runs random commands, one work at a time. Each answer is the model's; after each start groups and streams are as
/// they were after some work, not before the last one that is known to be on the disk.
class GroupSimulation {
 public:
  explicit GroupSimulation(std::uint64_t seed)
      : random_(seed), disk_(seed), writes_(random_.percent(50) ? SectorWrites::torn : SectorWrites::whole) {}

  /// What went wrong; empty when nothing did.
  std::string run() {
    for (int life = 0; life < kLives && !is_over(); ++life) {
      if (random_.percent(70)) disk_.crash_at(1 + random_.below(200));
      policy_ = random_.percent(70) ? AppendSync::always : AppendSync::no;
      reopen();
      for (std::uint64_t works = 10 + random_.below(40); works > 0 && !is_over(); --works) {
        if (!work()) break;
      }
      sequencer_ = nullptr;
      if (disk_.has_lost_power() || random_.percent(30)) crash();
    }
    if (!is_over()) reopen();
    sequencer_ = nullptr;
    return problem_;
  }

 private:
  bool is_over() const { return is_ambiguous_ || !problem_.empty(); }
  void crash() { disk_.crash(random_.below(1ULL << 60), writes_); }
  void report(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  void reopen() {
    for (int attempts = 0; attempts < 20; ++attempts) {
      listener_.begin_life();
      sequencer_ = sequencer_on(disk_, LogOptions{kSegmentBytes}, UpkeepLimits{4096}, policy_, clock_, listener_);
      const auto opened = sequencer_->open();
      if (!opened && !disk_.has_lost_power()) return report("refused: " + opened.error().message);
      if (opened) sequencer_->start();
      if (opened && compare()) return;
      sequencer_ = nullptr;
      if (is_over()) return;
      crash();
    }
    report("the log cannot be opened");
  }

  /// Takes over what is there. False when the power has failed.
  bool compare() {
    std::vector<DurableCommand> commands;
    std::string found;
    std::vector<std::string> names;
    for (const auto& stream : sequencer_->streams().all()) names.push_back(stream->name());
    std::ranges::sort(names);
    for (const std::string& name : names) commands.push_back({name, ShowGroupsInFull{0}});
    const auto outcomes = commands.empty() ? std::vector<DurableOutcome>() : listener_.commit(*sequencer_, commands);
    if (!outcomes) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::optional<ModelStream> stream = read_stream(names[i]);
      if (!stream || (*outcomes)[i].groups == nullptr) {
        if (!disk_.has_lost_power()) report("stream " + names[i] + " cannot be read");
        return false;
      }
      found += names[i] + kept(*stream) + " groups " +
               show(without_times(std::get<GroupDetails>(*(*outcomes)[i].groups))) + '\n';
    }
    take_over(found, names, *outcomes);
    return true;
  }

  std::optional<ModelStream> read_stream(const std::string& name) {
    const std::shared_ptr<const Stream> stream = sequencer_->streams().find(name);
    const LogSource source(*sequencer_->log());
    StreamReader reader(source);
    ModelStream read;
    read.last_id = stream->last_id();
    read.max_deleted = stream->max_deleted_id();
    read.added = stream->entries_added();
    const auto done = reader.forward(*stream, {}, [&read](const StoredEntry& entry) {
      read.entries.emplace(entry.id, entry.fields);
      return true;
    });
    return done ? std::optional(std::move(read)) : std::nullopt;
  }

  void take_over(const std::string& found, const std::vector<std::string>& names,
                 const std::vector<DurableOutcome>& outcomes) {
    std::vector<GroupModel> fitting;
    std::ranges::copy_if(states_, std::back_inserter(fitting),
                         [&found](const GroupModel& state) { return kept(state) == found; });
    if (fitting.empty()) {
      return report("it is as it never was, or as it was before a sync:\n" + found + "wanted:\n" +
                    kept(states_.front()) + "or one of " + std::to_string(states_.size() - 1) + " later ones up to\n" +
                    kept(states_.back()));
    }
    const auto same_order = [&fitting](const GroupModel& state) {
      return order_given_back(state) == order_given_back(fitting.back());
    };
    is_ambiguous_ = !std::ranges::all_of(fitting, same_order);
    states_ = {fitting.back()};
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (const GroupDetail& group : std::get<GroupDetails>(*outcomes[i].groups).groups) {
        take_over(group, states_[0].streams()[names[i]].groups[group.name]);
      }
    }
  }

  /// Consumers have not asked for anything since they did.
  void take_over(const GroupDetail& found, ModelGroup& group) {
    for (const ConsumerDetail& member : found.members) {
      ModelConsumer& consumer = group.consumers[member.name];
      if (member.seen_ms > now_ms_ || member.seen_ms == 0) report("a consumer was seen when it was not");
      if (member.active_ms > now_ms_) report("a consumer was active when it was not");
      consumer = {member.seen_ms, member.active_ms};
    }
  }

  /// False when the process ends, or the power has failed.
  bool work() {
    now_ms_ += random_.below(8);
    clock_.set(now_ms_);
    GroupModel next = states_.back();
    RandomGroupCommands random(random_);
    std::vector<DurableCommand> commands;
    for (std::uint64_t count = 1 + random_.below(4); count > 0; --count) commands.push_back(random.next());
    std::vector<std::string> expected;
    for (const DurableCommand& command : commands) expected.push_back(next.run(command, now_ms_));
    const auto outcomes = listener_.commit(*sequencer_, commands);
    const bool had_power = !disk_.has_lost_power();
    bool is_as_expected = outcomes.has_value();
    for (std::size_t i = 0; outcomes && i < commands.size(); ++i) {
      const std::string found = answer((*outcomes)[i]);
      if (found == expected[i]) continue;
      is_as_expected = false;
      if (had_power) {
        report("command " + std::to_string(i) + " of kind " + std::to_string(commands[i].change.index()) +
               " answered:\n" + found + "\nwanted:\n" + expected[i] + "\nbefore:\n" + kept(states_.back()));
      }
    }
    // What nobody was told of may be on the disk.
    // What changes nothing writes nothing, and syncs nothing of the deliveries before it.
    const bool is_promised = policy_ == AppendSync::always && std::ranges::any_of(commands, needs_promise) &&
                             kept(next) != kept(states_.back());
    if (is_promised && is_as_expected) states_.clear();
    states_.push_back(std::move(next));
    return is_as_expected;
  }

  SeededRandom random_;
  SimulatedDisk disk_;
  const SectorWrites writes_;
  AppendSync policy_ = AppendSync::always;
  SetClock clock_;
  FailingListener listener_;
  std::unique_ptr<Sequencer> sequencer_;
  /// What there may be after a crash: after the last work that is on the disk, and after each one since.
  std::vector<GroupModel> states_{1};
  std::uint64_t now_ms_ = 1000;
  /// Several states look the same and go on differently.
  bool is_ambiguous_ = false;
  std::string problem_;
};

}  // namespace

TEST_CASE("whatever is done with groups, they are as Redis has them, and a start finds what was answered") {
  const SeedRange seeds(2000);
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    const std::string problem = GroupSimulation(seed).run();
    if (!problem.empty()) FAIL(SeedRange::again(seed) << ": " << problem);
  }
}

}  // namespace respublica
