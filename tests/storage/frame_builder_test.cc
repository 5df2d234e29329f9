#include "storage/frame_builder.h"

#include <string_view>

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

TEST_CASE("records gather behind room for the header, and each place is told") {
  FrameBuilder frame;
  CHECK(frame.empty());
  CHECK(frame.size() == kFrameHeaderBytes);
  CHECK(frame.add(ChannelRecord{{1}, "a"}) == kFrameHeaderBytes);
  const std::uint64_t second = frame.add(ChannelRecord{{2}, "b"});
  CHECK(frame.records() == 2);
  Record record;
  const RecordRead read = read_record(std::string_view(frame.bytes()).substr(second), record);
  CHECK(read.status == RecordRead::Status::whole);
  CHECK(second + read.bytes == frame.size());
  CHECK(record.channel.name == "b");
}

TEST_CASE("a frame that is cleared is empty") {
  FrameBuilder frame;
  frame.add(ChannelRecord{{1}, "a"});
  frame.clear();
  CHECK(frame.empty());
  CHECK(frame.size() == kFrameHeaderBytes);
  CHECK(frame.add(ChannelRecord{{1}, "a"}) == kFrameHeaderBytes);
}

}  // namespace
}  // namespace respublica::test
