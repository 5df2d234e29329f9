#include "storage/segment_format.h"

#include <array>

#include "tests/support/catch.h"

namespace {

using namespace respublica;

constexpr std::uint32_t kSalt = 0xfeed1234;

FrameHeader some_frame() {
  FrameHeader header;
  header.payload_bytes = 1001;
  header.records = 7;
  header.position = {1 << 20};
  header.durable = {1 << 19};
  header.time_ms = 1526919030474;
  header.previous_crc = 0xabcdef01;
  header.payload_crc = 0x10203040;
  return header;
}

}  // namespace

TEST_CASE("the header of a segment is read as it was written") {
  const std::string bytes = encode_segment_header({{77}, kSalt, 1526919030474});
  REQUIRE(bytes.size() == kSegmentHeaderBytes);
  const Result<SegmentHeader> header = decode_segment_header(bytes);
  REQUIRE(header);
  CHECK(header.value().base == LogPosition{77});
  CHECK(header.value().salt == kSalt);
  CHECK(header.value().created_ms == 1526919030474);
}

TEST_CASE("a segment header with any one bit flipped is refused") {
  const std::string bytes = encode_segment_header({{77}, kSalt, 1526919030474});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    if (decode_segment_header(flipped)) FAIL("accepted with bit " << bit << " flipped");
  }
  CHECK_FALSE(decode_segment_header(bytes.substr(1)));
}

TEST_CASE("the header of a compact segment is read as it was written, and taken for no other") {
  CompactHeader header;
  header.segment = {{77}, kSalt, 1526919030474};
  header.end = {9000};
  header.last_frame_crc = 0xabcdef01;
  header.table_crc = 0x10203040;
  header.kept_bytes = 500;
  header.table_bytes = 20;
  const std::string bytes = encode_compact_header(header);
  REQUIRE(bytes.size() == kSegmentHeaderBytes);
  const Result<CompactHeader> read = decode_compact_header(bytes);
  REQUIRE(read);
  CHECK(read.value().segment.base == LogPosition{77});
  CHECK(read.value().segment.salt == kSalt);
  CHECK(read.value().segment.created_ms == 1526919030474);
  CHECK(read.value().end == header.end);
  CHECK(read.value().last_frame_crc == header.last_frame_crc);
  CHECK(read.value().table_crc == header.table_crc);
  CHECK(read.value().table_offset() == kSegmentHeaderBytes + 500);
  CHECK(read.value().file_bytes() == kSegmentHeaderBytes + 520);
  CHECK_FALSE(decode_segment_header(bytes));
  CHECK_FALSE(decode_compact_header(encode_segment_header(header.segment)));
  CHECK_FALSE(decode_compact_header(bytes.substr(1)));
}

TEST_CASE("the header of a compact segment that contradicts itself is refused") {
  const auto is_refused = [](std::uint64_t end, std::uint64_t kept, std::uint64_t table) {
    CompactHeader header;
    header.segment.base = {77};
    header.end = {end};
    header.kept_bytes = kept;
    header.table_bytes = table;
    return !decode_compact_header(encode_compact_header(header));
  };
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  CHECK_FALSE(is_refused(78, 1, 2));
  CHECK(is_refused(77, 0, 0));
  CHECK(is_refused(76, 0, 0));
  CHECK(is_refused(78, 2, 2));
  CHECK(is_refused(kHuge, kHuge - 77, 2));
  CHECK(is_refused(78, 1, kHuge));
}

TEST_CASE("the header of a frame is read as it was written, with its file's salt only") {
  FrameHeader header = some_frame();
  std::array<char, kFrameHeaderBytes> bytes{};
  encode_frame_header(header, kSalt, bytes.data());
  const auto read = decode_frame_header({bytes.data(), bytes.size()}, kSalt);
  REQUIRE(read);
  CHECK(read->payload_bytes == header.payload_bytes);
  CHECK(read->records == header.records);
  CHECK(read->position == header.position);
  CHECK(read->durable == header.durable);
  CHECK(read->time_ms == header.time_ms);
  CHECK(read->previous_crc == header.previous_crc);
  CHECK(read->payload_crc == header.payload_crc);
  CHECK(read->header_crc == header.header_crc);
  CHECK_FALSE(decode_frame_header({bytes.data(), bytes.size()}, kSalt + 1));
}

TEST_CASE("a frame header with any one bit flipped is refused") {
  FrameHeader header = some_frame();
  std::string bytes(kFrameHeaderBytes, '\0');
  encode_frame_header(header, kSalt, bytes.data());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(decode_frame_header(flipped, kSalt));
  }
  CHECK_FALSE(decode_frame_header(bytes.substr(1), kSalt));
}

TEST_CASE("a frame header whose salt is lost is read without a look at its checksum") {
  FrameHeader header = some_frame();
  std::string bytes(kFrameHeaderBytes, '\0');
  encode_frame_header(header, kSalt, bytes.data());
  const auto read = decode_kept_frame_header(bytes + "and more");
  REQUIRE(read);
  CHECK(read->position == header.position);
  CHECK(read->time_ms == header.time_ms);
  CHECK(read->header_crc == header.header_crc);
  CHECK_FALSE(decode_kept_frame_header(bytes.substr(0, kFrameHeaderBytes - 1)));
  bytes[0] = 'r';
  CHECK_FALSE(decode_kept_frame_header(bytes));
}

TEST_CASE("frames end at a multiple of 8 bytes") {
  FrameHeader header = some_frame();
  CHECK(header.frame_bytes() == 1056);
  CHECK(header.end() == header.position + 1056);
  header.payload_bytes = 0;
  CHECK(header.frame_bytes() == kFrameHeaderBytes);
}

TEST_CASE("a segment's name is its position in 20 digits") {
  CHECK(segment_name({4096}) == "00000000000000004096.log");
  CHECK(parse_segment_name("00000000000000004096.log") == LogPosition{4096});
  CHECK(parse_segment_name("18446744073709551615.log") == LogPosition{18446744073709551615ULL});
  CHECK(compact_segment_name({4096}) == "00000000000000004096.compact");
  CHECK(parse_compact_segment_name("00000000000000004096.compact") == LogPosition{4096});
  CHECK_FALSE(parse_compact_segment_name("00000000000000004096.log"));
  for (const std::string_view name :
       {"", "4096.log", "00000000000000004096.compact", "00000000000000004096.log.new", "0000000000000000409a.log",
        "LOCK", "18446744073709551616.log", "-0000000000000004096.log"}) {
    CAPTURE(std::string(name));
    CHECK_FALSE(parse_segment_name(name));
  }
}
