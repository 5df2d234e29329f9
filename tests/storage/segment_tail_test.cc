#include "storage/segment_tail.h"

#include "tests/storage/sample_segment.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

/// Larger than what is read at once.
constexpr std::uint64_t kFar = (std::uint64_t{1} << 20) + 8;

TEST_CASE("behind the last frame is nothing, or zeros") {
  SampleSegment sample;
  sample.add("first");
  CHECK(require(inspect_tail(sample.segment, sample.end)).bytes == 0);
  require(sample.segment.file->preallocate(3 * kFar));
  CHECK(require(inspect_tail(sample.segment, sample.end)).bytes == 0);
}

TEST_CASE("a tail reaches to its last byte that is not zero") {
  SampleSegment sample;
  require(sample.segment.file->preallocate(3 * kFar));
  for (const std::uint64_t last : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100}, kFar}) {
    sample.write(sample.end_offset() + last, "x");
    CHECK(require(inspect_tail(sample.segment, sample.end)).bytes == last + 1);
  }
}

TEST_CASE("the highest durable position behind the damage is found, wherever its frame stands") {
  SampleSegment sample;
  const LogPosition begin = sample.end;
  sample.add("damaged", begin);
  CHECK_FALSE(require(inspect_tail(sample.segment, begin)).highest_durable);
  const LogPosition second = sample.end;
  sample.add(std::string(kFar, 'x'), second);
  sample.add("third", begin);
  sample.write(sample.segment.offset_of(second) + kFrameHeaderBytes, "damaged, too");
  const SegmentTail tail = require(inspect_tail(sample.segment, begin));
  REQUIRE(tail.highest_durable);
  CHECK(*tail.highest_durable == second);
  CHECK(require(inspect_tail(sample.segment, second)).highest_durable == begin);
}

TEST_CASE("headers that stand elsewhere than they say, or have another salt, are not believed") {
  SampleSegment sample;
  const LogPosition begin = sample.end;
  sample.add("first", begin);
  sample.add("second", begin);
  std::string copy = read(*sample.segment.file, sample.segment.offset_of(begin), kFrameHeaderBytes);
  sample.write(sample.end_offset() + 64, copy);
  SampleSegment other;
  other.segment.header.salt ^= 1U;
  other.end = sample.end + 512;
  other.add("of another file", begin);
  copy = read(*other.segment.file, other.segment.offset_of(sample.end + 512), kFrameHeaderBytes);
  sample.write(sample.end_offset() + 512, copy);
  CHECK_FALSE(require(inspect_tail(sample.segment, sample.end)).highest_durable);
}

TEST_CASE("the next frame is found by a right header at its own position") {
  SampleSegment sample;
  const LogPosition begin = sample.end;
  sample.add("first");
  const LogPosition second = sample.end;
  sample.add(std::string(kFar, 'x'));
  const LogPosition third = sample.end;
  sample.add("third");
  const auto find = [&](LogPosition from, LogPosition to) { return require(find_frame(sample.segment, from, to)); };
  CHECK(find(begin, sample.end) == begin);
  CHECK(find(begin + 1, sample.end) == second);
  CHECK(find(second + kFrameAlignment, sample.end) == third);
  CHECK_FALSE(find(second + kFrameAlignment, third));
  // A copy elsewhere is no frame of that place.
  sample.write(sample.segment.offset_of(second) + 800, read(*sample.segment.file, kSegmentHeaderBytes, 56));
  CHECK(find(second + kFrameAlignment, sample.end) == third);
}

}  // namespace
}  // namespace respublica::test
