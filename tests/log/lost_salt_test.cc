#include "tools/log/lost_salt.h"

#include "tests/log/sample_log.h"
#include "tests/storage/sample_segment.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

/// The salt that is found when the header's bytes are these; none when none is.
std::optional<std::uint32_t> found_salt(SampleSegment& sample, const std::string& header) {
  const std::uint32_t salt = sample.segment.header.salt;
  sample.segment.header.salt = 0;
  const bool found = require(logtool::restore_salt(sample.segment, sample.end_offset(), header));
  const std::uint32_t restored = sample.segment.header.salt;
  sample.segment.header.salt = salt;
  return found ? std::optional(restored) : std::nullopt;
}

const std::string kZeros(kSegmentHeaderBytes, '\0');

}  // namespace

TEST_CASE("the salt of a damaged header is taken when a frame was written with it") {
  SampleSegment sample;
  const LogPosition first = sample.end;
  sample.add("first");
  sample.add("second");
  std::string header = encode_segment_header(sample.segment.header);
  header[0] = '!';
  sample.write(sample.segment.offset_of(first), "!");
  CHECK(found_salt(sample, header) == sample.segment.header.salt);
}

TEST_CASE("the salt is found by the checksums of the first frame, whatever it is") {
  for (const std::uint32_t salt : {1U, 12345U, 0x80000000U, 0xffffffffU, 0xdeadbeefU}) {
    for (const std::string payload : {"", "records"}) {
      SampleSegment sample;
      sample.segment.header.salt = salt;
      sample.add(payload);
      CHECK(found_salt(sample, kZeros) == salt);
    }
  }
}

TEST_CASE("no salt is believed that only one checksum tells, or a frame that is not the first") {
  SampleSegment sample;
  const LogPosition first = sample.end;
  sample.add("first");
  sample.add("second");
  sample.write(sample.segment.offset_of(first) + kFrameHeaderBytes, "!");
  CHECK_FALSE(found_salt(sample, kZeros));
  CHECK_FALSE(found_salt(sample, ""));
}

}  // namespace respublica::test
