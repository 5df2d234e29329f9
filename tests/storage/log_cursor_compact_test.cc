// What LogCursor finds where segments have been made compact.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "storage/log_cursor.h"
#include "storage/memory_file_system.h"
#include "tests/storage/kept_records.h"
#include "tests/storage/log_access.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica::test {
namespace {

struct Found {
  std::uint64_t time_ms = 0;
  LogPosition begin;
  LogPosition end;
  std::string fields;

  bool operator==(const Found&) const = default;
};
using AllFound = std::vector<Found>;
using Keep = std::function<bool(const Found&)>;

/// A log of ten segments and a bit, with frames of one to six entries; three frames are of one time.
struct ManyRecords {
  explicit ManyRecords(std::uint64_t seed = 1) : log(std::move(open_log(files).log)) {
    SeededRandom random(seed);
    for (std::uint64_t frames = 0; log->segments().size() < 11; ++frames) {
      FrameBuilder frame;
      for (std::uint64_t i = 1 + random.below(6); i-- > 0;) {
        add_entry(frame, numbered(written++, static_cast<std::size_t>(random.below(700))));
      }
      require(log->reserve(frame.size()));
      require(log->append(frame, frames / 3));
    }
    whole = found(cursor());
  }

  LogCursor cursor() { return LogCursor(*log, marks, log->end()); }

  /// The records from where the cursor is to its end.
  static AllFound found(LogCursor cursor) {
    AllFound all;
    while (require(cursor.next())) add_piece(all, cursor);
    return all;
  }
  static void add_piece(AllFound& all, const LogCursor& cursor) {
    std::string_view rest = cursor.records();
    LogPosition at = cursor.records_position();
    while (!rest.empty()) {
      Record record;
      const RecordRead read = read_record(rest, record);
      REQUIRE(read.status == RecordRead::Status::whole);
      all.push_back({cursor.time_ms(), at, at + read.bytes, std::string(record.append.fields)});
      rest.remove_prefix(read.bytes);
      at = at + read.bytes;
    }
  }

  /// Makes the segments from `first` to before `behind` one; `kept` becomes what there is then.
  void compact(std::size_t first, std::size_t behind, const Keep& keep) {
    const auto segments = log->segments();
    const LogPosition begin = segments[first].base;
    const LogPosition end = segments[behind - 1].end;
    const auto at = [this](LogPosition position) {
      return *std::ranges::find(whole, position, [](const Found& each) { return each.begin; });
    };
    keep_records(*log, files, first, behind, [&](const Record&, LogPosition position) { return keep(at(position)); });
    std::erase_if(kept, [&](const Found& each) { return each.begin >= begin && each.begin < end && !keep(each); });
  }

  /// Of these, what a cursor is to find that begins at a place: (time, position) of the byte behind is above it.
  static AllFound from(const AllFound& all, FramePlace place) {
    AllFound rest;
    std::ranges::copy_if(all, std::back_inserter(rest), [&](const Found& each) {
      return FramePlace{each.time_ms, each.end} > place;
    });
    return rest;
  }
  static AllFound from(const AllFound& all, LogPosition position) {
    AllFound rest;
    std::ranges::copy_if(all, std::back_inserter(rest), [&](const Found& each) { return each.end > position; });
    return rest;
  }

  /// Seeks every place near a record that was written; whatever stands in the piece found before the place is no error.
  void check_seeks(std::uint64_t seed) {
    SeededRandom random(seed);
    for (int i = 0; i < 60; ++i) {
      const Found& near = whole[static_cast<std::size_t>(random.below(whole.size()))];
      const LogPosition position{near.begin.value + random.below(3) * (near.end - near.begin) / 2};
      const FramePlace place{near.time_ms + random.below(3) - (near.time_ms > 0 ? 1 : 0), position};
      LogCursor by_place = cursor();
      require(by_place.seek(place));
      if (from(found(by_place), place) != from(kept, place)) FAIL(place.time_ms << ", " << position.value);
      if (require(by_place.next())) CHECK(FramePlace{by_place.time_ms(), by_place.position()} > place);
      LogCursor by_position = cursor();
      require(by_position.seek(position));
      if (from(found(by_position), position) != from(kept, position)) FAIL(position.value);
      if (require(by_position.next())) CHECK(by_position.position() > position);
    }
  }

  /// All records, from the end back to the beginning.
  AllFound found_backwards() {
    AllFound all;
    LogCursor cursor = this->cursor();
    LogPosition upper = log->end();
    while (require(cursor.seek_mark_before(upper))) {
      const LogPosition lower = cursor.position();
      REQUIRE(lower < upper);
      AllFound part;
      std::size_t bytes = 0;
      while (cursor.position() < upper && require(cursor.next()) && cursor.records_position() < upper) {
        add_piece(part, cursor);
        bytes += cursor.records().size();
      }
      REQUIRE(bytes < FrameMarks::kSpacing + 8192);
      all.insert(all.begin(), part.begin(), part.end());
      upper = lower;
    }
    return all;
  }

  void check() {
    CHECK(found(cursor()) == kept);
    CHECK(found_backwards() == kept);
    check_seeks(kept.size());
  }

  MemoryFileSystem files{1ULL << 30};
  std::unique_ptr<MessageLog> log;
  FrameMarks marks;
  std::size_t written = 0;
  /// What was written, and what there is.
  AllFound whole;
  AllFound kept;
};

/// Keeps `percent` of the records, always the same of them.
Keep some(std::uint64_t percent, std::uint64_t seed = 0) {
  return [percent, seed](const Found& each) { return SeededRandom(each.begin.value + seed).percent(percent); };
}

TEST_CASE("a cursor finds what compact segments keep, with the times of their frames, from anywhere") {
  for (const std::uint64_t percent : {0U, 3U, 40U, 97U, 100U}) {
    CAPTURE(percent);
    ManyRecords f(percent);
    f.kept = f.whole;
    f.compact(3, 4, some(percent));
    f.check();
    f.compact(4, 9, some(percent));
    f.check();
    f.compact(0, 3, some(percent));
    f.check();
  }
}

TEST_CASE("a cursor finds its way through compact segments that are made of compact ones") {
  ManyRecords f;
  f.kept = f.whole;
  f.compact(0, 2, some(60));
  f.compact(1, 4, some(50));
  f.compact(0, 3, some(70, 1));
  f.check();
  f.compact(0, 3, some(1));
  f.check();
}

TEST_CASE("frames of which nothing is kept are passed over, however many") {
  ManyRecords f;
  f.kept = f.whole;
  f.check();
  const LogPosition first = f.whole[f.whole.size() / 3].begin;
  const LogPosition last = f.whole[f.whole.size() / 3 * 2].begin;
  const Keep ends = [&](const Found& each) { return each.begin < first || each.begin > last; };
  for (std::size_t i = 10; i-- > 0;) f.compact(i, i + 1, ends);
  f.check();
  f.compact(2, 8, ends);
  f.check();
  f.compact(0, 5, [](const Found&) { return false; });
  f.check();
}

TEST_CASE("a cursor goes on where it was, in the segments that it began with") {
  ManyRecords f;
  LogCursor before = f.cursor();
  require(before.seek(f.whole[40].begin));
  REQUIRE(require(before.next()));
  f.kept = f.whole;
  f.compact(0, 9, [](const Found&) { return false; });
  const AllFound rest = ManyRecords::from(f.whole, before.position());
  CHECK(ManyRecords::found(before) == rest);
  // A new one finds what is behind that place now.
  LogCursor after = f.cursor();
  require(after.seek(before.position()));
  CHECK(ManyRecords::found(after) == f.kept);
}

TEST_CASE("where the front has been removed, a cursor begins at what is there") {
  ManyRecords f;
  f.kept = f.whole;
  f.compact(2, 6, some(30));
  const LogPosition begin = f.log->segments()[2].base;
  require(f.log->remove_before(begin));
  std::erase_if(f.kept, [begin](const Found& each) { return each.begin < begin; });
  f.check();
  LogCursor cursor = f.cursor();
  CHECK(cursor.position() == begin);
  require(cursor.seek({0, LogPosition{0}}));
  CHECK(ManyRecords::found(cursor) == f.kept);
}

TEST_CASE("a cursor ends where it was told to, also within what has become a compact segment since") {
  ManyRecords f;
  const LogPosition middle = f.log->segments()[4].base;
  const auto cut = std::ranges::find_if(f.whole, [&](const Found& each) {
    return each.time_ms > 0 && each.begin > middle && each.time_ms != (&each - 1)->time_ms;
  });
  const LogPosition end{cut->begin.value - kFrameHeaderBytes};
  f.kept = f.whole;
  f.compact(3, 7, some(100));
  CHECK(ManyRecords::found(LogCursor(*f.log, f.marks, end)) == AllFound(f.whole.begin(), cut));
}

}  // namespace
}  // namespace respublica::test
