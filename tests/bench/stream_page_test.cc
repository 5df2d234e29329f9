#include "tools/bench/stream_page.h"

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

const std::string kEntries =
    "$1\r\nc\r\n*2\r\n*2\r\n$3\r\n5-0\r\n*2\r\n$7\r\npayload\r\n$2\r\nab\r\n"
    "*2\r\n$3\r\n5-1\r\n*2\r\n$7\r\npayload\r\n$0\r\n\r\n";

std::string complaint(const std::string& reply) {
  const auto entries = entries_of(reply, "c");
  return entries ? "" : entries.error().message;
}

}  // namespace

TEST_CASE("the entries of a reply are read, in both versions of the protocol") {
  for (const char* begin : {"*1\r\n*2\r\n", "%1\r\n"}) {
    const std::string reply = begin + kEntries;
    const auto entries = entries_of(reply, "c").value();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].id == "5-0");
    CHECK(entries[0].payload == "ab");
    CHECK(entries[1].id == "5-1");
    CHECK(entries[1].payload.empty());
  }
}

TEST_CASE("a null reply has no entries") {
  CHECK(entries_of("*-1\r\n", "c").value().empty());
  CHECK(entries_of("_\r\n", "c").value().empty());
}

TEST_CASE("a reply that is cut anywhere is an error") {
  const std::string reply = "*1\r\n*2\r\n" + kEntries;
  for (std::size_t size = 0; size < reply.size(); ++size) {
    CHECK_FALSE(complaint(reply.substr(0, size)).empty());
  }
  CHECK_FALSE(complaint(reply + "x").empty());
}

TEST_CASE("another channel, another field and an error reply are errors") {
  CHECK_FALSE(entries_of("*1\r\n*2\r\n" + kEntries, "d").ok());
  CHECK_FALSE(complaint("*1\r\n*2\r\n$1\r\nc\r\n*1\r\n*2\r\n$3\r\n5-0\r\n*2\r\n$1\r\nf\r\n$2\r\nab\r\n").empty());
  CHECK(complaint("-ERR no\r\n") ==
        "not the entries of c: byte 0 of the reply to XREAD is wrong, before \"-ERR no\\r\\n\"");
}

}  // namespace respublica::bench
