#include "tools/log/segment_files.h"

#include "storage/segment_format.h"
#include "tests/log/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {

namespace {

std::vector<logtool::SegmentFile> open_segment_files(FileSystem& files) {
  return require(logtool::open_segment_files(files, require(files.list()))).segments;
}

}  // namespace

TEST_CASE("files with other names are passed over") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"});
  make_file(sample.files, "00000000000000000096.log.new", "x");
  make_file(sample.files, "notes.txt", "x");
  const auto files = open_segment_files(sample.files);
  REQUIRE(files.size() == 1);
  CHECK(files[0].segment->name == segment_name({}));
  CHECK(files[0].is_readable);
  CHECK(files[0].flaw.empty());
}

TEST_CASE("segments are in the order of their positions, not of their names") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"}, AppendRecord{{0}, {1, 0}, 0, one_field(std::string(60'000, 'x'))});
  sample.add(AppendRecord{{0}, {2, 0}, 0, one_field(std::string(60'000, 'x'))});
  require(sample.files.rename(segment_name({}), "99999999999999999999.log"));
  // That is no position at all.
  CHECK(open_segment_files(sample.files).size() == 1);
  require(sample.files.rename("99999999999999999999.log", "09999999999999999999.log"));
  const auto files = open_segment_files(sample.files);
  REQUIRE(files.size() == 2);
  CHECK(files[0].segment->name == "09999999999999999999.log");
  CHECK(files[0].flaw == "the segment has the name of another one");
}

TEST_CASE("of two files with the same positions the one with the right name is read") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"});
  make_file(sample.files, segment_name({8}), read_all(sample.files, segment_name({})));
  const auto files = open_segment_files(sample.files);
  REQUIRE(files.size() == 2);
  CHECK(files[0].segment->name == segment_name({}));
  CHECK(files[0].is_readable);
  CHECK_FALSE(files[1].is_readable);
}

TEST_CASE("a file that is no segment at all is found, and cannot be read") {
  MemoryFileSystem files(1 << 20);
  make_file(files, segment_name({}), "short");
  const auto found = open_segment_files(files);
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found[0].is_readable);
  CHECK(found[0].flaw == "the file is shorter than the header of a segment");
}

}  // namespace respublica::test
