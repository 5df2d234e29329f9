#include "protocol/reply_encoder.h"

#include <cmath>
#include <functional>
#include <limits>

#include "tests/support/catch.h"

namespace respublica {

namespace {

std::string encode(ProtocolVersion version, const std::function<void(ReplyEncoder&)>& write) {
  std::string out = "|";
  ReplyEncoder encoder(out, version);
  write(encoder);
  return out.substr(1);
}

std::string resp2(const std::function<void(ReplyEncoder&)>& write) { return encode(ProtocolVersion::resp2, write); }
std::string resp3(const std::function<void(ReplyEncoder&)>& write) { return encode(ProtocolVersion::resp3, write); }

void check_both(const std::string& bytes, const std::function<void(ReplyEncoder&)>& write) {
  CHECK(resp2(write) == bytes);
  CHECK(resp3(write) == bytes);
}

}  // namespace

TEST_CASE("simple strings, integers and arrays are alike in both versions") {
  check_both("+OK\r\n", [](ReplyEncoder& reply) { reply.ok(); });
  check_both("+PONG\r\n", [](ReplyEncoder& reply) { reply.simple_string("PONG"); });
  check_both(":0\r\n", [](ReplyEncoder& reply) { reply.integer(0); });
  check_both(":9\r\n", [](ReplyEncoder& reply) { reply.integer(9); });
  check_both(":10\r\n", [](ReplyEncoder& reply) { reply.integer(10); });
  check_both(":-1\r\n", [](ReplyEncoder& reply) { reply.integer(-1); });
  check_both(":-9223372036854775808\r\n",
             [](ReplyEncoder& reply) { reply.integer(std::numeric_limits<std::int64_t>::min()); });
  check_both("*0\r\n", [](ReplyEncoder& reply) { reply.array(0); });
  check_both("*12\r\n", [](ReplyEncoder& reply) { reply.array(12); });
}

TEST_CASE("bulk strings carry any bytes") {
  check_both("$0\r\n\r\n", [](ReplyEncoder& reply) { reply.bulk_string(""); });
  check_both("$4\r\na\r\nb\r\n", [](ReplyEncoder& reply) { reply.bulk_string("a\r\nb"); });
  check_both("$3\r\n-12\r\n", [](ReplyEncoder& reply) { reply.bulk_integer(-12); });
  check_both("$20\r\n-9223372036854775808\r\n",
             [](ReplyEncoder& reply) { reply.bulk_integer(std::numeric_limits<std::int64_t>::min()); });
}

TEST_CASE("an error is one line whatever its sentence holds") {
  check_both("-ERR syntax error\r\n", [](ReplyEncoder& reply) { reply.error("ERR syntax error"); });
  check_both("-ERR a  b c\r\n", [](ReplyEncoder& reply) { reply.error("ERR a\r\nb\nc"); });
}

TEST_CASE("nulls have a form of their own in each version") {
  CHECK(resp2([](ReplyEncoder& reply) { reply.null(); }) == "$-1\r\n");
  CHECK(resp2([](ReplyEncoder& reply) { reply.null_array(); }) == "*-1\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.null(); }) == "_\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.null_array(); }) == "_\r\n");
}

TEST_CASE("maps, sets and pushes are arrays for RESP2") {
  CHECK(resp2([](ReplyEncoder& reply) { reply.map(7); }) == "*14\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.map(7); }) == "%7\r\n");
  CHECK(resp2([](ReplyEncoder& reply) { reply.set(2); }) == "*2\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.set(2); }) == "~2\r\n");
  CHECK(resp2([](ReplyEncoder& reply) { reply.push(3); }) == "*3\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.push(3); }) == ">3\r\n");
}

TEST_CASE("booleans are numbers for RESP2") {
  CHECK(resp2([](ReplyEncoder& reply) { reply.boolean(true); }) == ":1\r\n");
  CHECK(resp2([](ReplyEncoder& reply) { reply.boolean(false); }) == ":0\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.boolean(true); }) == "#t\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.boolean(false); }) == "#f\r\n");
}

TEST_CASE("doubles are bulk strings for RESP2") {
  CHECK(resp2([](ReplyEncoder& reply) { reply.double_value(1.5); }) == "$3\r\n1.5\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(1.5); }) == ",1.5\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(3); }) == ",3\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(0.1); }) == ",0.10000000000000001\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(-1e300); }) == ",-1.0000000000000001e+300\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(HUGE_VAL); }) == ",inf\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(-HUGE_VAL); }) == ",-inf\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.double_value(-std::nan("")); }) == ",nan\r\n");
}

TEST_CASE("verbatim strings are bulk strings for RESP2") {
  CHECK(resp2([](ReplyEncoder& reply) { reply.verbatim("txt", "a=1\r\n"); }) == "$5\r\na=1\r\n\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.verbatim("txt", "a=1\r\n"); }) == "=9\r\ntxt:a=1\r\n\r\n");
  CHECK(resp3([](ReplyEncoder& reply) { reply.verbatim("txt", ""); }) == "=4\r\ntxt:\r\n");
}

}  // namespace respublica
