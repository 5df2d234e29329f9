// Producers that send until they are answered, while the power fails, the disk fails or fills up, and the broker is
// restarted.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/idempotent_commands.h"
#include "tests/broker/simulated_broker.h"
#include "tests/support/catch.h"
#include "tests/support/seed_range.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using namespace test;

constexpr int kLives = 6;
constexpr std::uint64_t kProducers = 3;
/// Fewer than are tracked of one producer.
constexpr std::uint64_t kSentAgain = 40;

/// A message, and the stream that it is for.
struct Message {
  std::string channel;
  std::string producer;
  std::uint64_t number = 0;

  std::string iid() const { return channel + std::to_string(number); }
  std::string text() const { return producer + '/' + iid(); }
};

/// Sends every message several times, also when it has been answered, and checks each start and each answer: one entry
/// for each message that was answered, with the ID that was the answer.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : random_(seed), disk_(seed) {}

  /// What went wrong; empty when nothing did.
  std::string run() {
    for (int life = 0; life < kLives && problem_.empty(); ++life) {
      if (random_.percent(70)) disk_.crash_at(1 + random_.below(400));
      disk_.set_capacity(random_.percent(15) ? 300'000 + random_.below(300'000) : std::uint64_t{1} << 30);
      open();
      for (std::uint64_t batches = 10 + random_.below(60); batches > 0 && problem_.empty(); --batches) {
        if (!send()) break;
      }
      sequencer_ = nullptr;
      if (disk_.has_lost_power() || random_.percent(50)) crash();
    }
    disk_.set_capacity(std::uint64_t{1} << 30);
    if (problem_.empty()) open();
    if (problem_.empty()) check_all_there();
    sequencer_ = nullptr;
    return problem_;
  }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  void crash() { disk_.crash(random_.below(1ULL << 60), SectorWrites::torn); }

  void open() {
    for (int attempts = 0; attempts < 20; ++attempts) {
      listener_.begin_life();
      sequencer_ =
          sequencer_on(disk_, LogOptions{64 * 1024}, UpkeepLimits{8192}, AppendSync::always, clock_, listener_);
      if (sequencer_->open()) return sequencer_->start_by_hand();
      sequencer_ = nullptr;
      if (disk_.has_lost_power()) crash();
    }
    problem_ = "the log cannot be opened";
  }

  /// A new one, or one of the last that was sent before.
  Message choose() {
    Message message;
    message.channel = random_.percent(50) ? "a" : "b";
    message.producer = "producer " + std::to_string(random_.below(kProducers));
    std::uint64_t& sent = sent_[message.channel + message.producer];
    const bool is_new = sent == 0 || random_.percent(40);
    message.number = is_new ? ++sent : sent - random_.below(std::min(sent, kSentAgain));
    return message;
  }

  /// False when the process ends.
  bool send() {
    clock_.pass(std::chrono::milliseconds(random_.below(5)));
    std::vector<Message> messages(1 + random_.below(8));
    std::vector<DurableCommand> commands;
    for (Message& message : messages) {
      message = choose();
      const std::string value = message.text() + std::string(random_.below(800), '.');
      commands.push_back(add_once(message.channel, message.producer, message.iid(), value));
    }
    listener_.submit(*sequencer_, std::move(commands));
    while (random_.percent(40) && sequencer_->side_turn()) {
    }
    sequencer_->turn();
    const auto answers = listener_.wait_for(1);
    if (answers.empty()) return false;
    for (std::size_t i = 0; i < messages.size(); ++i) note(messages[i], answers.front()[i]);
    return true;
  }

  void note(const Message& message, const DurableOutcome& outcome) {
    if (!outcome.id) return;
    if (outcome.duplicate) ++duplicates_;
    const auto [answered, is_first] = answered_.try_emplace(message.text(), *outcome.id);
    if (!is_first && !outcome.duplicate) problem_ = message.text() + " was added again";
    if (answered->second != *outcome.id) problem_ = message.text() + " was answered with another ID";
  }

  void check_all_there() {
    std::map<std::string, StreamId> found;
    const LogSource source(*sequencer_->log());
    StreamReader reader(source);
    for (const auto& stream : sequencer_->streams().all()) {
      const auto read = reader.forward(*stream, {}, [&](const StoredEntry& entry) {
        std::string text(FieldsReader(entry.fields).next().value);
        text.erase(std::min(text.find('.'), text.size()));
        if (!found.try_emplace(text, entry.id).second) problem_ = text + " is there twice";
        return true;
      });
      if (!read) problem_ = read.error().message;
    }
    for (const auto& [text, id] : answered_) {
      const auto there = found.find(text);
      if (there == found.end()) {
        problem_ = text + " is lost";
      } else if (there->second != id) {
        problem_ = text + " has another ID than was answered";
      }
    }
  }

  SeededRandom random_;
  SimulatedDisk disk_;
  HandClock clock_;
  FailingListener listener_;
  std::unique_ptr<Sequencer> sequencer_;
  std::map<std::string, std::uint64_t> sent_;
  std::map<std::string, StreamId> answered_;
  std::uint64_t duplicates_ = 0;
  std::string problem_;
};

}  // namespace

TEST_CASE("a message that is sent until it is answered is there once, whatever happens to power and disk") {
  const SeedRange seeds(400);
  std::uint64_t duplicates = 0;
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    Simulation simulation(seed);
    INFO(SeedRange::again(seed));
    CHECK(simulation.run() == "");
    duplicates += simulation.duplicates();
  }
  CHECK(duplicates > 0);
}

}  // namespace respublica
