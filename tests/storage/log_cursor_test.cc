#include "storage/log_cursor.h"

#include <vector>

#include "storage/memory_file_system.h"
#include "tests/storage/log_access.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

/// A log of many segments: frame i is of time i / 3 and of a size of its own.
struct ManyFrames {
  static constexpr std::uint64_t kFrames = 600;

  ManyFrames() : log(std::move(open_log(files).log)) {
    for (std::uint64_t i = 0; i < kFrames; ++i) {
      begins.push_back(log->end());
      append(*log, numbered(static_cast<std::size_t>(i), 100 + static_cast<std::size_t>(i * 37 % 2500)), i / 3);
    }
  }

  LogCursor cursor() { return LogCursor(*log, marks, log->end()); }

  /// The number of the frame that the cursor finds next; kFrames at the end.
  std::uint64_t next(LogCursor& cursor) {
    if (!require(cursor.next())) return kFrames;
    const auto found = std::ranges::find(begins, LogPosition{cursor.records_position().value - kFrameHeaderBytes});
    REQUIRE(found != begins.end());
    const auto number = static_cast<std::uint64_t>(found - begins.begin());
    Record record;
    REQUIRE(read_record(cursor.records(), record).status == RecordRead::Status::whole);
    REQUIRE(record.append.fields.starts_with(std::to_string(number)));
    REQUIRE(cursor.time_ms() == number / 3);
    return number;
  }

  MemoryFileSystem files{1ULL << 30};
  std::unique_ptr<MessageLog> log;
  FrameMarks marks;
  std::vector<LogPosition> begins;
};

}  // namespace

TEST_CASE("a cursor finds all frames of all segments, up to its end") {
  ManyFrames f;
  LogCursor cursor = f.cursor();
  for (std::uint64_t i = 0; i <= ManyFrames::kFrames; ++i) REQUIRE(f.next(cursor) == i);
  LogCursor half(*f.log, f.marks, f.begins[300]);
  for (std::uint64_t i = 0; i < 300; ++i) REQUIRE(f.next(half) == i);
  CHECK_FALSE(require(half.next()));
}

TEST_CASE("a cursor finds the frame that a position is in, whatever is remembered") {
  ManyFrames f;
  for (const std::uint64_t i : {599U, 0U, 300U, 301U, 17U, 598U, 0U}) {
    LogCursor cursor = f.cursor();
    require(cursor.seek(f.begins[i]));
    REQUIRE(f.next(cursor) == i);
    require(cursor.seek(f.begins[i] + 60));
    REQUIRE(f.next(cursor) == i);
  }
  LogCursor cursor = f.cursor();
  require(cursor.seek(f.log->end() + 1000));
  CHECK_FALSE(require(cursor.next()));
}

TEST_CASE("a cursor finds the first frame of a time, and of a time and a position") {
  ManyFrames f;
  for (const std::uint64_t time : {199U, 0U, 100U, 1U, 150U}) {
    LogCursor cursor = f.cursor();
    require(cursor.seek({time, LogPosition{0}}));
    REQUIRE(f.next(cursor) == 3 * time);
    require(cursor.seek({time, f.begins[3 * time + 1]}));
    REQUIRE(f.next(cursor) == 3 * time + 1);
    // A position of an earlier time is before all of this one, a later one behind.
    require(cursor.seek({time, f.log->end()}));
    REQUIRE(f.next(cursor) == 3 * time + 3);
  }
  LogCursor cursor = f.cursor();
  require(cursor.seek({200, LogPosition{0}}));
  CHECK_FALSE(require(cursor.next()));
}

TEST_CASE("a cursor goes back from mark to mark to the beginning") {
  ManyFrames f;
  LogCursor cursor = f.cursor();
  LogPosition upper = f.log->end();
  while (require(cursor.seek_mark_before(upper))) {
    REQUIRE(cursor.position() < upper);
    REQUIRE(upper - cursor.position() < FrameMarks::kSpacing + 4096);
    const LogPosition lower = cursor.position();
    while (cursor.position() < upper) REQUIRE(require(cursor.next()));
    REQUIRE(cursor.position() == upper);
    upper = lower;
  }
  CHECK(upper == LogPosition{0});
}

TEST_CASE("damage is an error of the cursor that comes to it") {
  ManyFrames f;
  const auto view = f.log->view();
  const auto& segment = *view->front();
  require(segment.file->write_at(segment.offset_of(f.begins[5]) + 8, "damage"));
  LogCursor cursor = f.cursor();
  for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(f.next(cursor) == i);
  CHECK(cursor.next().error().message.find("there is no frame") != std::string::npos);
}

TEST_CASE("a cursor of an empty log is at its end") {
  MemoryFileSystem files(1 << 20);
  const auto log = open_log(files).log;
  FrameMarks marks;
  LogCursor cursor(*log, marks, log->end());
  require(cursor.seek({0, LogPosition{0}}));
  CHECK_FALSE(require(cursor.next()));
  CHECK_FALSE(require(cursor.seek_mark_before(LogPosition{100})));
}

}  // namespace respublica
