// Random commands of idempotent producers, against a model that remembers everything and forgets by looking.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/broker/idempotent_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using namespace test;

/// What one stream knows of its producers.
class Model {
 public:
  void limit(IdempotenceLimits limits) {
    if (limits == limits_) return;
    limits_ = limits;
    messages_.clear();
  }
  const IdempotenceLimits& limits() const { return limits_; }
  std::optional<StreamId> find(const std::string& producer, const std::string& iid, std::uint64_t now_ms) const {
    std::size_t newer = 0;
    for (auto message = messages_.rbegin(); message != messages_.rend(); ++message) {
      if (message->producer != producer) continue;
      if (newer++ >= limits_.most || message->ms + limits_.duration_s * 1000ULL <= now_ms) break;
      if (message->iid == iid) return message->id;
    }
    return std::nullopt;
  }
  void add(const std::string& producer, const std::string& iid, std::uint64_t now_ms, StreamId id) {
    messages_.push_back({producer, iid, now_ms, id});
  }

 private:
  struct Message {
    std::string producer;
    std::string iid;
    std::uint64_t ms = 0;
    StreamId id;
  };

  IdempotenceLimits limits_;
  std::vector<Message> messages_;
};

/// Restarts now and then, with checkpoints between.
class Run {
 public:
  explicit Run(std::uint64_t seed) : random_(seed) { open(); }

  void step() {
    clock_.pass(std::chrono::milliseconds(random_.below(1500)));
    const std::string channel = random_.percent(50) ? "a" : "b";
    const std::uint64_t kind = random_.below(100);
    if (kind < 80) {
      send(channel);
    } else if (kind < 84) {
      models_.erase(channel);
      commit(drop(channel));
    } else if (kind < 90) {
      limit(channel);
    } else if (kind < 95) {
      commit(add("ballast", "*", std::string(5000, 'x')));
    } else {
      while (sequencer_->side_turn() || random_.percent(30)) sequencer_->turn();
      if (random_.percent(50)) open();
    }
  }

 private:
  void open() {
    sequencer_ = nullptr;
    sequencer_ =
        std::make_unique<Sequencer>(opener(disk_), LogOptions{64 * 1024}, clock_, listener_, UpkeepLimits{8192});
    REQUIRE(sequencer_->open());
    sequencer_->start_by_hand();
  }

  DurableOutcome commit(DurableCommand command) {
    std::vector<DurableCommand> commands;
    commands.push_back(std::move(command));
    Outcomes outcomes = submit(*sequencer_, std::move(commands));
    sequencer_->turn();
    return outcomes.get().front();
  }

  void send(const std::string& channel) {
    const std::string producer = std::to_string(random_.below(3));
    const std::string iid = std::to_string(random_.below(12));
    const IdempotenceLimits usual{4, 3};
    if (models_.try_emplace(channel).second) models_[channel].limit(usual);
    Model& model = models_[channel];
    const std::uint64_t now = unix_ms(clock_.wall_now());
    const auto original = model.find(producer, iid, now);
    const DurableOutcome outcome = commit(add_once(channel, producer, iid, "v", usual));
    REQUIRE(outcome.id);
    CHECK(outcome.duplicate == original.has_value());
    if (original) {
      CHECK(*outcome.id == *original);
    } else {
      model.add(producer, iid, now, *outcome.id);
    }
  }

  void limit(const std::string& channel) {
    const auto found = models_.find(channel);
    IdempotenceLimits limits{1 + static_cast<std::uint32_t>(random_.below(6)),
                             1 + static_cast<std::uint32_t>(random_.below(5))};
    const DurableOutcome outcome = commit(limit_idempotence(channel, limits.duration_s, limits.most));
    CHECK((outcome.refusal == Refusal::no_such_stream) == (found == models_.end()));
    if (found != models_.end()) found->second.limit(limits);
  }

  SeededRandom random_;
  HandClock clock_;
  std::shared_ptr<ObservedDisk> disk_ = std::make_shared<ObservedDisk>();
  QuietListener listener_;
  std::unique_ptr<Sequencer> sequencer_;
  std::map<std::string, Model> models_;
};

}  // namespace

TEST_CASE("duplicates are those of a simple model, also after restarts") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Run run(seed);
    for (int i = 0; i < 400; ++i) run.step();
  }
}

}  // namespace respublica
