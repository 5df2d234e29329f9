// Readers find the same before and after segments were made compact.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "broker/checkpoint.h"
#include "broker/log_replay.h"
#include "broker/sequencer.h"
#include "broker/virtual_reader.h"
#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/storage/kept_records.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using namespace test;

constexpr LogOptions kSmallSegments{64 * 1024};
constexpr std::uint64_t kNow = 1;

/// What a broker would show of this log.
struct Shown {
  const StreamTable& streams;
  const MessageLog& log;
  FrameMarks& marks;

  struct Entry {
    StreamId id;
    std::string text;
    bool operator==(const Entry&) const = default;
  };
  using Entries = std::vector<Entry>;

  Entries read_virtual(std::string_view name, const IdRange& range, Direction direction, std::size_t count) const {
    Entries found;
    const auto visit = [&](const VirtualEntry& entry) {
      const StoredEntry stored{entry.channel_id, entry.fields, {}, 0};
      found.push_back({entry.id, std::string(entry.channel) + '/' + show(stored)});
      return found.size() < count;
    };
    VirtualReader reader(streams, log, marks, log.end(), kNow);
    const VirtualChannel channel = VirtualChannel::named(name).value();
    require(direction == Direction::forward ? reader.forward(channel, range, visit)
                                            : reader.backward(channel, range, visit));
    return found;
  }
  Entries read_stream(const Stream& stream, const IdRange& range, Direction direction, std::size_t count) const {
    Entries found;
    const LogSource source(log);
    StreamReader reader(source);
    const auto visit = [&](const StoredEntry& entry) {
      found.push_back({entry.id, show(entry)});
      return found.size() < count;
    };
    require(direction == Direction::forward ? reader.forward(stream, range, visit)
                                            : reader.backward(stream, range, visit));
    return found;
  }

  /// Reads everything in some ways: at once (XRANGE, XREVRANGE), in pieces that begin behind the last ID (XREAD) or end
  /// before it, and ranges. All must say the same.
  template <typename Read>
  static Entries checked(Read&& read, std::uint64_t seed) {
    constexpr std::size_t kAll = 1'000'000;
    SeededRandom random(seed);
    Entries all = read(IdRange{}, Direction::forward, kAll);
    CHECK(std::ranges::is_sorted(all, {}, &Entry::id));
    Entries reversed = read(IdRange{}, Direction::backward, kAll);
    std::ranges::reverse(reversed);
    CHECK(reversed == all);
    const std::size_t piece = 1 + all.size() / 20;
    Entries pieces;
    for (IdRange rest; true; rest.first = pieces.back().id.next().value()) {
      const Entries some = read(rest, Direction::forward, piece);
      if (some.empty()) break;
      pieces.insert(pieces.end(), some.begin(), some.end());
    }
    CHECK(pieces == all);
    pieces.clear();
    for (IdRange rest; true; rest.last = pieces.front().id.previous().value()) {
      const Entries some = read(rest, Direction::backward, piece);
      if (some.empty()) break;
      pieces.insert(pieces.begin(), some.rbegin(), some.rend());
    }
    CHECK(pieces == all);
    for (int i = 0; i < 20 && !all.empty(); ++i) {
      auto first = all.begin() + static_cast<std::ptrdiff_t>(random.below(all.size()));
      auto last = all.begin() + static_cast<std::ptrdiff_t>(random.below(all.size()));
      if (last < first) std::swap(first, last);
      CHECK(read(IdRange{first->id, last->id}, Direction::forward, kAll) == Entries(first, last + 1));
      CHECK(read(IdRange{first->id, last->id}, Direction::backward, std::size_t{1}) == Entries{*last});
    }
    return all;
  }

  /// All of all channels.
  std::vector<Entries> everything() const {
    std::vector<Entries> all;
    for (const std::string_view name : {"$all", "$ce:a", "$ce:rare", "$ce:none"}) {
      all.push_back(checked([&](auto... what) { return read_virtual(name, what...); }, all.size()));
    }
    auto every = streams.all();
    std::ranges::sort(every, {}, [](const auto& stream) { return stream->name(); });
    for (const auto& stream : every) {
      all.push_back(checked([&](auto... what) { return read_stream(*stream, what...); }, all.size()));
      CHECK(all.back().size() == stream->length());
    }
    return all;
  }
};

/// A log that no sequencer uses.
struct LogByHand {
  explicit LogByHand(FileSystem& file_system) : files(file_system) {
    LogReplay replay(std::move(require(find_checkpoint(files)).newest));
    const RecordVisitor visit = [&replay](const Record& record, LogPosition position, std::uint64_t) {
      return replay.apply(record, position);
    };
    log = require(MessageLog::open(files, kSmallSegments, replay.from(), visit, recovery));
    next_number = replay.next_number();
    streams.fill(replay.take_streams());
  }

  std::vector<Shown::Entries> everything() { return Shown{streams, *log, marks}.everything(); }

  /// The entries that must stay: live ones, and those behind one on the way back to it.
  std::set<LogPosition> needed() const {
    std::set<LogPosition> needed;
    const LogSource source(*log);
    StreamReader reader(source);
    for (const auto& stream : streams.all()) {
      for (std::size_t i = 0; i < stream->windows().size(); ++i) {
        const StreamWindow& window = stream->windows()[i];
        const auto live = require(reader.window(*stream, window));
        if (live.empty()) continue;
        const LogPosition first = live.front().position;
        for (LogPosition at = window.last; needed.insert(at).second && at != first;) {
          std::string bytes(4096, '\0');
          bytes.resize(require(log->read(at, bytes)));
          Record record;
          REQUIRE(read_record(bytes, record).status == RecordRead::Status::whole);
          at = {at.value - record.append.back};
        }
      }
    }
    return needed;
  }

  /// Makes segments compact, as retention does; at least one stays plain.
  void compact(std::size_t first, std::size_t behind) {
    const std::set<LogPosition> needed = this->needed();
    keep_records(*log, files, first, behind, [&needed](const Record& record, LogPosition position) {
      return record.kind == Record::Kind::channel || (record.kind == Record::Kind::append && needed.contains(position));
    });
  }

  /// So that the log need not be read from its beginning again, which cannot be done.
  void write_checkpoint() {
    auto file = require(CheckpointFile::create(files, {log->end(), 0, recovery.last_time_ms, next_number.value}));
    CheckpointWriter writer(std::move(file));
    std::vector<CheckpointWriter::Entry> entries;
    for (std::shared_ptr<const Stream>& stream : streams.all()) entries.push_back({std::move(stream), {}});
    require(writer.add(log->end(), entries));
    require(writer.file().finish());
    require(log->sync());
    require(writer.file().publish());
  }

  FileSystem& files;
  LogRecovery recovery;
  StreamTable streams;
  std::unique_ptr<MessageLog> log;
  ChannelNumber next_number;
  FrameMarks marks;
};

/// Adds much, of which not much stays.
void write_some(Sequencer& sequencer, SetClock& clock, SeededRandom& random, std::uint64_t from_ms) {
  for (std::uint64_t batch = 0; batch < 200; ++batch) {
    clock.set(from_ms + batch / 2);
    std::vector<DurableCommand> commands;
    for (std::uint64_t i = 1 + random.below(12); i-- > 0;) {
      const std::string channel = "a:" + std::to_string(random.below(6));
      const std::string value(static_cast<std::size_t>(random.below(900)), static_cast<char>('a' + random.below(26)));
      if (random.percent(85)) commands.push_back(add(channel, "*", value));
      if (random.percent(10)) commands.push_back(trim(channel, maxlen(random.below(30))));
      if (random.percent(1)) commands.push_back(drop(channel));
      if (random.percent(2)) commands.push_back(add("rare:" + std::to_string(random.below(3)), "*", value));
    }
    std::vector<StreamId> added;
    for (const DurableOutcome& outcome : commit(sequencer, std::move(commands))) {
      REQUIRE(outcome.refusal == Refusal::none);
      if (outcome.id && random.percent(40)) added.push_back(*outcome.id);
    }
    std::vector<DurableCommand> removals;
    for (std::uint64_t i = 0; i < 6; ++i) removals.push_back(remove("a:" + std::to_string(i), added));
    commit(sequencer, std::move(removals));
  }
}

}  // namespace

TEST_CASE("all channels read the same whatever has been made compact, also after a start and more entries") {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    const auto disk = std::make_shared<ObservedDisk>();
    SetClock clock;
    QuietListener listener;
    for (std::uint64_t round = 0; round < 3; ++round) {
      std::vector<Shown::Entries> before;
      {
        Sequencer sequencer(opener(disk), kSmallSegments, clock, listener);
        REQUIRE(sequencer.open());
        sequencer.start();
        write_some(sequencer, clock, random, 1000 * (round + 1));
        FrameMarks marks;
        before = Shown{sequencer.streams(), *sequencer.log(), marks}.everything();
      }
      LogByHand f(disk->files());
      CHECK(f.everything() == before);
      for (int i = 0; i < 3; ++i) {
        const std::size_t segments = f.log->segments().size();
        REQUIRE(segments > 2);
        const auto first = static_cast<std::size_t>(random.below(segments - 2));
        const auto count = 1 + static_cast<std::size_t>(random.below(std::min<std::size_t>(4, segments - 1 - first)));
        f.compact(first, first + count);
        CHECK(f.everything() == before);
      }
      f.write_checkpoint();
    }
  }
}

TEST_CASE("all channels read the same when nothing stands before the first segment") {
  SeededRandom random(9);
  const auto disk = std::make_shared<ObservedDisk>();
  SetClock clock;
  QuietListener listener;
  {
    Sequencer sequencer(opener(disk), kSmallSegments, clock, listener);
    REQUIRE(sequencer.open());
    sequencer.start();
    write_some(sequencer, clock, random, 1000);
    for (int i = 0; i < 6; ++i) commit(sequencer, {trim("a:" + std::to_string(i), maxlen(20))});
    for (int i = 0; i < 3; ++i) commit(sequencer, {drop("rare:" + std::to_string(i))});
  }
  LogByHand f(disk->files());
  const auto before = f.everything();
  const LogPosition needed = *f.needed().begin();
  require(f.log->remove_before(needed));
  REQUIRE(f.log->begin().value > 0);
  CHECK(f.everything() == before);
  f.compact(0, f.log->segments().size() - 1);
  CHECK(f.everything() == before);
}

}  // namespace respublica
