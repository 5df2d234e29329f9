#include "broker/stream_id.h"

#include "tests/support/catch.h"

using respublica::kMaxStreamId;
using respublica::kMinStreamId;
using respublica::parse_stream_id;
using respublica::StreamId;

TEST_CASE("an ID is written as it is read") {
  for (const StreamId id : {kMinStreamId, StreamId{1526919030474, 55}, StreamId{0, 1}, kMaxStreamId}) {
    CHECK(parse_stream_id(format_stream_id(id), 7) == id);
  }
  CHECK(format_stream_id(kMaxStreamId) == "18446744073709551615-18446744073709551615");
}

TEST_CASE("an ID without a sequence takes the one that is given") {
  CHECK(parse_stream_id("12", 0) == StreamId{12, 0});
  CHECK(parse_stream_id("12", 9) == StreamId{12, 9});
}

TEST_CASE("what is no ID is refused") {
  for (const std::string_view text : {"", "-", "1-", "-1", "1-2-3", "a", "1-a", " 1", "1 ", "+1", "1-+2", "1--2", "*",
                                      "18446744073709551616", "1-18446744073709551616"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_stream_id(text, 0));
  }
}

TEST_CASE("IDs are ordered by time, then by sequence") {
  CHECK(StreamId{1, 9} < StreamId{2, 0});
  CHECK(StreamId{2, 0} < StreamId{2, 1});
}

TEST_CASE("the neighbours of an ID carry over, and end at both ends") {
  CHECK(StreamId{1, 1}.next() == StreamId{1, 2});
  CHECK(StreamId{1, kMaxStreamId.seq}.next() == StreamId{2, 0});
  CHECK_FALSE(kMaxStreamId.next());
  CHECK(StreamId{1, 1}.previous() == StreamId{1, 0});
  CHECK(StreamId{1, 0}.previous() == StreamId{0, kMaxStreamId.seq});
  CHECK_FALSE(kMinStreamId.previous());
}
