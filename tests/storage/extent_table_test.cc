#include "storage/extent_table.h"

#include <string>
#include <vector>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"
#include "storage/memory_file_system.h"
#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica::test {
namespace {

constexpr LogPosition kBase{4096};

/// A file with a table, and what it should show.
struct SampleTable {
  MemoryFileSystem files{std::uint64_t{16} << 20};
  std::unique_ptr<LogFile> file = require(files.create("table"));
  CompactHeader header;
  ExtentTableWriter writer{kBase};
  std::string kept;
  std::string shown;
  std::string table;

  SampleTable() {
    header.segment = {kBase, 0xfeed1234, 0};
    header.end = kBase;
  }

  void leave_out(std::size_t bytes) {
    shown.append(bytes, '\0');
    header.end = kBase + shown.size();
  }
  void keep(const std::string& bytes) {
    writer.add(kBase + shown.size(), bytes.size());
    kept += bytes;
    shown += bytes;
    header.end = kBase + shown.size();
  }
  ExtentTable write() {
    set_table(writer.finish());
    header.kept_bytes = kept.size();
    require(file->write_at(kSegmentHeaderBytes, kept));
    require(file->write_at(header.table_offset(), table));
    return *parse();
  }
  void set_table(const std::string& bytes) {
    table = bytes;
    header.table_bytes = table.size();
    header.table_crc = crc32c(header.segment.salt, table);
  }
  std::optional<ExtentTable> parse() const { return ExtentTable::parse(table, header); }
};

std::string read_table(const ExtentTable& table, const SampleTable& sample, std::size_t at, std::size_t count) {
  std::string bytes(count, '?');
  require(table.read(*sample.file, kBase + at, bytes));
  return bytes;
}

TEST_CASE("kept bytes stand at their places, and zeros between them") {
  SampleTable sample;
  sample.leave_out(3);
  sample.keep("abc");
  sample.leave_out(200);
  sample.keep("defgh");
  sample.keep("ijk");
  sample.leave_out(2);
  const ExtentTable table = sample.write();
  CHECK(sample.table == std::string("\x03\x03\xc8\x01\x08", 5));
  for (std::size_t at = 0; at < sample.shown.size(); ++at) {
    for (std::size_t count = 0; count <= sample.shown.size() - at; ++count) {
      if (read_table(table, sample, at, count) != sample.shown.substr(at, count)) FAIL(count << " bytes at " << at);
    }
  }
}

TEST_CASE("a table without extents shows zeros") {
  SampleTable sample;
  sample.leave_out(10);
  CHECK(read_table(sample.write(), sample, 2, 8) == std::string(8, '\0'));
}

TEST_CASE("a large table is read in parts, anywhere") {
  SeededRandom random(7);
  SampleTable sample;
  for (std::size_t i = 0; i < 20'000; ++i) {
    if (random.percent(90)) sample.leave_out(1 + static_cast<std::size_t>(random.below(300)));
    sample.keep(std::string(1 + static_cast<std::size_t>(random.below(40)), static_cast<char>('a' + i % 26)));
  }
  const ExtentTable table = sample.write();
  REQUIRE(sample.table.size() > 10 * ExtentTable::kBlockBytes);
  for (std::size_t i = 0; i < 2'000; ++i) {
    const auto at = static_cast<std::size_t>(random.below(sample.shown.size()));
    const auto limit =
        random.percent(10) ? sample.shown.size() - at : std::min<std::size_t>(3'000, sample.shown.size() - at);
    const auto count = static_cast<std::size_t>(random.below(limit + 1));
    if (read_table(table, sample, at, count) != sample.shown.substr(at, count)) FAIL(count << " bytes at " << at);
  }
}

std::optional<Extent> next(const ExtentTable& table, const SampleTable& sample, std::size_t at) {
  return require(table.next(*sample.file, kBase + at));
}

TEST_CASE("the next kept stretch begins at the position that is asked for, or behind it") {
  SampleTable sample;
  sample.leave_out(3);
  sample.keep("abc");
  sample.leave_out(200);
  sample.keep("defgh");
  sample.leave_out(2);
  const ExtentTable table = sample.write();
  CHECK(next(table, sample, 0) == Extent{kBase + 3, kBase + 6});
  CHECK(next(table, sample, 3) == Extent{kBase + 3, kBase + 6});
  CHECK(next(table, sample, 5) == Extent{kBase + 5, kBase + 6});
  CHECK(next(table, sample, 6) == Extent{kBase + 206, kBase + 211});
  CHECK_FALSE(next(table, sample, 211));
  CHECK_FALSE(next(table, sample, 213));
  require(sample.file->write_at(sample.header.table_offset(), "\x04"));
  CHECK_FALSE(table.next(*sample.file, kBase).ok());
}

TEST_CASE("a table without extents has no next one") {
  SampleTable sample;
  sample.leave_out(10);
  CHECK_FALSE(next(sample.write(), sample, 0));
}

TEST_CASE("from one kept stretch to the next, all of a large table comes") {
  SeededRandom random(11);
  SampleTable sample;
  std::vector<Extent> kept;
  for (std::size_t i = 0; i < 20'000; ++i) {
    sample.leave_out(1 + static_cast<std::size_t>(random.below(300)));
    const LogPosition begin = kBase + sample.shown.size();
    sample.keep(std::string(1 + static_cast<std::size_t>(random.below(40)), 'a'));
    kept.push_back({begin, kBase + sample.shown.size()});
  }
  const ExtentTable table = sample.write();
  REQUIRE(sample.table.size() > 10 * ExtentTable::kBlockBytes);
  std::vector<Extent> found;
  for (auto extent = next(table, sample, 0); extent; extent = next(table, sample, found.back().end - kBase)) {
    found.push_back(*extent);
  }
  CHECK(found == kept);
}

TEST_CASE("extents are listed with their places in the file, from the one that has a position or is behind it") {
  SampleTable sample;
  sample.leave_out(3);
  sample.keep("abc");
  sample.leave_out(200);
  sample.keep("defgh");
  sample.leave_out(2);
  const ExtentTable table = sample.write();
  const auto list = [&](std::size_t at, std::size_t count) {
    std::string all;
    for (const PlacedExtent& each : require(table.list(*sample.file, kBase + at, count))) {
      const auto bytes = static_cast<std::size_t>(each.extent.end - each.extent.begin);
      all += std::to_string(each.extent.begin - kBase) + test::read(*sample.file, each.offset, bytes);
    }
    return all;
  };
  CHECK(list(0, 10) == "3abc206defgh");
  CHECK(list(0, 1) == "3abc");
  CHECK(list(5, 10) == "3abc206defgh");
  CHECK(list(6, 10) == "206defgh");
  CHECK(list(211, 10).empty());
}

TEST_CASE("a table that contradicts its header is none, though its checksum is right") {
  SampleTable sample;
  sample.leave_out(5);
  sample.keep("abc");
  sample.write();
  const auto is_refused = [&](std::initializer_list<std::uint64_t> numbers) {
    std::string bytes;
    for (const std::uint64_t number : numbers) put_varint(bytes, number);
    sample.set_table(bytes);
    return !sample.parse();
  };
  CHECK_FALSE(is_refused({5, 3}));
  CHECK_FALSE(is_refused({2, 3}));
  CHECK(is_refused({6, 3}));
  CHECK(is_refused({5, 2}));
  CHECK(is_refused({}));
  CHECK(is_refused({5, 3, 0, 0}));
  CHECK(is_refused({5, 3, 1}));
  CHECK(is_refused({~std::uint64_t{0}, 3}));
  CHECK(is_refused({5, ~std::uint64_t{0}}));
  CHECK(is_refused({5, 0, 0, 3}));
}

TEST_CASE("a table that has changed in the file since it was checked is not believed") {
  SampleTable sample;
  sample.leave_out(5);
  sample.keep("abc");
  const ExtentTable table = sample.write();
  require(sample.file->write_at(sample.header.table_offset(), "\x04"));
  std::string bytes(8, '?');
  CHECK(table.read(*sample.file, kBase, bytes).error().message.find("not what it was") != std::string::npos);
  require(sample.file->truncate(sample.header.table_offset()));
  CHECK_FALSE(table.read(*sample.file, kBase, bytes).ok());
}

}  // namespace
}  // namespace respublica::test
