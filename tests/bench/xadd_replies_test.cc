#include "tools/bench/xadd_replies.h"

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

std::string complaint(std::string_view bytes) {
  const auto result = XaddReplies(0, 1).feed(bytes);
  return result ? "" : result.error().message;
}

}  // namespace

TEST_CASE("IDs are counted, fed whole and byte by byte") {
  constexpr std::string_view kReplies = "$3\r\n5-0\r\n$4\r\n5-10\r\n$3\r\n6-1\r\n";
  CHECK(XaddReplies(0, 1).feed(kReplies).value() == 3);
  XaddReplies by_byte(0, 1);
  std::size_t replies = 0;
  for (const char& byte : kReplies) {
    replies += by_byte.feed({&byte, 1}).value();
  }
  CHECK(replies == 3);
}

TEST_CASE("an ID that does not grow is an error that shows both") {
  CHECK(complaint("$3\r\n5-1\r\n$3\r\n5-1\r\n") ==
        "XADD must answer an ID greater than 5-1, got \"$3\\r\\n5-1\\r\\n\"");
  CHECK(complaint("$3\r\n5-1\r\n$3\r\n4-9\r\n") ==
        "XADD must answer an ID greater than 5-1, got \"$3\\r\\n4-9\\r\\n\"");
}

TEST_CASE("IDs grow on each channel by itself") {
  XaddReplies replies(1, 2);
  CHECK(replies.feed("$3\r\n9-0\r\n$3\r\n5-0\r\n$3\r\n9-1\r\n$3\r\n5-1\r\n").value() == 4);
  CHECK_FALSE(replies.feed("$3\r\n9-1\r\n").ok());
}

TEST_CASE("what is no ID is refused, as soon as it can be seen") {
  CHECK(complaint("-ERR no\r\n") == "XADD must answer an ID, got \"-ERR no\\r\\n\"");
  CHECK_FALSE(complaint(":1\r\n").empty());
  CHECK_FALSE(complaint("$-1\r\n$-1\r\n").empty());
  CHECK_FALSE(complaint("$4\r\n5-1\r\n").empty());
  CHECK_FALSE(complaint("$3\r\n5+1\r\n").empty());
  CHECK_FALSE(complaint("$4\r\n5-1x\r\n").empty());
  CHECK_FALSE(complaint("$" + std::string(100, '1')).empty());
  CHECK(complaint("$41\r\n18446744073709551615-1844674407370955161").empty());
}

}  // namespace respublica::bench
