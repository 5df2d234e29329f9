#include "tools/bench/publish_batch.h"

#include "tests/support/catch.h"
#include "tools/bench/message_shape.h"

namespace respublica::bench {

namespace {

PayloadStamp first_stamp(std::uint32_t publisher, std::uint64_t sequence, std::int64_t sent_ns) {
  PayloadStamp stamp;
  stamp.publisher = publisher;
  stamp.sequence = sequence;
  stamp.sent_ns = sent_ns;
  return stamp;
}

}  // namespace

TEST_CASE("a batch is that many PUBLISH commands with growing stamps") {
  PublishBatch batch(WriteCommand::publish, 1, 64, 4);
  const std::string_view bytes = batch.prepare(4, first_stamp(7, 100, 5000), 10);
  const MessageShape shape = MessageShape::publish("channel:000000", 64);
  CHECK(shape.header() == "*3\r\n$7\r\nPUBLISH\r\n$14\r\nchannel:000000\r\n$64\r\n");
  REQUIRE(bytes.size() == 4 * shape.frame_size());
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string_view command = bytes.substr(i * shape.frame_size(), shape.frame_size());
    CHECK(command.substr(0, shape.header().size()) == shape.header());
    CHECK(command.substr(command.size() - 3) == "x\r\n");
    const PayloadStamp stamp = read_stamp(command.data() + shape.header().size());
    CHECK(stamp.magic == PayloadStamp::kMagic);
    CHECK(stamp.publisher == 7);
    CHECK(stamp.sequence == 100 + i);
    CHECK(stamp.sent_ns == 5000 + static_cast<std::int64_t>(i) * 10);
  }
}

TEST_CASE("a batch of XADDs has the same payloads") {
  PublishBatch batch(WriteCommand::xadd, 1, 64, 2);
  const std::string_view bytes = batch.prepare(2, first_stamp(7, 100, 5000), 0);
  const MessageShape shape = MessageShape::xadd("channel:000000", 64);
  CHECK(shape.header() == "*5\r\n$4\r\nXADD\r\n$14\r\nchannel:000000\r\n$1\r\n*\r\n$7\r\npayload\r\n$64\r\n");
  REQUIRE(bytes.size() == 2 * shape.frame_size());
  const std::string_view second = bytes.substr(shape.frame_size());
  CHECK(second.substr(0, shape.header().size()) == shape.header());
  CHECK(read_stamp(second.data() + shape.header().size()).sequence == 101);
}

TEST_CASE("a shorter batch is the beginning of a full one") {
  PublishBatch batch(WriteCommand::publish, 1, 24, 8);
  const std::size_t full = batch.prepare(8, first_stamp(0, 0, 0), 0).size();
  CHECK(batch.prepare(2, first_stamp(0, 8, 0), 0).size() == full / 4);
}

TEST_CASE("several channels are served in turns") {
  PublishBatch batch(WriteCommand::publish, 3, 24, 4);
  const std::string_view bytes = batch.prepare(4, first_stamp(1, 4, 0), 0);
  std::string channels;
  for (std::size_t at = bytes.find("channel:"); at != std::string_view::npos; at = bytes.find("channel:", at + 1)) {
    channels += std::string(bytes.substr(at, 14)) + " ";
  }
  CHECK(channels == "channel:000002 channel:000000 channel:000001 channel:000002 ");
}

}  // namespace respublica::bench
