#include "tools/log/compact_walk.h"

#include "storage/compact_segment.h"
#include "tests/log/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using Notes = std::vector<std::string>;
using logtool::Damage;

/// A log of four frames, each in a segment of its own with two entries, the first two of which become compact.
struct CompactLog : SampleLog {
  CompactLog() {
    for (std::uint64_t i = 1; i <= 4; ++i) {
      const std::string fields = one_field(std::string(30'000, static_cast<char>('a' + i)));
      frames.push_back(add(AppendRecord{{0}, {i, 1}, 0, fields}, AppendRecord{{0}, {i, 2}, 0, fields}));
    }
    record_bytes = AppendRecord{{0}, {1, 1}, 0, one_field(std::string(30'000, 'a'))}.bytes();
    write_checkpoint(files, log->end());
  }

  /// Keeps these stretches; where they begin, how long they are.
  void compact(const std::vector<std::pair<LogPosition, std::uint64_t>>& stretches) {
    auto writer = require(CompactSegmentWriter::create(files, *log->view(), {}, frames[2]));
    for (const auto& [position, count] : stretches) {
      std::string bytes(static_cast<std::size_t>(count), '\0');
      require(log->read(position, bytes));
      require(writer->add(position, bytes));
    }
    require(log->replace(require(writer->finish())));
  }
  LogPosition record(std::size_t frame, std::uint64_t number) const {
    return frames[frame] + (kFrameHeaderBytes + number * record_bytes);
  }
  /// Of what stands before the plain segments.
  Notes compact_notes() {
    notes = walk(files);
    const auto plain = std::ranges::find(notes.notes, "segment " + std::to_string(frames[2].value));
    return {notes.notes.begin() + 1, plain};
  }
  static std::string at(LogPosition position) { return std::to_string(position.value); }

  std::vector<LogPosition> frames;
  std::uint64_t record_bytes = 0;
  WalkNotes notes;
};

}  // namespace

TEST_CASE("a compact segment shows records and the headers of their frames") {
  CompactLog log;
  log.compact({{log.frames[0], kFrameHeaderBytes},
               {log.record(0, 1), log.record_bytes},
               {log.frames[1], kFrameHeaderBytes + 2 * log.record_bytes}});
  CHECK(log.compact_notes() == Notes{"kept 0", "record " + log.at(log.record(0, 1)) + " append 1-2",
                                     "kept " + log.at(log.frames[1]),
                                     "record " + log.at(log.record(1, 0)) + " append 2-1",
                                     "record " + log.at(log.record(1, 1)) + " append 2-2"});
  CHECK(log.notes.damages.empty());
}

TEST_CASE("records without the header of their frame are shown, and said once") {
  CompactLog log;
  log.compact({{log.record(0, 1), log.record_bytes}, {log.record(1, 0), log.record_bytes}});
  CHECK(log.compact_notes().size() == 3);
  REQUIRE(log.notes.damages.size() == 1);
  CHECK(log.notes.damages[0].kind == Damage::Kind::flaw);
  CHECK(log.notes.damages[0].offset == kSegmentHeaderBytes);
}

TEST_CASE("what is neither a record nor a header is damage, up to the next stretch") {
  CompactLog log;
  log.compact(
      {{log.frames[0], 20}, {log.record(0, 1) + 10, 100}, {log.frames[1], kFrameHeaderBytes + log.record_bytes}});
  const Notes notes = log.compact_notes();
  CHECK(notes == Notes{"loss 0-20", "loss " + log.at(log.record(0, 1) + 10) + "-" + log.at(log.record(0, 1) + 110),
                       "kept " + log.at(log.frames[1]), "record " + log.at(log.record(1, 0)) + " append 2-1"});
}

TEST_CASE("a damaged record of a frame that is kept whole does not take the others with it") {
  CompactLog log;
  log.compact({{log.frames[0], kFrameHeaderBytes + 2 * log.record_bytes}});
  require(
      require(log.files.open(compact_segment_name({})))->write_at(kSegmentHeaderBytes + kFrameHeaderBytes + 100, "!"));
  const Notes notes = log.compact_notes();
  REQUIRE(notes.size() == 3);
  CHECK(notes[0] == "kept 0");
  CHECK(notes[1].starts_with("loss "));
  CHECK(notes[2] == "record " + log.at(log.record(0, 1)) + " append 1-2");
  REQUIRE(log.notes.damages[0].entries.size() == 1);
  CHECK(log.notes.damages[0].entries[0].id == EntryKey{1, 1});
}

TEST_CASE("a segment is missing behind a compact one, and the walk says so") {
  CompactLog log;
  log.compact({{log.frames[0], kFrameHeaderBytes + 2 * log.record_bytes}});
  require(log.files.remove(segment_name(log.frames[2])));
  log.notes = walk(log.files);
  REQUIRE(log.notes.damages.size() == 1);
  CHECK(log.notes.damages[0].begin == log.frames[2]);
  CHECK(log.notes.damages[0].end == log.frames[3]);
}

}  // namespace respublica::test
