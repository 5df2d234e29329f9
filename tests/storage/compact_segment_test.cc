#include "storage/compact_segment.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/memory_file_system.h"
#include "tests/storage/sample_log.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

using Names = std::vector<std::string>;
constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;

std::string shown(const CompactSegment& compact, LogPosition position, std::size_t count) {
  std::string bytes(count, '?');
  bytes.resize(require(compact.segment()->read(position, bytes)));
  return bytes;
}

TEST_CASE("a compact segment has the bytes that were added, where they stood") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const LogPosition base = sample.base(1);
  const LogPosition end = sample.base(3);
  auto writer = require(CompactSegmentWriter::create(files, *sample.log.view(), base, end));
  require(writer->add(base + 100, "hello "));
  require(writer->add(base + 106, "world"));
  require(writer->add(base + 40'000, "and more"));
  require(writer->add({end.value - 1}, "!"));
  require(writer->add(end, ""));
  const CompactSegment compact = require(writer->finish());
  writer.reset();
  CHECK(compact.base() == base);
  CHECK(compact.end() == end);
  CHECK(compact.file_bytes() == require(require(files.open(compact_segment_name(base) + ".new"))->size()));
  CHECK(compact.file_bytes() < kSegmentHeaderBytes + 50);
  CHECK(shown(compact, base + 98, 15) == std::string(2, '\0') + "hello world" + std::string(2, '\0'));
  CHECK(shown(compact, base + 40'004, 5) == "more" + std::string(1, '\0'));
  CHECK(shown(compact, {end.value - 2}, 100) == std::string(1, '\0') + "!");
}

TEST_CASE("more than is written at once comes in order, and takes no space where nothing is kept") {
  MemoryFileSystem files(kMemory);
  const OpenedLog opened = open_log(files);
  commit(*opened.log, std::string(5'000'000, 'a'));
  commit(*opened.log, "b");
  const LogPosition end = opened.log->segments()[1].base;
  auto writer = require(CompactSegmentWriter::create(files, *opened.log->view(), {}, end));
  std::string kept;
  for (std::size_t i = 0; i < 3'000; ++i) {
    kept += numbered(i, 997);
    require(writer->add(LogPosition{} + 1000 * i, numbered(i, 997)));
  }
  const CompactSegment compact = require(writer->finish());
  CHECK(compact.file_bytes() < kSegmentHeaderBytes + kept.size() + 4 * 3'000);
  for (std::size_t i = 0; i < 3'000; ++i) {
    if (shown(compact, LogPosition{} + 1000 * i, 1000) != numbered(i, 997) + std::string(3, '\0')) FAIL(i);
  }
}

TEST_CASE("only whole segments that have been left can be covered") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const auto refused = [&](LogPosition base, LogPosition end) {
    const auto writer = CompactSegmentWriter::create(files, *sample.log.view(), base, end);
    return !writer && writer.error().kind == ErrorKind::not_found;
  };
  CHECK(refused(sample.base(0) + 8, sample.base(1)));
  CHECK(refused(sample.base(0), {sample.base(1).value - 8}));
  CHECK(refused(sample.base(1), sample.base(1)));
  CHECK(refused(sample.base(1), sample.base(0)));
  CHECK(refused(sample.base(3), sample.log.end()));
  CHECK(refused(sample.base(3), Segment::kOpenEnd));
  CHECK(require(files.list()).size() == 4);
}

TEST_CASE("what is before the bytes that were added last, or outside of the segment, is refused") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const LogPosition base = sample.base(1);
  const LogPosition end = sample.base(2);
  const auto writer = require(CompactSegmentWriter::create(files, *sample.log.view(), base, end));
  CHECK_FALSE(writer->add({base.value - 1}, "a").ok());
  CHECK_FALSE(writer->add(end, "a").ok());
  CHECK_FALSE(writer->add({end.value - 1}, "ab").ok());
  CHECK_FALSE(writer->add(end + 8, "").ok());
  require(writer->add(base + 10, "abc"));
  CHECK_FALSE(writer->add(base + 12, "a").ok());
}

TEST_CASE("a segment whose frames are damaged is not replaced") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const auto file = require(files.open(segment_name(sample.base(1))));
  require(file->write_at(kSegmentHeaderBytes + 20, "damage"));
  const auto writer = CompactSegmentWriter::create(files, *sample.log.view(), sample.base(0), sample.base(2));
  REQUIRE_FALSE(writer.ok());
  CHECK(writer.error().message == segment_name(sample.base(1)) + ", byte 4096: the header of the frame is damaged");
}

TEST_CASE("a file that is not finished, or not used, is removed") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const Names before = require(files.list());
  make_file(files, compact_segment_name(sample.base(0)) + ".new", "left by an attempt");
  {
    const auto writer =
        require(CompactSegmentWriter::create(files, *sample.log.view(), sample.base(0), sample.base(1)));
    require(writer->add(sample.base(0), "a"));
    CHECK(require(files.list()).size() == before.size() + 1);
  }
  CHECK(require(files.list()) == before);
  {
    const CompactSegment compact = sample.compact(files, 0, 1, {0});
    CHECK(require(files.list()).size() == before.size() + 1);
  }
  CHECK(require(files.list()) == before);
}

TEST_CASE("a full disk or an error while it is written leaves the log as it was") {
  for (const DiskFault fault : {DiskFault::no_space, DiskFault::io_error}) {
    for (std::uint64_t n = 1;; ++n) {
      SimulatedDisk disk;
      SampleLog sample(disk);
      const Names before = require(disk.list());
      // The first operation removes what an attempt before may have left.
      disk.fail_any(n + 1, fault);
      const auto compact = sample.try_compact(disk, 0, 2, {0, 1, 3});
      if (compact) {
        CHECK(n > 3);
        break;
      }
      CHECK((compact.error().kind == ErrorKind::no_space) == (fault == DiskFault::no_space));
      CHECK(require(disk.list()) == before);
      commit(sample.log, "and on");
      require(sample.log.replace(sample.compact(disk, 0, 2, {0, 1, 3})));
    }
  }
}

TEST_CASE("it is written by another thread while the log goes on") {
  MemoryFileSystem files(kMemory);
  SampleLog sample(files);
  const std::vector<LogPosition> positions = sample.positions;
  std::optional<CompactSegment> compact;
  // Positions of segments are asked for on the log's thread.
  const LogPosition base = sample.base(0);
  const LogPosition end = sample.base(3);
  const auto view = sample.log.view();
  std::thread other([&] {
    for (int again = 0; again < 20; ++again) {
      auto writer = require(CompactSegmentWriter::create(files, *view, base, end));
      require(writer->add(positions[1], sample.record(1)));
      require(writer->add(positions[4], sample.record(4)));
      compact.emplace(require(writer->finish()));
      if (again < 19) compact.reset();
    }
  });
  for (int i = 0; i < 50; ++i) commit(sample.log, numbered(1, 30'000));
  other.join();
  require(sample.log.replace(std::move(*compact)));
  CHECK(readable(sample.log, positions) == std::vector<std::size_t>{1, 4, 6});
}

}  // namespace
}  // namespace respublica::test
