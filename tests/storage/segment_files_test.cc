#include "storage/segment_files.h"

#include <map>
#include <string>
#include <vector>

#include "storage/crc32c.h"
#include "storage/memory_file_system.h"
#include "tests/storage/sample_log.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

using Names = std::vector<std::string>;
using Numbers = std::vector<std::size_t>;
constexpr std::uint64_t kMemory = std::uint64_t{32} << 20;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A log of which some segments were replaced, as it is when the old ones could not be removed.
struct Leftovers {
  MemoryFileSystem files{kMemory};
  std::vector<LogPosition> positions;
  std::vector<LogPosition> bases;
  std::string compact;

  Leftovers() {
    SampleLog sample(files);
    positions = sample.positions;
    for (const auto& each : sample.log.segments()) bases.push_back(each.base);
    compact = compact_segment_name(bases[0]);
    std::map<std::string, std::string> old;
    for (std::size_t i = 0; i < 2; ++i) old[segment_name(bases[i])] = read_all(files, segment_name(bases[i]));
    require(sample.log.replace(sample.compact(files, 0, 2, {1, 2})));
    for (const auto& [name, bytes] : old) make_file(files, name, bytes);
  }

  std::string refusal() {
    const Names before = require(files.list());
    const auto opened = open_segment_files(files);
    const std::string reason = opened ? "" : opened.error().message;
    CHECK(why_not(files, bases[3]) == reason);
    CHECK(require(files.list()) == before);
    return reason;
  }
  void write(const std::string& name, std::uint64_t offset, const std::string& bytes) {
    require(require(files.open(name))->write_at(offset, bytes));
  }
};

TEST_CASE("segments that a compact one covers have been replaced by it") {
  Leftovers left;
  {
    const SegmentFiles found = require(open_segment_files(left.files));
    CHECK(found.segments.size() == 3);
    CHECK(found.replaced == Names{segment_name(left.bases[0]), segment_name(left.bases[1])});
    CHECK(found.unfinished.empty());
    CHECK(found.last_file_bytes == kSmallSegments.segment_bytes);
    CHECK(found.segments.back()->end() == Segment::kOpenEnd);
  }
  const OpenedLog opened = open_log(left.files, left.bases[3]);
  CHECK(readable(*opened.log, left.positions) == Numbers{1, 2, 4, 5, 6});
  CHECK(require(left.files.list()) == Names{left.compact, segment_name(left.bases[2]), segment_name(left.bases[3])});
}

TEST_CASE("a compact segment lies in a wider one that replaced it, and some of the others may be gone") {
  Leftovers left;
  require(left.files.remove(segment_name(left.bases[0])));
  const std::string inner = compact_segment_name(left.bases[1]);
  CompactHeader header;
  header.segment = {left.bases[1], 1, 2};
  header.table_crc = crc32c(header.segment.salt, "");
  header.end = left.bases[2];
  make_file(left.files, inner, encode_compact_header(header));
  CHECK(require(open_segment_files(left.files)).replaced == Names{inner, segment_name(left.bases[1])});
  header.end = header.end + 8;
  left.write(inner, 0, encode_compact_header(header));
  CHECK(contains(left.refusal(), inner + ", byte 0: it overlaps with " + left.compact));
}

TEST_CASE("nothing is removed for the sake of a compact segment that is not on the disk") {
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < 30);
    bool is_through = false;
    for (std::uint64_t seed = 0; seed < 30 && !is_through; ++seed) {
      SimulatedDisk disk;
      SampleLog sample(disk);
      const std::vector<LogPosition> positions = sample.positions;
      const LogPosition last = sample.base(3);
      // The process ends behind the rename.
      CompactSegment compact = sample.compact(disk, 0, 2, {1, 2});
      require(compact.take_name());
      sample.opened.log.reset();
      disk.crash_at(n);
      static_cast<void>(try_open(disk, last));
      is_through = !disk.has_lost_power();
      disk.crash(seed);
      const Numbers found = readable(*open_log(disk, last).log, positions);
      CHECK((found == Numbers{1, 2, 4, 5, 6} || found == Numbers{0, 1, 2, 3, 4, 5, 6}));
    }
    if (is_through) return;
  }
}

TEST_CASE("no bit of a compact segment's header or table can turn round unnoticed") {
  Leftovers left;
  for (std::size_t i = 0; i < 2; ++i) require(left.files.remove(segment_name(left.bases[i])));
  const std::string bytes = read_all(left.files, left.compact);
  const CompactHeader header = require(decode_compact_header(bytes));
  REQUIRE(header.table_bytes > 0);
  const auto is_noticed = [&](std::size_t bit) {
    const char flipped = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    left.write(left.compact, bit / 8, {flipped});
    const auto opened = open_segment_files(left.files);
    left.write(left.compact, bit / 8, {bytes[bit / 8]});
    return !opened && contains(opened.error().message, "the log is damaged: " + left.compact + ", byte ");
  };
  for (std::size_t bit = 0; bit < 8 * kSegmentHeaderBytes; ++bit) {
    if (!is_noticed(bit)) FAIL("bit " << bit << " of the header");
  }
  for (std::size_t bit = 8 * header.table_offset(); bit < 8 * bytes.size(); ++bit) {
    if (!is_noticed(bit)) FAIL("bit " << bit << " of the file");
  }
  CHECK(require(open_segment_files(left.files)).segments.size() == 3);
}

TEST_CASE("damage in the bytes that are kept is found when the record is read") {
  Leftovers left;
  left.write(left.compact, kSegmentHeaderBytes + 100, "!");
  CHECK(readable(*open_log(left.files, left.bases[3]).log, left.positions) == Numbers{2, 4, 5, 6});
}

TEST_CASE("a compact file that is too short or too long, or has another's name, is refused") {
  Leftovers left;
  const auto file = require(left.files.open(left.compact));
  const std::uint64_t size = require(file->size());
  require(file->truncate(size + 1));
  CHECK(contains(left.refusal(), left.compact + ", byte " + std::to_string(size) + ": the file should have " +
                                     std::to_string(size) + " bytes, by its header, and has " +
                                     std::to_string(size + 1)));
  require(file->truncate(size - 1));
  CHECK(contains(left.refusal(), left.compact + ", byte " + std::to_string(size - 1)));
  require(file->truncate(100));
  CHECK(contains(left.refusal(), left.compact + ", byte 0: the file is shorter than the header of a segment"));
  require(left.files.rename(segment_name(left.bases[2]), left.compact));
  CHECK(contains(left.refusal(), left.compact + ", byte 0: the file does not begin as a segment does"));
  CompactHeader header;
  header.segment = {{8}, 1, 2};
  header.end = {16};
  left.write(left.compact, 0, encode_compact_header(header));
  CHECK(contains(left.refusal(), "the segment has the name of another one"));
}

TEST_CASE("a segment that is missing beside a compact one is noticed") {
  Leftovers left;
  require(left.files.rename(segment_name(left.bases[2]), "elsewhere"));
  CHECK(contains(left.refusal(), segment_name(left.bases[3]) + ", byte 0: the segment before it (" + left.compact +
                                     ") ends at position " + std::to_string(left.bases[2].value)));
  require(left.files.remove(segment_name(left.bases[3])));
  CHECK(contains(left.refusal(), left.compact + ", byte 0: no segment follows the compact one"));
}

TEST_CASE("an error while a compact segment is opened is no damage") {
  SimulatedDisk disk;
  LogPosition last;
  {
    SampleLog sample(disk);
    last = sample.base(3);
    require(sample.log.replace(sample.compact(disk, 0, 2, {1, 2})));
  }
  for (std::uint64_t n = 1;; ++n) {
    const std::uint64_t before = disk.operations(DiskOperation::read);
    disk.fail(DiskOperation::read, n, DiskFault::io_error);
    const std::string reason = why_not(disk, last);
    if (disk.operations(DiskOperation::read) - before < n) break;
    CHECK(contains(reason, "simulated input/output error"));
  }
}

}  // namespace
}  // namespace respublica::test
