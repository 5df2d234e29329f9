#include "storage/message_log.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "storage/memory_file_system.h"
#include "storage/posix_file_system.h"
#include "tests/storage/log_access.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

using Names = std::vector<std::string>;
using Entries = std::vector<std::string>;
constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;
const std::string kFirst = "00000000000000000000.log";

/// The fields of the entry at `position`.
std::string entry_at(const MessageLog& log, LogPosition position) {
  std::string bytes(4096, '?');
  bytes.resize(require(log.read(position, bytes)));
  Record record;
  REQUIRE(read_record(bytes, record).status == RecordRead::Status::whole);
  return std::string(record.append.fields);
}

/// Entries that fill two segments and begin a third; returns them.
Entries fill_segments(MessageLog& log) {
  Entries all;
  for (std::size_t i = 0; i < 5; ++i) all.push_back(numbered(i, 30'000));
  for (const std::string& each : all) commit(log, each);
  return all;
}

TEST_CASE("an empty directory is an empty log, and stays empty until space is reserved") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  CHECK(opened.log->end() == LogPosition{});
  CHECK(opened.recovery.segments == 0);
  CHECK(require(files.list()).empty());
  char byte = 0;
  CHECK(opened.log->read({}, {&byte, 1}).error().kind == ErrorKind::not_found);
  require(opened.log->reserve(kFrameHeaderBytes));
  CHECK(require(files.list()) == Names{kFirst});
  CHECK(open_log(files).recovery.segments == 1);
}

TEST_CASE("what was appended is read at its position, and found when the log is opened again") {
  MemoryFileSystem files(kMemory);
  {
    const OpenedLog opened = open_log(files);
    FrameBuilder frame;
    frame.add(ChannelRecord{{1}, "orders"});
    add_entry(frame, "a");
    const std::uint64_t b = frame.add(AppendRecord{{1}, {5, 6}, 0, "b"});
    require(opened.log->reserve(frame.size()));
    const LogPosition begin = opened.log->end();
    require(opened.log->append(frame, 7));
    CHECK(entry_at(*opened.log, begin + b) == "b");
    CHECK(opened.log->durable() == begin);
    require(opened.log->sync());
    CHECK(opened.log->durable() == opened.log->end());
    commit(*opened.log, "c", 9);
  }
  const OpenedLog opened = open_log(files);
  CHECK(opened.entries == Entries{"a", "b", "c"});
  CHECK(entry_at(*opened.log, opened.positions[1]) == "b");
  CHECK(opened.recovery.frames == 2);
  CHECK(opened.recovery.records == 4);
  CHECK(opened.recovery.cut_bytes == 0);
  CHECK(opened.recovery.last_time_ms == 9);
  CHECK(opened.log->durable() == opened.log->end());
}

TEST_CASE("a frame that does not fit goes to the next segment, and the one before ends with its frames") {
  MemoryFileSystem files(kMemory);
  Entries all;
  {
    const OpenedLog opened = open_log(files);
    all = fill_segments(*opened.log);
  }
  const Names names = require(files.list());
  REQUIRE(names.size() == 3);
  CHECK(names[0] == kFirst);
  CHECK(require(require(files.open(names[2]))->size()) == kSmallSegments.segment_bytes);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::uint64_t frames = *parse_segment_name(names[i + 1]) - *parse_segment_name(names[i]);
    CHECK(require(require(files.open(names[i]))->size()) == kSegmentHeaderBytes + frames);
  }
  const OpenedLog opened = open_log(files);
  CHECK(opened.entries == all);
  CHECK(opened.recovery.segments == 3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string bytes(all[i].size() + 100, '?');
    bytes.resize(require(opened.log->read(opened.positions[i], bytes)));
    Record record;
    REQUIRE(read_record(bytes, record).status == RecordRead::Status::whole);
    CHECK(record.append.fields == all[i]);
  }
}

TEST_CASE("a frame that is larger than a segment gets one of its own") {
  MemoryFileSystem files(kMemory);
  const Entries all{"a", std::string(200'000, 'b'), "c", std::string(300'000, 'd')};
  {
    const OpenedLog opened = open_log(files);
    for (const std::string& each : all) commit(*opened.log, each);
    CHECK(require(files.list()).size() == 4);
  }
  CHECK(open_log(files).entries == all);
}

TEST_CASE("a frame that is larger than what was reserved loses nothing of what follows it, nor of itself") {
  MemoryFileSystem files(kMemory);
  const LogOptions options{std::uint64_t{4} << 20};
  const Entries all{"a", std::string(2'500'000, 'b'), "c", std::string(3'000'000, 'd')};
  {
    const OpenedLog opened = open_log(files, {}, options);
    for (const std::string& each : all) {
      FrameBuilder frame;
      add_entry(frame, each);
      // The last one is beyond the end of its file, too.
      require(opened.log->reserve(kFrameHeaderBytes));
      require(opened.log->append(frame, 1));
      require(opened.log->mark_durable(1));
    }
  }
  CHECK(open_log(files, {}, options).entries == all);
}

TEST_CASE("while the disk syncs others append, and only what was there before is durable then") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  MessageLog& log = *opened.log;
  CHECK_FALSE(log.has_room(kFrameHeaderBytes));
  append(log, "a");
  const LogPosition before = log.end();
  const MessageLog::Sync begun = log.begin_sync();
  CHECK(log.has_room(kFrameHeaderBytes));
  CHECK_FALSE(log.has_room(kSmallSegments.segment_bytes));
  append(log, "b");
  require(log.end_sync(begun, begun.sync()));
  CHECK(log.durable() == before);
  require(log.sync());
  CHECK(log.durable() == log.end());
  // What is known stays known.
  require(log.end_sync(begun, {}));
  CHECK(log.durable() == log.end());
  CHECK_FALSE(log.end_sync(begun, Error{"gone"}));
  CHECK_FALSE(log.sync());
}

TEST_CASE("reading stops at the end of the segment") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  fill_segments(*opened.log);
  const LogPosition second = *parse_segment_name(require(files.list())[1]);
  std::string bytes(100'000, '?');
  CHECK(require(opened.log->read({second.value - 10}, bytes)) == 10);
  CHECK(require(opened.log->read({}, bytes)) == second.value);
}

TEST_CASE("only records at and behind the given place are visited, and segments before it are not read") {
  MemoryFileSystem files(kMemory);
  LogPosition second;
  LogPosition end;
  {
    const OpenedLog opened = open_log(files);
    commit(*opened.log, "a");
    second = opened.log->end();
    commit(*opened.log, "b");
    CHECK(open_log(files, second).entries == Entries{"b"});
    CHECK(open_log(files, opened.log->end()).entries.empty());
    fill_segments(*opened.log);
    end = opened.log->end();
  }
  const Names names = require(files.list());
  const LogPosition last = *parse_segment_name(names.back());
  require(require(files.open(kFirst))->write_at(kSegmentHeaderBytes + 60, "damage"));
  const OpenedLog opened = open_log(files, last);
  CHECK(opened.entries.size() == 1);
  CHECK(opened.recovery.segments == names.size());
  CHECK(opened.recovery.frames == 1);
  CHECK(open_log(files, end).entries.empty());
  CHECK_FALSE(try_open(files, second).ok());
}

TEST_CASE("the place to read from must be the beginning of a frame, or the end") {
  MemoryFileSystem files(kMemory);
  CHECK(why_not(files, {8}).find("has no frame at position 8") != std::string::npos);
  const OpenedLog opened = open_log(files);
  commit(*opened.log, "a");
  CHECK(why_not(files, {8}).find("has no frame at position 8") != std::string::npos);
  CHECK(why_not(files, opened.log->end() + 8).find("has no frame") != std::string::npos);
  CHECK(why_not(files, opened.log->end()).empty());
}

TEST_CASE("frames are chained over the border of segments, also when the last segment has none yet") {
  MemoryFileSystem files(kMemory);
  LogPosition border;
  {
    const OpenedLog opened = open_log(files);
    append(*opened.log, std::string(40'000, 'a'));
    require(opened.log->reserve(50'000));
    border = opened.log->end();
  }
  REQUIRE(require(files.list()).size() == 2);
  commit(*open_log(files, border).log, "b");
  CHECK(open_log(files).entries == Entries{std::string(40'000, 'a'), "b"});
}

TEST_CASE("old segments may be gone, and then the log is read from a later place only") {
  MemoryFileSystem files(kMemory);
  LogPosition second;
  {
    const OpenedLog opened = open_log(files);
    fill_segments(*opened.log);
    second = *parse_segment_name(require(files.list())[1]);
  }
  require(files.remove(kFirst));
  CHECK(why_not(files).find("begins at position " + std::to_string(second.value)) != std::string::npos);
  const OpenedLog opened = open_log(files, second);
  CHECK(opened.entries.size() == 3);
  char byte = 0;
  CHECK(opened.log->read({}, {&byte, 1}).error().kind == ErrorKind::not_found);
}

TEST_CASE("a visitor's error is the log's, and nothing is changed") {
  MemoryFileSystem files(kMemory);
  commit(*open_log(files).log, "a");
  require(require(files.open(kFirst))->write_at(kSegmentHeaderBytes + 200, "torn"));
  const std::string before = read_all(files, kFirst);
  LogRecovery recovery;
  const auto refuse = [](const Record&, LogPosition, std::uint64_t) -> Result<void> {
    return Error{"no such channel"};
  };
  const auto opened = MessageLog::open(files, kSmallSegments, {}, refuse, recovery);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message == "no such channel");
  CHECK(read_all(files, kFirst) == before);
}

TEST_CASE("segments that were never finished are removed") {
  MemoryFileSystem files(kMemory);
  commit(*open_log(files).log, "a");
  make_file(files, "00000000000000004096.log.new", "half a header");
  make_file(files, "notes.new", "of somebody else");
  const OpenedLog opened = open_log(files);
  CHECK(require(files.list()) == Names{kFirst, "notes.new"});
}

TEST_CASE("when there is no space nothing changes, and it works when there is some") {
  SimulatedDisk disk;
  disk.set_capacity(100 * 1024);
  const OpenedLog opened = open_log(disk);
  commit(*opened.log, std::string(40'000, 'a'));
  const auto refused = try_append(*opened.log, std::string(40'000, 'b'));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::no_space);
  CHECK(require(disk.list()) == Names{kFirst});
  commit(*opened.log, "small");
  disk.set_capacity(200 * 1024);
  commit(*opened.log, std::string(40'000, 'b'));
  disk.crash(1);
  CHECK(open_log(disk).entries == Entries{std::string(40'000, 'a'), "small", std::string(40'000, 'b')});
}

TEST_CASE("a full memory is full when space is reserved") {
  MemoryFileSystem files(3 * MemoryFileSystem::kChunk);
  const OpenedLog opened = open_log(files);
  Result<void> result;
  while (result) result = try_append(*opened.log, std::string(20'000, 'a'));
  CHECK(result.error().kind == ErrorKind::no_space);
  CHECK(opened.log->sync().ok());
  CHECK(opened.log->durable() == opened.log->end());
}

TEST_CASE("a large frame that does not fit in memory is refused when space is reserved, and smaller ones are taken") {
  MemoryFileSystem files(8 * MemoryFileSystem::kChunk);
  const OpenedLog opened = open_log(files, {}, {std::uint64_t{1} << 20});
  commit(*opened.log, "a");
  const auto refused = try_append(*opened.log, std::string(9 * MemoryFileSystem::kChunk, 'b'));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::no_space);
  commit(*opened.log, "c");
  CHECK(entry_at(*opened.log, LogPosition{} + kFrameHeaderBytes) == "a");
}

TEST_CASE("zeros are written behind a frame that is longer than they reach, not where it goes itself") {
  SimulatedDisk disk;
  const OpenedLog opened = open_log(disk, {}, {std::uint64_t{4} << 20});
  commit(*opened.log, "a");
  const std::uint64_t before = disk.operations(DiskOperation::write);
  commit(*opened.log, std::string(1'000'000, 'b'));
  CHECK(disk.operations(DiskOperation::write) - before == 2);
  commit(*opened.log, "c");
  CHECK(disk.operations(DiskOperation::write) - before == 3);
}

TEST_CASE("after a failed append or sync nothing more is taken, and it is not called a lack of space") {
  for (const DiskOperation operation : {DiskOperation::write, DiskOperation::sync}) {
    SimulatedDisk disk;
    const OpenedLog opened = open_log(disk);
    commit(*opened.log, "a");
    FrameBuilder frame;
    add_entry(frame, "b");
    require(opened.log->reserve(frame.size()));
    disk.fail(operation, 1, DiskFault::no_space);
    auto result = opened.log->append(frame, 1);
    if (result) result = opened.log->sync();
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == ErrorKind::other);
    CHECK(opened.log->reserve(100).error().message == result.error().message);
    CHECK_FALSE(opened.log->append(frame, 1).ok());
    CHECK_FALSE(opened.log->sync().ok());
    CHECK_FALSE(opened.log->mark_durable(1).ok());
    CHECK(entry_at(*opened.log, LogPosition{} + kFrameHeaderBytes) == "a");
  }
}

TEST_CASE("a segment is there with its space before a frame goes into it, whichever operation the power fails in") {
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < 60);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SimulatedDisk disk;
      std::size_t promised = 0;
      {
        const OpenedLog opened = open_log(disk);
        disk.crash_at(n);
        for (; promised < 4; ++promised) {
          const std::string fields = numbered(promised, 40'000);
          if (!try_append(*opened.log, fields) || !opened.log->sync()) break;
        }
      }
      if (!disk.has_lost_power()) return;
      disk.crash(seed, SectorWrites::torn);
      const OpenedLog opened = open_log(disk);
      CHECK(opened.entries.size() >= promised);
      CHECK(opened.entries.size() <= promised + 1);
    }
  }
}

TEST_CASE("a second log in the same directory is refused") {
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  const auto others = require(PosixFileSystem::at(directory.path()));
  const OpenedLog opened = open_log(*files);
  CHECK(why_not(*others).find("is in use by") != std::string::npos);
}

TEST_CASE("one log, on a real disk") {
  const TemporaryDirectory directory;
  Entries all;
  {
    const auto files = require(PosixFileSystem::at(directory.path()));
    const OpenedLog opened = open_log(*files);
    all = fill_segments(*opened.log);
    require(opened.log->mark_durable(1));
  }
  const auto files = require(PosixFileSystem::at(directory.path()));
  CHECK(open_log(*files).entries == all);
}

TEST_CASE("others read while one appends") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  const MessageLog& log = *opened.log;
  constexpr std::size_t kFrames = 500;
  std::vector<std::atomic<std::uint64_t>> positions(kFrames);
  std::atomic<std::size_t> appended = 0;
  std::atomic<std::size_t> wrong = 0;
  std::thread reader([&] {
    for (std::size_t i = 0; i < kFrames; ++i) {
      while (appended.load() <= i) std::this_thread::yield();
      std::string bytes(2000, '?');
      const auto count = log.read({positions[i].load()}, bytes);
      Record record;
      const bool is_whole = count && read_record(std::string_view(bytes).substr(0, count.value()), record).status ==
                                         RecordRead::Status::whole;
      if (!is_whole || record.append.fields != numbered(i, 1000)) ++wrong;
    }
  });
  for (std::size_t i = 0; i < kFrames; ++i) {
    positions[i] = log.end().value + kFrameHeaderBytes;
    append(*opened.log, numbered(i, 1000));
    ++appended;
  }
  reader.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace respublica::test
