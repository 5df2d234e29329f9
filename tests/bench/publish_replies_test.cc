#include "tools/bench/publish_replies.h"

#include "tests/support/catch.h"

namespace respublica::bench {

TEST_CASE("replies are counted, fed whole and byte by byte") {
  PublishReplies whole(0, {100});
  CHECK(whole.feed(":100\r\n:100\r\n:1").value() == 2);
  CHECK(whole.feed("00\r\n").value() == 1);
  PublishReplies by_byte(0, {100});
  std::size_t replies = 0;
  for (const char& byte : std::string_view(":100\r\n:100\r\n")) {
    replies += by_byte.feed({&byte, 1}).value();
  }
  CHECK(replies == 2);
}

TEST_CASE("another number of receivers is an error that shows both") {
  PublishReplies replies(0, {100});
  const auto result = replies.feed(":99\r\n");
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message == "PUBLISH must answer \":100\\r\\n\" (byte 0), got \":99\\r\\n\"");
}

TEST_CASE("an error reply is an error that shows it") {
  PublishReplies replies(0, {0});
  const auto result = replies.feed("-NOAUTH Authentication required.\r\n");
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message.find("NOAUTH Authentication required.") != std::string::npos);
}

TEST_CASE("channels with different numbers of subscribers are expected in the publisher's order") {
  PublishReplies replies(1, {4, 3, 2});
  CHECK(replies.feed(":3\r\n:2\r\n:4\r\n:3\r\n").value() == 4);
  CHECK_FALSE(replies.feed(":3\r\n").ok());
}

}  // namespace respublica::bench
