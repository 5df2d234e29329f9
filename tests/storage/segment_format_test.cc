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
  for (const std::string_view name : {"", "4096.log", "00000000000000004096.log.new", "0000000000000000409a.log",
                                      "LOCK", "18446744073709551616.log", "-0000000000000004096.log"}) {
    CAPTURE(std::string(name));
    CHECK_FALSE(parse_segment_name(name));
  }
}
