// What MessageLog promises about segments that go.

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "storage/memory_file_system.h"
#include "storage/posix_file_system.h"
#include "tests/storage/sample_log.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

using Names = std::vector<std::string>;
using Numbers = std::vector<std::size_t>;
using Kind = MessageLog::SegmentInfo::Kind;
constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;

TEST_CASE("the segments of a log are listed with their places and sizes") {
  MemoryFileSystem files(kMemory);
  CHECK(open_log(files).log->segments().empty());
  CHECK(open_log(files).log->begin() == LogPosition{});
  SampleLog sample(files);
  require(sample.log.replace(sample.compact(files, 1, 2, {2})));
  const auto segments = sample.log.segments();
  REQUIRE(segments.size() == 4);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    CHECK(segments[i].base == (i == 0 ? LogPosition{} : segments[i - 1].end));
    CHECK(segments[i].created_ms > 1'700'000'000'000);
    CHECK(segments[i].kind == (i == 1 ? Kind::compact : Kind::plain));
    if (i != 1) CHECK(segments[i].file_bytes == kSegmentHeaderBytes + (segments[i].end - segments[i].base));
    if (i < 3) CHECK(segments[i].file_bytes == require(require(files.open(require(files.list())[i]))->size()));
  }
  CHECK(segments[3].end == sample.log.end());
}

TEST_CASE("a compact segment takes the place of others, for good, and their files go") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const LogPosition last = sample.base(3);
  require(sample.log.replace(sample.compact(files, 0, 2, {1, 2})));
  CHECK(readable(sample.log, sample.positions) == Numbers{1, 2, 4, 5, 6});
  CHECK(require(files.list()) == Names{compact_segment_name({}), segment_name(sample.base(1)), segment_name(last)});
  commit(sample.log, "more");
  const OpenedLog again = open_log(files, last);
  CHECK(again.entries == std::vector<std::string>{SampleLog::entry(6), "more"});
  CHECK(again.recovery.segments == 3);
  CHECK(readable(*again.log, sample.positions) == Numbers{1, 2, 4, 5, 6});
  CHECK(again.log->begin() == LogPosition{});
}

TEST_CASE("compact segments are replaced as others are, also by one of the same name") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const LogPosition last = sample.base(3);
  require(sample.log.replace(sample.compact(files, 0, 1, {0, 1})));
  require(sample.log.replace(sample.compact(files, 1, 2, {2, 3})));
  require(sample.log.replace(sample.compact(files, 0, 1, {0})));
  CHECK(readable(sample.log, sample.positions) == Numbers{0, 2, 3, 4, 5, 6});
  require(sample.log.replace(sample.compact(files, 0, 3, {0, 3, 5})));
  CHECK(readable(sample.log, sample.positions) == Numbers{0, 3, 5, 6});
  require(sample.log.replace(sample.compact(files, 0, 1, {})));
  CHECK(require(files.list()) == Names{compact_segment_name({}), segment_name(last)});
  CHECK(readable(*open_log(files, last).log, sample.positions) == Numbers{6});
}

TEST_CASE("a compact segment whose place has gone changes nothing") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  CompactSegment late = sample.compact(files, 0, 2, {0});
  require(sample.log.remove_before(sample.base(1)));
  const Error error = sample.log.replace(std::move(late)).error();
  CHECK(error.kind == ErrorKind::not_found);
  commit(sample.log, "more");
  CHECK(require(files.list()).size() == 3);
}

TEST_CASE("segments at the front go when they end at or before a place") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const LogPosition second = sample.base(1);
  require(sample.log.remove_before({second.value - 1}));
  CHECK(sample.log.begin() == LogPosition{});
  require(sample.log.remove_before(second));
  CHECK(sample.log.begin() == second);
  CHECK(readable(sample.log, sample.positions) == Numbers{2, 3, 4, 5, 6});
  std::string byte(1, '?');
  CHECK(sample.log.read({}, byte).error().kind == ErrorKind::not_found);
  require(sample.log.replace(sample.compact(files, 0, 1, {2})));
  require(sample.log.remove_before(sample.log.end() + 1'000'000));
  CHECK(readable(sample.log, sample.positions) == Numbers{6});
  CHECK(require(files.list()).size() == 1);
  const LogPosition begin = sample.log.begin();
  commit(sample.log, "more");
  CHECK(open_log(files, begin).entries.size() == 2);
  CHECK(why_not(files).find("the log begins at position") != std::string::npos);
}

TEST_CASE("the last segment with frames stays while none follows it") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  commit(*opened.log, std::string(40'000, 'a'));
  const LogPosition border = opened.log->end();
  require(opened.log->reserve(50'000));
  require(opened.log->remove_before(border));
  CHECK(opened.log->begin() == LogPosition{});
  commit(*opened.log, "b");
  require(opened.log->remove_before(border));
  CHECK(opened.log->begin() == border);
}

TEST_CASE("a reader with a view finds what was there, whatever goes") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  auto view = sample.log.view();
  require(sample.log.replace(sample.compact(files, 0, 2, {0})));
  require(sample.log.remove_before(sample.base(1)));
  require(sample.log.replace(sample.compact(files, 0, 1, {})));
  // The last segment of the view is left, and goes, too.
  for (std::size_t i = 7; i < 10; ++i) {
    sample.positions.push_back(sample.log.end() + kFrameHeaderBytes);
    commit(sample.log, SampleLog::entry(i));
  }
  require(sample.log.remove_before(sample.base(2)));
  CHECK(readable(sample.log, sample.positions) == Numbers{8, 9});
  CHECK(readable(sample.log, *view, sample.positions) == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  const std::uint64_t before = files.memory();
  view.reset();
  CHECK(files.memory() < before);
}

TEST_CASE("a view of an empty log shows what comes") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  const auto view = opened.log->view();
  commit(*opened.log, SampleLog::entry(0));
  CHECK(readable(*opened.log, *view, {LogPosition{} + kFrameHeaderBytes}) == Numbers{0});
}

TEST_CASE("what a compact segment covers cannot be read from when the log is opened") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const LogPosition second = sample.base(1);
  const LogPosition third = sample.base(2);
  require(sample.log.replace(sample.compact(files, 1, 2, {2})));
  for (const LogPosition from : {LogPosition{}, second}) {
    CHECK(why_not(files, from) == "the log is to be read from position " + std::to_string(from.value) +
                                      ", and has only a part of what was there up to position " +
                                      std::to_string(third.value) + " (" + compact_segment_name(second) + ")");
  }
  CHECK(open_log(files, third).entries.size() == 3);
}

TEST_CASE("frames are chained over a compact segment") {
  MemoryFileSystem files(kMemory);
  LogPosition last;
  {
    SampleLog sample(files);
    require(sample.log.reserve(60'000));
    last = sample.base(4);
    REQUIRE(last == sample.log.end());
    require(sample.log.replace(sample.compact(files, 2, 4, {})));
  }
  commit(*open_log(files, last).log, "a");
  CHECK(open_log(files, last).entries == std::vector<std::string>{"a"});
  const auto file = require(files.open(segment_name(last)));
  const auto segment = require(decode_segment_header(read(*file, 0, kSegmentHeaderBytes)));
  auto header = decode_frame_header(read(*file, kSegmentHeaderBytes, kFrameHeaderBytes), segment.salt);
  REQUIRE(header);
  header->previous_crc ^= 1;
  std::string bytes(kFrameHeaderBytes, '\0');
  encode_frame_header(*header, segment.salt, bytes.data());
  require(file->write_at(kSegmentHeaderBytes, bytes));
  CHECK(open_log(files, last).recovery.cut_bytes > 0);
}

TEST_CASE("whichever operation the power fails in, what was kept is there") {
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < 60);
    bool is_through = false;
    for (std::uint64_t seed = 0; seed < 20 && !is_through; ++seed) {
      SimulatedDisk disk;
      SampleLog sample(disk);
      const LogPosition last = sample.base(3);
      disk.crash_at(n);
      auto compact = sample.try_compact(disk, 0, 2, {1, 2});
      if (compact) static_cast<void>(sample.log.replace(std::move(compact.value())));
      auto wider = sample.try_compact(disk, 0, 2, {2, 4});
      if (wider) static_cast<void>(sample.log.replace(std::move(wider.value())));
      static_cast<void>(sample.log.remove_before(last));
      is_through = !disk.has_lost_power();
      const std::vector<LogPosition> positions = sample.positions;
      sample.opened.log.reset();
      disk.crash(seed, SectorWrites::torn);
      const OpenedLog again = open_log(disk, last);
      Numbers found = readable(*again.log, positions);
      if (again.log->begin() == LogPosition{}) CHECK(std::ranges::count(found, 2U) == 1);
      CHECK(std::ranges::count(found, 6U) == 1);
      CHECK((!is_through || found == Numbers{6}));
      commit(*again.log, "more");
    }
    if (is_through) return;
  }
}

TEST_CASE("an error in it is fatal, unless it is a lack of space") {
  for (const DiskFault fault : {DiskFault::no_space, DiskFault::io_error}) {
    for (const DiskOperation operation :
         {DiskOperation::rename, DiskOperation::remove, DiskOperation::sync_directory}) {
      SimulatedDisk disk;
      SampleLog sample(disk);
      CompactSegment compact = sample.compact(disk, 1, 2, {2});
      disk.fail(operation, 1, fault);
      auto result = sample.log.replace(std::move(compact));
      if (operation == DiskOperation::remove) {
        CHECK(result.ok() == (fault == DiskFault::no_space));
      } else {
        CHECK_FALSE(result.ok());
      }
      const bool is_fatal = fault == DiskFault::io_error || operation == DiskOperation::sync_directory;
      CHECK(sample.log.reserve(100).ok() == !is_fatal);
      CHECK(sample.log.remove_before(sample.base(1)).ok() == !is_fatal);
      CHECK(sample.log.replace(sample.compact(disk, 1, 2, {})).ok() == !is_fatal);
      if (!result) CHECK((result.error().kind == ErrorKind::other) == is_fatal);
    }
  }
}

TEST_CASE("a file that a full disk keeps goes later, and before the segment that replaced it") {
  SimulatedDisk disk;
  SampleLog sample(disk);
  const LogPosition last = sample.base(3);
  const std::string stale = segment_name(sample.base(1));
  CompactSegment compact = sample.compact(disk, 0, 2, {2});
  disk.fail(DiskOperation::remove, 1, DiskFault::no_space);
  require(sample.log.replace(std::move(compact)));
  CHECK(std::ranges::count(require(disk.list()), stale) == 1);
  CHECK(readable(*open_log(disk, last).log, sample.positions) == Numbers{2, 4, 5, 6});
  // Opened again it would be gone; this log still has it to remove.
  disk.fail(DiskOperation::remove, 2, DiskFault::no_space);
  CHECK(sample.log.remove_before(last).error().kind == ErrorKind::no_space);
  CHECK(std::ranges::count(require(disk.list()), stale) == 0);
  CHECK(sample.log.begin() == LogPosition{});
  require(sample.log.remove_before(last));
  CHECK(require(disk.list()) == Names{segment_name(last)});
}

TEST_CASE("readers on other threads find what was there when they began, while segments go") {
  constexpr std::size_t kFrames = 400;
  MemoryFileSystem files(4 * kMemory);
  const OpenedLog opened = open_log(files);
  MessageLog& log = *opened.log;
  std::vector<std::atomic<std::uint64_t>> positions(kFrames);
  std::atomic<std::size_t> first_live = 0;
  std::atomic<std::size_t> appended = 0;
  std::atomic<std::size_t> wrong = 0;
  const auto read_all = [&] {
    while (appended.load() < kFrames) {
      const auto view = log.view();
      const std::size_t first = first_live.load();
      for (std::size_t i = appended.load(); i-- > first;) {
        std::string bytes(10'000, '?');
        const auto count = log.read(*view, {positions[i].load()}, bytes);
        Record record;
        const std::string_view found = std::string_view(bytes).substr(0, count ? count.value() : 0);
        const bool is_whole = read_record(found, record).status == RecordRead::Status::whole;
        if (!is_whole || record.append.fields != numbered(i, 9'000)) ++wrong;
      }
    }
  };
  std::thread one(read_all);
  std::thread other(read_all);
  for (std::size_t i = 0; i < kFrames; ++i) {
    positions[i] = log.end().value + kFrameHeaderBytes;
    commit(log, numbered(i, 9'000));
    appended = i + 1;
    if (i % 40 != 39) continue;
    first_live = i - 20;
    const LogPosition live{positions[first_live].load()};
    const LogPosition end = log.segments().back().base;
    auto writer = require(CompactSegmentWriter::create(files, *log.view(), log.begin(), end));
    std::string bytes(std::size_t{20} * 10'000, '?');
    for (LogPosition at = live; at < end;) {
      bytes.resize(std::min<std::size_t>(bytes.capacity(), end - at));
      bytes.resize(require(log.read(at, bytes)));
      require(writer->add(at, bytes));
      at = at + bytes.size();
    }
    require(log.replace(require(writer->finish())));
    if (i % 80 == 79) {
      first_live = i;
      require(log.remove_before({positions[i].load()}));
    }
  }
  one.join();
  other.join();
  CHECK(wrong == 0);
}

TEST_CASE("compact segments, on a real disk") {
  const TemporaryDirectory directory;
  std::vector<LogPosition> positions;
  LogPosition last;
  {
    const auto files = require(PosixFileSystem::at(directory.path()));
    SampleLog sample(*files);
    positions = sample.positions;
    last = sample.base(3);
    require(sample.log.replace(sample.compact(*files, 1, 3, {2, 5})));
    require(sample.log.remove_before(sample.base(1)));
    CHECK(readable(sample.log, positions) == Numbers{2, 5, 6});
  }
  const auto files = require(PosixFileSystem::at(directory.path()));
  CHECK(readable(*open_log(*files, last).log, positions) == Numbers{2, 5, 6});
  CHECK(require(files->list()).size() == 2);
}

}  // namespace
}  // namespace respublica::test
