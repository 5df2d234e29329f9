// Random commands against a simple model of what Redis keeps of a stream.

#include <algorithm>
#include <future>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "broker/sequencer.h"
#include "storage/memory_file_system.h"
#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using namespace test;

/// A stream as Redis keeps it.
struct ModelStream {
  std::map<StreamId, std::string> entries;
  StreamId last_id;
  StreamId max_deleted_id;
  std::uint64_t entries_added = 0;
  std::optional<std::uint64_t> expires_ms;
};

/// What the same commands make of streams in memory. Approximate trimming, which may take what it likes, is checked and
/// then taken over from the outcome.
class Model {
 public:
  /// Checks the outcome.
  void run(const DurableCommand& command, const DurableOutcome& outcome, std::uint64_t now_ms) {
    std::erase_if(streams_,
                  [now_ms](const auto& each) { return each.second.expires_ms && *each.second.expires_ms <= now_ms; });
    now_ms_ = now_ms;
    std::visit([&](const auto& change) { run(command.channel, change, outcome); }, command.change);
  }

  const std::map<std::string, ModelStream>& streams() const { return streams_; }

 private:
  void run(const std::string& channel, const AppendEntry& command, const DurableOutcome& outcome) {
    if (!streams_.contains(channel) && command.missing == MissingStream::refuse) {
      CHECK_FALSE(outcome.id);
      return;
    }
    ModelStream empty;
    const auto found = streams_.find(channel);
    const std::optional<StreamId> id =
        id_for(command.id, found == streams_.end() ? empty.last_id : found->second.last_id);
    REQUIRE(outcome.id == id);
    REQUIRE(outcome.refusal == (id ? Refusal::none : Refusal::id_too_small));
    if (!id) return;
    ModelStream& stream = streams_[channel];
    stream.entries[*id] = command.fields;
    stream.last_id = *id;
    ++stream.entries_added;
    if (command.trim) trim(stream, *command.trim);
  }

  std::optional<StreamId> id_for(const RequestedId& requested, StreamId last) const {
    StreamId id = requested.id;
    if (requested.kind == RequestedId::Kind::automatic) {
      id = now_ms_ > last.ms ? StreamId{now_ms_, 0} : StreamId{last.ms, last.seq + 1};
    } else if (requested.kind == RequestedId::Kind::automatic_seq) {
      id.seq = id.ms == last.ms ? last.seq + 1 : 0;
    }
    if (id <= last) return std::nullopt;
    return id;
  }

  void run(const std::string& channel, const DeleteEntries& command, const DurableOutcome& outcome) {
    std::uint64_t count = 0;
    if (const auto found = streams_.find(channel); found != streams_.end()) {
      for (const StreamId id : command.ids) {
        if (found->second.entries.erase(id) == 0) continue;
        ++count;
        found->second.max_deleted_id = std::max(found->second.max_deleted_id, id);
      }
    }
    REQUIRE(outcome.refusal == Refusal::none);
    REQUIRE(outcome.count == count);
  }

  void run(const std::string& channel, const TrimStream& command, const DurableOutcome& outcome) {
    REQUIRE(outcome.refusal == Refusal::none);
    const auto found = streams_.find(channel);
    if (found == streams_.end()) {
      REQUIRE(outcome.count == 0);
    } else if (command.rule.precision == TrimRule::Precision::exact) {
      REQUIRE(outcome.count == trim(found->second, command.rule));
    } else {
      ModelStream bound = found->second;
      REQUIRE(outcome.count <= trim(bound, command.rule));
      if (command.rule.limit != 0) REQUIRE(outcome.count <= command.rule.limit);
      auto& entries = found->second.entries;
      entries.erase(entries.begin(), std::next(entries.begin(), static_cast<std::ptrdiff_t>(outcome.count)));
    }
  }

  static std::uint64_t trim(ModelStream& stream, const TrimRule& rule) {
    std::uint64_t count = 0;
    while (!stream.entries.empty() &&
           (rule.strategy == TrimRule::Strategy::maxlen ? stream.entries.size() > rule.max_entries
                                                        : stream.entries.begin()->first < rule.min_id)) {
      stream.entries.erase(stream.entries.begin());
      ++count;
    }
    return count;
  }

  template <typename Other>
  void run(const std::string&, const Other&, const DurableOutcome&) {
    FAIL("not among these commands");
  }

  void run(const std::string& channel, const SetStreamId& command, const DurableOutcome& outcome) {
    const auto found = streams_.find(channel);
    if (found == streams_.end()) {
      REQUIRE(outcome.refusal == Refusal::no_such_stream);
      return;
    }
    ModelStream& stream = found->second;
    Refusal refusal = Refusal::none;
    if (command.last_id < stream.max_deleted_id) {
      refusal = Refusal::last_id_below_deleted;
    } else if (!stream.entries.empty() && command.last_id < stream.entries.rbegin()->first) {
      refusal = Refusal::last_id_too_small;
    } else if (!stream.entries.empty() && command.entries_added && *command.entries_added < stream.entries.size()) {
      refusal = Refusal::entries_added_too_small;
    }
    REQUIRE(outcome.refusal == refusal);
    if (refusal != Refusal::none) return;
    stream.last_id = command.last_id;
    stream.entries_added = command.entries_added.value_or(stream.entries_added);
    stream.max_deleted_id = command.max_deleted_id.value_or(stream.max_deleted_id);
  }

  void run(const std::string& channel, const DropStream&, const DurableOutcome& outcome) {
    REQUIRE(outcome.count == streams_.erase(channel));
  }

  void run(const std::string& channel, const ExpireStream& command, const DurableOutcome& outcome) {
    const auto found = streams_.find(channel);
    REQUIRE(outcome.count == (found == streams_.end() ? 0 : 1));
    if (found == streams_.end()) return;
    found->second.expires_ms = command.at_ms;
    if (command.at_ms <= now_ms_) streams_.erase(found);
  }

  void run(const std::string& channel, const KeepStream&, const DurableOutcome& outcome) {
    const auto found = streams_.find(channel);
    const bool goes = found != streams_.end() && found->second.expires_ms;
    REQUIRE(outcome.count == (goes ? 1 : 0));
    if (goes) found->second.expires_ms.reset();
  }

  void run(const std::string&, const DropExpired&, const DurableOutcome&) {}

  void run(const std::string&, const ShowStreams&, const DurableOutcome& outcome) {
    for (const auto& [name, expected] : streams_) {
      const std::shared_ptr<const Stream> shown = outcome.shown->find(name);
      REQUIRE(shown);
      REQUIRE(shown->length() == expected.entries.size());
      REQUIRE(shown->last_id() == expected.last_id);
    }
    REQUIRE(outcome.shown->size() == streams_.size());
  }

  std::map<std::string, ModelStream> streams_;
  std::uint64_t now_ms_ = 0;
};

/// Commands that often hit the same few streams and IDs.
class Commands {
 public:
  explicit Commands(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t count) { return random_.below(count); }

  DurableCommand next(std::uint64_t now_ms) {
    std::string channel(1, static_cast<char>('a' + random_.below(5)));
    const std::uint64_t kind = random_.below(100);
    if (kind < 72) return append(std::move(channel));
    if (kind < 86) return removal(std::move(channel));
    if (kind < 94) return {std::move(channel), TrimStream{rule()}};
    if (kind < 97) return set_id(std::move(channel));
    if (kind < 98) return drop(std::move(channel));
    if (kind < 99) return {{}, ShowStreams{}};
    if (random_.percent(30)) return expire(std::move(channel), std::nullopt);
    return expire(std::move(channel), now_ms + random_.below(40));
  }

 private:
  StreamId id() { return {random_.below(kGreatestMs), random_.below(4)}; }

  DurableCommand append(std::string channel) {
    AppendEntry append;
    const std::uint64_t kind = random_.below(100);
    append.id.kind = kind < 70   ? RequestedId::Kind::automatic
                     : kind < 85 ? RequestedId::Kind::automatic_seq
                                 : RequestedId::Kind::exact;
    if (append.id.kind != RequestedId::Kind::automatic) append.id.id = {1 + random_.below(kGreatestMs), 0};
    if (append.id.kind == RequestedId::Kind::exact) append.id.id.seq = random_.below(4);
    if (random_.percent(10)) append.missing = MissingStream::refuse;
    if (random_.percent(15)) {
      append.trim = rule();
      // What it takes is not in the outcome.
      append.trim->precision = TrimRule::Precision::exact;
      append.trim->limit = 0;
    }
    append.fields = fields_of(std::string(512 + random_.below(2560), static_cast<char>('a' + random_.below(26))));
    return {std::move(channel), std::move(append)};
  }

  DurableCommand removal(std::string channel) {
    std::vector<StreamId> ids;
    for (std::uint64_t count = 1 + random_.below(8); count > 0; --count) ids.push_back(id());
    return remove(std::move(channel), std::move(ids));
  }

  TrimRule rule() {
    TrimRule rule;
    if (random_.percent(50)) rule.precision = TrimRule::Precision::approximate;
    if (rule.precision == TrimRule::Precision::approximate && random_.percent(50)) rule.limit = random_.below(60);
    if (random_.percent(50)) {
      rule.max_entries = random_.percent(5) ? random_.below(4) : 40 + random_.below(160);
    } else {
      rule.strategy = TrimRule::Strategy::minid;
      rule.min_id = random_.percent(10) ? id() : StreamId{random_.below(kGreatestMs / 2), 0};
    }
    return rule;
  }

  DurableCommand set_id(std::string channel) {
    SetStreamId command{id(), std::nullopt, std::nullopt};
    if (random_.percent(50)) command.last_id.ms = kGreatestMs;
    if (random_.percent(30)) command.entries_added = random_.below(200);
    if (random_.percent(30)) command.max_deleted_id = StreamId{1 + random_.below(3), 0};
    return {std::move(channel), command};
  }

  static constexpr std::uint64_t kGreatestMs = 400;

  SeededRandom random_;
};

void compare(StreamReader& reader, const Stream& stream, const ModelStream& model, Commands& random) {
  REQUIRE(stream.length() == model.entries.size());
  REQUIRE(stream.last_id() == model.last_id);
  REQUIRE(stream.max_deleted_id() == model.max_deleted_id);
  REQUIRE(stream.entries_added() == model.entries_added);
  REQUIRE(stream.expires_ms() == model.expires_ms);
  IdRange range;
  if (random.below(3) == 0) range = {{random.below(400), random.below(3)}, {random.below(400), random.below(3)}};

  std::vector<std::pair<StreamId, std::string>> expected;
  for (const auto& [id, fields] : model.entries) {
    if (range.contains(id)) expected.emplace_back(id, fields);
  }
  std::vector<std::pair<StreamId, std::string>> found;
  const auto visit = [&found](const StoredEntry& entry) {
    found.emplace_back(entry.id, entry.fields);
    return true;
  };
  const Result<void> forward = reader.forward(stream, range, visit);
  INFO((forward ? "" : forward.error().message));
  REQUIRE(forward);
  REQUIRE(found == expected);
  found.clear();
  REQUIRE(reader.backward(stream, range, visit));
  std::reverse(found.begin(), found.end());
  REQUIRE(found == expected);
}

void compare(const Sequencer& sequencer, const Model& model, std::uint64_t now_ms, Commands& random) {
  // Those whose time is over are dropped at some time.
  const auto streams = sequencer.streams().all();
  const auto living = [now_ms](const auto& stream) { return !stream->expired(now_ms); };
  REQUIRE(static_cast<std::size_t>(std::ranges::count_if(streams, living)) == model.streams().size());
  if (sequencer.log() == nullptr) return;
  const LogSource source(*sequencer.log());
  StreamReader reader(source);
  for (const auto& [name, expected] : model.streams()) {
    INFO("stream " << name);
    const std::shared_ptr<const Stream> stream = sequencer.streams().find(name);
    REQUIRE(stream);
    compare(reader, *stream, expected, random);
  }
}

constexpr std::uint64_t kSegmentBytes = 64 * 1024;
constexpr std::uint64_t kManySegments = 10 * kSegmentBytes;

/// Returns where the log ends.
std::uint64_t run_against_model(std::uint64_t seed, int batches, UpkeepLimits limits = {},
                                RetentionLimits retention = {}) {
  Commands random(seed);
  Model model;
  const auto disk = std::make_shared<ObservedDisk>();
  SetClock clock;
  QuietListener listener;
  auto sequencer =
      std::make_unique<Sequencer>(opener(disk), LogOptions{kSegmentBytes}, clock, listener, limits, retention);
  sequencer->start();
  std::uint64_t now_ms = 1;
  for (int batch = 0; batch < batches; ++batch) {
    INFO("seed " << seed << ", batch " << batch);
    now_ms += random.below(3);
    clock.set(now_ms);
    std::vector<DurableCommand> commands;
    for (std::uint64_t count = 1 + random.below(24); count > 0; --count) commands.push_back(random.next(now_ms));
    const std::vector<DurableOutcome> outcomes = commit(*sequencer, commands);
    REQUIRE(outcomes.size() == commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      INFO("command " << i);
      REQUIRE(outcomes[i].detail.empty());
      model.run(commands[i], outcomes[i], now_ms);
    }
    compare(*sequencer, model, now_ms, random);
    if (random.below(25) != 0) continue;
    sequencer.reset();
    sequencer =
        std::make_unique<Sequencer>(opener(disk), LogOptions{kSegmentBytes}, clock, listener, limits, retention);
    const Result<LogRecovery> opened = sequencer->open();
    REQUIRE(opened);
    REQUIRE(opened.value().cut_bytes == 0);
    sequencer->start();
    compare(*sequencer, model, now_ms, random);
  }
  return sequencer->shown_end().position.value;
}

}  // namespace

TEST_CASE("random commands leave what a simple model of Redis's streams has") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) CHECK(run_against_model(seed, 120) > kManySegments);
}

TEST_CASE("checkpoints leave the same streams as the whole log") {
  for (std::uint64_t seed = 101; seed <= 108; ++seed)
    CHECK(run_against_model(seed, 120, UpkeepLimits{4096}) > kManySegments);
}

TEST_CASE("what is removed and rewritten of the log leaves the same streams") {
  const RetentionLimits often{std::chrono::milliseconds(1), 1ULL << 30};
  for (std::uint64_t seed = 201; seed <= 208; ++seed)
    CHECK(run_against_model(seed, 200, UpkeepLimits{4096}, often) > kManySegments);
}

}  // namespace respublica
