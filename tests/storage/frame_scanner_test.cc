#include "storage/frame_scanner.h"

#include "tests/storage/sample_segment.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using Found = FrameScanner::Found;

TEST_CASE("frames are found one after the other, until the file ends") {
  SampleSegment sample;
  sample.add("first");
  sample.add("");
  const std::uint64_t end = sample.end_offset();
  FrameScanner scanner(sample.segment, end, 0);
  REQUIRE(require(scanner.next()) == Found::frame);
  CHECK(scanner.position() == sample.segment.header.base);
  CHECK(scanner.payload() == "first");
  REQUIRE(require(scanner.next()) == Found::frame);
  CHECK(scanner.payload().empty());
  CHECK(scanner.header().position == scanner.position());
  CHECK(scanner.previous_crc() == scanner.header().header_crc);
  CHECK(require(scanner.next()) == Found::end);
  CHECK(scanner.offset() == end);
}

TEST_CASE("what is no frame is damage, as often as one asks") {
  SampleSegment sample;
  sample.add("first");
  const std::uint64_t end = sample.end_offset();
  sample.write(end, "no frame");
  FrameScanner scanner(sample.segment, end + 8, 0);
  REQUIRE(require(scanner.next()) == Found::frame);
  for (int i = 0; i < 2; ++i) {
    CHECK(require(scanner.next()) == Found::damage);
    CHECK(scanner.offset() == end);
    CHECK(scanner.reason() == "the header of the frame is damaged");
  }
}

TEST_CASE("a frame of a file with another salt is damage") {
  SampleSegment sample;
  sample.add("first");
  sample.segment.header.salt ^= 1U;
  FrameScanner scanner(sample.segment, sample.end_offset(), 0);
  CHECK(require(scanner.next()) == Found::damage);
}

TEST_CASE("the first frame follows any other when the one before is not known") {
  SampleSegment sample(7);
  sample.add("first");
  CHECK(require(FrameScanner(sample.segment, sample.end_offset(), std::nullopt).next()) == Found::frame);
  CHECK(require(FrameScanner(sample.segment, sample.end_offset(), 7).next()) == Found::frame);
  FrameScanner scanner(sample.segment, sample.end_offset(), 8);
  CHECK(require(scanner.next()) == Found::damage);
  CHECK(scanner.reason() == "the frame does not follow the one before it");
}

TEST_CASE("a frame is whole with all of its padding only") {
  SampleSegment sample;
  sample.add("first");
  for (std::uint64_t less = 1; less < 8 + kFrameHeaderBytes; ++less) {
    FrameScanner scanner(sample.segment, sample.end_offset() - less, 0);
    CHECK(require(scanner.next()) == Found::damage);
  }
}

TEST_CASE("behind damage the frames are found again from where they are said to go on") {
  SampleSegment sample;
  sample.add("first");
  const LogPosition second = sample.end;
  sample.add("second");
  const LogPosition third = sample.end;
  sample.add("third");
  sample.write(sample.segment.offset_of(second), "damaged!");
  FrameScanner scanner(sample.segment, sample.end_offset(), 0);
  REQUIRE(require(scanner.next()) == Found::frame);
  REQUIRE(require(scanner.next()) == Found::damage);
  scanner.resume(third, std::nullopt);
  REQUIRE(require(scanner.next()) == Found::frame);
  CHECK(scanner.payload() == "third");
  CHECK(require(scanner.next()) == Found::end);
}

TEST_CASE("a scanner that resumes sees what was written since it looked") {
  SampleSegment sample;
  const LogPosition begin = sample.end;
  require(sample.segment.file->preallocate(kSegmentHeaderBytes + 4096));
  FrameScanner scanner(sample.segment, kSegmentHeaderBytes + 4096, 0);
  REQUIRE(require(scanner.next()) == Found::damage);
  sample.add("first");
  scanner.resume(begin, 0);
  CHECK(require(scanner.next()) == Found::frame);
}

}  // namespace
}  // namespace respublica::test
