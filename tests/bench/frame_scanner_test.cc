#include "tools/bench/frame_scanner.h"

#include <vector>

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kPayload = 64;

MessageShape shape(ProtocolVersion version = ProtocolVersion::resp2) {
  return MessageShape::delivery(version, "channel:000001", kPayload);
}

std::string frame(const MessageShape& shape, std::uint64_t sequence) {
  PayloadStamp stamp;
  stamp.publisher = 3;
  stamp.sequence = sequence;
  std::string bytes(shape.header());
  std::string payload(shape.payload_size(), kPadding);
  write_stamp(stamp, payload.data());
  return bytes + payload + "\r\n";
}

std::vector<std::uint64_t> scan(FrameScanner& scanner, std::string_view bytes) {
  std::vector<std::uint64_t> sequences;
  const auto result = scanner.feed(bytes, [&](const PayloadStamp& stamp) { sequences.push_back(stamp.sequence); });
  CHECK(result.ok());
  return sequences;
}

}  // namespace

TEST_CASE("a delivery has the bytes that Redis sends") {
  CHECK(shape().header() == "*3\r\n$7\r\nmessage\r\n$14\r\nchannel:000001\r\n$64\r\n");
  CHECK(shape(ProtocolVersion::resp3).header() == ">3\r\n$7\r\nmessage\r\n$14\r\nchannel:000001\r\n$64\r\n");
  CHECK(shape().frame_size() == frame(shape(), 0).size());
}

TEST_CASE("frames that come together are all found, in order") {
  const MessageShape expected = shape();
  FrameScanner scanner(expected, PaddingCheck::every_byte);
  CHECK(scan(scanner, frame(expected, 5) + frame(expected, 6) + frame(expected, 7)) ==
        std::vector<std::uint64_t>{5, 6, 7});
  CHECK(scanner.at_boundary());
}

TEST_CASE("a stream cut into reads of any size has the same frames") {
  const MessageShape expected = shape();
  const std::string stream = frame(expected, 1) + frame(expected, 2) + frame(expected, 3);
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    FrameScanner scanner(expected, PaddingCheck::every_byte);
    std::vector<std::uint64_t> found;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      for (const std::uint64_t sequence : scan(scanner, std::string_view(stream).substr(at, size))) {
        found.push_back(sequence);
      }
    }
    CHECK(found == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(scanner.at_boundary());
  }
}

TEST_CASE("a wrong byte anywhere but in the stamp's numbers is an error, fed whole and byte by byte") {
  const MessageShape expected = shape();
  const std::string right = frame(expected, 1);
  const std::size_t numbers_begin = expected.header().size() + sizeof(std::uint32_t);
  const std::size_t numbers_end = expected.header().size() + kStampSize;
  for (std::size_t at = 0; at < right.size(); ++at) {
    if (at >= numbers_begin && at < numbers_end) {
      continue;
    }
    std::string wrong = right;
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    FrameScanner whole(expected, PaddingCheck::every_byte);
    CHECK_FALSE(whole.feed(wrong, [](const PayloadStamp&) {}).ok());
    FrameScanner by_byte(expected, PaddingCheck::every_byte);
    bool failed = false;
    for (const char& byte : wrong) {
      failed = failed || !by_byte.feed({&byte, 1}, [](const PayloadStamp&) {}).ok();
    }
    CHECK(failed);
  }
}

TEST_CASE("the cheap check of the padding sees its end") {
  const MessageShape expected = shape();
  std::string wrong = frame(expected, 1);
  wrong[wrong.size() - 3] = 'y';
  FrameScanner scanner(expected, PaddingCheck::last_bytes);
  CHECK_FALSE(scanner.feed(wrong, [](const PayloadStamp&) {}).ok());
}

TEST_CASE("the error shows what came and what was expected") {
  const MessageShape expected = shape();
  FrameScanner scanner(expected, PaddingCheck::last_bytes);
  const auto result = scanner.feed("-ERR no\r\n", [](const PayloadStamp&) {});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message.find("\"-ERR no\\r\\n\"") != std::string::npos);
  CHECK(result.error().message.find("channel:000001") != std::string::npos);
}

TEST_CASE("a payload that is only a stamp is a frame too") {
  const MessageShape expected = MessageShape::delivery(ProtocolVersion::resp3, "c", kStampSize);
  FrameScanner scanner(expected, PaddingCheck::every_byte);
  const std::string stream = frame(expected, 9) + frame(expected, 10);
  CHECK(scan(scanner, stream) == std::vector<std::uint64_t>{9, 10});
}

}  // namespace respublica::bench
