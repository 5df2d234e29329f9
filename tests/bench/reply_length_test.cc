#include "tools/bench/reply_length.h"

#include <string>

#include "tests/support/catch.h"

namespace respublica::bench {

TEST_CASE("a whole value has its length, whatever follows it; a cut one has none") {
  for (const std::string reply : {"+OK\r\n", "-ERR no\r\n", ":12\r\n", "$-1\r\n", "*-1\r\n", "$0\r\n\r\n",
                                  "$5\r\na\r\nbc\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "=5\r\ntxt:a\r\n", "*0\r\n",
                                  "*2\r\n:1\r\n*1\r\n$1\r\na\r\n", "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
                                  "|1\r\n+k\r\n+v\r\n:1\r\n", ">3\r\n+a\r\n$1\r\nb\r\n:1\r\n", "~1\r\n+x\r\n"}) {
    CAPTURE(reply);
    CHECK(reply_length(reply).value() == reply.size());
    CHECK(reply_length(reply + "+OK\r\n").value() == reply.size());
    for (std::size_t cut = 0; cut < reply.size(); ++cut) {
      CHECK_FALSE(reply_length(std::string_view(reply).substr(0, cut)).value().has_value());
    }
  }
}

TEST_CASE("what is no RESP is an error") {
  CHECK_FALSE(reply_length("HTTP/1.1 400 Bad Request\r\n").ok());
  CHECK_FALSE(reply_length("$x\r\n").ok());
  CHECK_FALSE(reply_length("*\r\n").ok());
}

}  // namespace respublica::bench
