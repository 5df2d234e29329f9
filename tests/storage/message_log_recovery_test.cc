#include <string>
#include <vector>

#include "storage/memory_file_system.h"
#include "storage/segment_format.h"
#include "tests/storage/log_access.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

using Entries = std::vector<std::string>;
constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;
const std::string kFirst = "00000000000000000000.log";

/// A log in memory, and the places of its frames.
struct Sample {
  MemoryFileSystem files{kMemory};
  std::vector<LogPosition> frames;
  LogPosition end;

  enum class Syncs : std::uint8_t { each, none };

  /// One segment with a frame for each of `entries`; no more is written when it is opened.
  explicit Sample(const Entries& entries, Syncs syncs = Syncs::each) {
    const OpenedLog opened = open_log(files);
    FrameBuilder names;
    names.add(ChannelRecord{{1}, "orders"});
    require(opened.log->reserve(names.size()));
    require(opened.log->append(names, 1));
    for (const std::string& each : entries) {
      if (syncs == Syncs::each) require(opened.log->sync());
      frames.push_back(opened.log->end());
      append(*opened.log, each);
    }
    end = opened.log->end();
  }

  std::unique_ptr<LogFile> file(const std::string& name = kFirst) { return require(files.open(name)); }
  static std::uint64_t offset_of(LogPosition position) { return kSegmentHeaderBytes + position.value; }
  /// Writes to the frame of this number, `at` bytes from its beginning.
  void damage(std::size_t frame, std::uint64_t at, const std::string& bytes = "!") {
    require(file()->write_at(offset_of(frames[frame]) + at, bytes));
  }
};

constexpr std::uint64_t kInHeader = 20;
constexpr std::uint64_t kInRecord = kFrameHeaderBytes + 12;

/// Opening is refused, and changes nothing. Returns why.
std::string refusal(MemoryFileSystem& files, LogPosition from = {}) {
  std::vector<std::string> before;
  for (const std::string& name : require(files.list())) before.push_back(name + read_all(files, name));
  const std::string reason = why_not(files, from);
  std::vector<std::string> after;
  for (const std::string& name : require(files.list())) after.push_back(name + read_all(files, name));
  CHECK((before == after));
  return reason;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Changes the header of a frame, and its checksum with it.
template <typename Change>
void forge(Sample& sample, std::size_t frame, Change change) {
  const auto file = sample.file();
  const auto segment = require(decode_segment_header(read(*file, 0, kSegmentHeaderBytes)));
  const std::uint64_t offset = Sample::offset_of(sample.frames[frame]);
  auto header = decode_frame_header(read(*file, offset, kFrameHeaderBytes), segment.salt);
  REQUIRE(header);
  change(*header);
  std::string bytes(kFrameHeaderBytes, '\0');
  encode_frame_header(*header, segment.salt, bytes.data());
  require(file->write_at(offset, bytes));
}

TEST_CASE("the last frame is cut off when it is damaged, and the log goes on behind the one before") {
  for (const std::uint64_t at : {std::uint64_t{0}, kInHeader, kInRecord}) {
    Sample sample({"a", "bbbbbbbb"});
    sample.damage(1, at);
    {
      const OpenedLog opened = open_log(sample.files);
      CHECK(opened.entries == Entries{"a"});
      CHECK(opened.log->end() == sample.frames[1]);
      CHECK(opened.recovery.cut_bytes > kFrameHeaderBytes);
      CHECK(opened.recovery.cut_bytes <= sample.end - sample.frames[1]);
      CHECK(require(sample.file()->size()) == Sample::offset_of(sample.frames[1]));
      commit(*opened.log, "c");
      CHECK(require(sample.file()->size()) == kSmallSegments.segment_bytes);
    }
    const OpenedLog again = open_log(sample.files);
    CHECK(again.entries == Entries{"a", "c"});
    CHECK(again.recovery.cut_bytes == 0);
  }
}

TEST_CASE("zeros behind the last frame are the end") {
  Sample sample({"a"});
  const std::uint64_t size = require(sample.file()->size());
  CHECK(open_log(sample.files).recovery.cut_bytes == 0);
  CHECK(require(sample.file()->size()) == size);
}

TEST_CASE("a file that ends in the last frame, or with it, loses no other") {
  for (std::uint64_t less = 0; less < 60; ++less) {
    Sample sample({"a", "b"});
    require(sample.file()->truncate(Sample::offset_of(sample.end) - less));
    const OpenedLog opened = open_log(sample.files);
    CHECK(opened.entries == (less == 0 ? Entries{"a", "b"} : Entries{"a"}));
    commit(*opened.log, "c");
  }
}

TEST_CASE("damage that a later frame counts as durable is refused, with file, byte and channels") {
  for (const std::uint64_t at : {std::uint64_t{0}, kInHeader, kInRecord}) {
    Sample sample({"a", "b", "c"});
    sample.damage(1, at);
    const std::string reason = refusal(sample.files);
    CHECK(contains(reason, kFirst + ", byte " + std::to_string(Sample::offset_of(sample.frames[1]))));
    CHECK(contains(reason, "respublica-log salvage"));
    CHECK(contains(reason,
                   at == kInRecord ? "the channels concerned cannot be known" : "channels concerned: \"orders\""));
  }
}

TEST_CASE("a commit that was marked as durable is not cut off") {
  Sample sample({"a", "b"});
  require(open_log(sample.files).log->mark_durable(2));
  sample.damage(1, kInRecord);
  CHECK(contains(refusal(sample.files), "the log is damaged"));
}

TEST_CASE("frames that were appended without a sync between them are cut off from the first that is damaged") {
  Sample sample({"a", "b", "c", "d"}, Sample::Syncs::none);
  sample.damage(1, kInRecord);
  const OpenedLog opened = open_log(sample.files);
  CHECK(opened.entries == Entries{"a"});
  CHECK(opened.log->end() == sample.frames[1]);
  CHECK(opened.recovery.cut_bytes > sample.end - sample.frames[2]);
}

TEST_CASE("damage behind the place to read from is cut off, damage before it is refused") {
  Sample sample({"a", "b"}, Sample::Syncs::none);
  sample.damage(1, kInRecord);
  CHECK(contains(refusal(sample.files, sample.end), "the log is damaged"));
  CHECK(open_log(sample.files, sample.frames[1]).entries.empty());
}

TEST_CASE("a later frame is found where records end that cannot be told from it") {
  Sample sample({"a", std::string(300'000, 'b'), "c"});
  const std::string next = require(sample.files.list())[1];
  REQUIRE(parse_segment_name(next));
  require(sample.file(next)->write_at(kSegmentHeaderBytes + kInRecord, "damage"));
  CHECK(contains(refusal(sample.files), next));
}

TEST_CASE("damage in a sealed segment is refused, whichever frame it is in") {
  for (std::size_t frame = 0; frame < 2; ++frame) {
    Sample sample({numbered(1, 30'000), numbered(2, 30'000), numbered(3, 30'000)}, Sample::Syncs::none);
    REQUIRE(require(sample.files.list()).size() == 2);
    sample.damage(frame, 20'000);
    CHECK(
        contains(refusal(sample.files), kFirst + ", byte " + std::to_string(Sample::offset_of(sample.frames[frame]))));
  }
}

TEST_CASE("a sealed segment that is too short or too long is refused, and one that is missing") {
  Sample sample({numbered(1, 60'000), numbered(2, 60'000), numbered(3, 60'000)});
  const auto names = require(sample.files.list());
  REQUIRE(names.size() == 3);
  const std::uint64_t size = require(sample.file()->size());
  require(sample.file()->truncate(size - 8));
  CHECK(contains(refusal(sample.files), kFirst + ", byte " + std::to_string(size - 8)));
  require(sample.file()->truncate(size + 8));
  CHECK(contains(refusal(sample.files), kFirst));
  require(sample.file()->truncate(size));
  require(sample.files.rename(names[1], "elsewhere"));
  CHECK(contains(refusal(sample.files), "by the segment that follows (" + names[2] + ")"));
}

TEST_CASE("a damaged header of a segment is refused, also of one that is not read, and a file with another's name") {
  Sample sample({numbered(1, 60'000), numbered(2, 60'000)});
  const auto names = require(sample.files.list());
  const LogPosition second = *parse_segment_name(names[1]);
  require(sample.file()->write_at(9, "x"));
  CHECK(contains(refusal(sample.files, second), kFirst + ", byte 0: the header of the segment is damaged"));
  require(sample.files.remove(kFirst));
  require(sample.files.rename(names[1], kFirst));
  CHECK(contains(refusal(sample.files), "the segment has the name of another one"));
  require(sample.file()->truncate(0));
  CHECK(contains(refusal(sample.files), "shorter than the header"));
}

TEST_CASE("a frame with right checksums that stands in the wrong place or does not follow the one before is damage") {
  const auto broken_by = [](auto change) {
    Sample sample({"a", "b", "c"});
    forge(sample, 1, change);
    return refusal(sample.files);
  };
  CHECK(contains(broken_by([](FrameHeader& header) { header.position.value += 8; }), "belongs to another place"));
  CHECK(contains(broken_by([](FrameHeader& header) { header.previous_crc ^= 1; }), "does not follow the one before"));
  CHECK(contains(broken_by([](FrameHeader& header) { header.durable = header.position + 8; }), "contradicts itself"));
  CHECK(contains(broken_by([](FrameHeader& header) { header.payload_bytes = 0xffffffff; }),
                 "beyond the end of the file"));
  CHECK(contains(broken_by([](FrameHeader& header) { header.payload_crc ^= 1; }), "are damaged (checksum)"));
}

TEST_CASE("a frame whose checksums are right is never cut off for what its records say") {
  Sample sample({"a", "b"});
  forge(sample, 1, [](FrameHeader& header) { header.records = 2; });
  CHECK(contains(refusal(sample.files), "has not as many records as its header says; channels concerned: \"orders\""));
  Sample unknown({"a"});
  {
    const OpenedLog opened = open_log(unknown.files);
    FrameBuilder frame;
    add_entry(frame, "b");
    frame.bytes()[kFrameHeaderBytes + 8] = '\x7f';
    require(opened.log->reserve(frame.size()));
    require(opened.log->append(frame, 1));
  }
  CHECK(contains(refusal(unknown.files), "a record is not known, or was written by a later version"));
}

TEST_CASE("names of channels are shown so that a terminal survives them") {
  Sample sample({"a"});
  {
    const OpenedLog opened = open_log(sample.files);
    FrameBuilder frame;
    frame.add(ChannelRecord{{2}, std::string_view("\x1b[2J\"\0", 6)});
    add_entry(frame, "b", {3});
    require(opened.log->reserve(frame.size()));
    sample.frames.push_back(opened.log->end());
    require(opened.log->append(frame, 1));
    require(opened.log->mark_durable(1));
  }
  sample.damage(1, kInHeader);
  CHECK(contains(refusal(sample.files), R"(channels concerned: "\x1b[2J\x22\x00", number 3;)"));
}

TEST_CASE("what a failed sync left in the cache alone is on the disk once the log is open again") {
  SimulatedDisk disk(4);
  {
    const OpenedLog opened = open_log(disk);
    commit(*opened.log, "a");
    append(*opened.log, "b");
    disk.fail(DiskOperation::sync, 1, DiskFault::io_error);
    CHECK_FALSE(opened.log->sync().ok());
  }
  const Entries found = open_log(disk).entries;
  CHECK(found == Entries{"a", "b"});
  disk.crash(1);
  CHECK(open_log(disk).entries == found);
}

TEST_CASE("an error while reading is no damage") {
  SimulatedDisk disk;
  commit(*open_log(disk).log, "a");
  for (std::uint64_t n = 1;; ++n) {
    const std::uint64_t before = disk.operations(DiskOperation::read);
    disk.fail(DiskOperation::read, n, DiskFault::io_error);
    const std::string reason = why_not(disk);
    if (disk.operations(DiskOperation::read) - before < n) break;
    CHECK(contains(reason, "simulated input/output error"));
  }
  disk.crash(1);
  CHECK(open_log(disk).entries == Entries{"a"});
}

TEST_CASE("no bit that is turned round costs a record: the log is refused, or all are the same") {
  constexpr LogOptions kTinySegments{kSegmentHeaderBytes + 400};
  const Entries all{numbered(1, 30), numbered(2, 150), numbered(3, 80), numbered(4, 10)};
  MemoryFileSystem original(kMemory);
  {
    const OpenedLog opened = open_log(original, {}, kTinySegments);
    for (const std::string& each : all) commit(*opened.log, each);
    require(opened.log->mark_durable(1));
  }
  const auto names = require(original.list());
  REQUIRE(names.size() == 2);
  std::vector<std::string> contents;
  for (const std::string& name : names) contents.push_back(read_all(original, name));
  std::size_t refused = 0;
  std::unique_ptr<MemoryFileSystem> files;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t bit = 0; bit < 8 * contents[i].size(); ++bit) {
      if (!files) {
        files = std::make_unique<MemoryFileSystem>(kMemory);
        for (std::size_t each = 0; each < names.size(); ++each) make_file(*files, names[each], contents[each]);
      }
      const auto file = require(files->open(names[i]));
      const char byte = contents[i][bit / 8];
      const char flipped = static_cast<char>(byte ^ (1 << (bit % 8)));
      require(file->write_at(bit / 8, {&flipped, 1}));
      const auto opened = try_open(*files, {}, kTinySegments);
      if (opened && opened.value().entries != all) FAIL("bit " << bit << " of " << names[i]);
      // Who refuses changes nothing.
      require(file->write_at(bit / 8, {&byte, 1}));
      if (opened) files.reset();
      if (!opened) ++refused;
    }
  }
  CHECK(refused > 2 * 8 * kSegmentHeaderBytes);
}

}  // namespace
}  // namespace respublica::test
