#include "protocol/reply_parser.h"

#include <cmath>

#include "tests/support/catch.h"

namespace respublica {

namespace {

/// Parses exactly one reply, once whole and once byte by byte.
Reply parse(const std::string& bytes) {
  ReplyParser by_byte;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE(by_byte.parse(std::string_view(bytes).substr(0, size)) == ReplyParser::Status::need_more);
    REQUIRE(complete_reply_size(std::string_view(bytes).substr(0, size)) == std::nullopt);
  }
  REQUIRE(by_byte.parse(bytes) == ReplyParser::Status::reply);
  CHECK(by_byte.consumed() == bytes.size());

  const std::string followed = bytes + "+next\r\n";
  ReplyParser whole;
  REQUIRE(whole.parse(followed) == ReplyParser::Status::reply);
  CHECK(whole.consumed() == bytes.size());
  CHECK(complete_reply_size(followed) == bytes.size());
  CHECK(whole.reply().text == by_byte.reply().text);
  return std::move(whole.reply());
}

}  // namespace

TEST_CASE("simple replies are read") {
  CHECK(parse("+OK\r\n").text == "OK");
  CHECK(parse("+OK\r\n").type == Reply::Type::simple_string);
  CHECK(parse("-ERR no\r\n").is_error());
  CHECK(parse("-ERR no\r\n").text == "ERR no");
  CHECK(parse(":-42\r\n").integer == -42);
  CHECK(parse("$5\r\na\r\nbc\r\n").text == "a\r\nbc");
  CHECK(parse("$0\r\n\r\n").type == Reply::Type::bulk_string);
}

TEST_CASE("every null is a null") {
  for (const char* bytes : {"$-1\r\n", "*-1\r\n", "_\r\n"}) CHECK(parse(bytes).is_null());
}

TEST_CASE("RESP3 values are read") {
  CHECK(parse("#t\r\n").integer == 1);
  CHECK(parse("#f\r\n").type == Reply::Type::boolean);
  CHECK(parse(",1.5\r\n").number == 1.5);
  CHECK(std::isinf(parse(",-inf\r\n").number));
  CHECK(std::isnan(parse(",nan\r\n").number));
  CHECK(parse("(3492890328409238509324850943850943825024385\r\n").type == Reply::Type::big_number);
  CHECK(parse("=9\r\ntxt:a=1\r\n\r\n").text == "a=1\r\n");
  CHECK(parse("!5\r\nERR x\r\n").is_error());
  CHECK(parse("~1\r\n+a\r\n").type == Reply::Type::set);
  CHECK(parse(">1\r\n+a\r\n").type == Reply::Type::push);
}

TEST_CASE("aggregates hold their elements") {
  const Reply reply = parse("*3\r\n*2\r\n:1\r\n*0\r\n$1\r\na\r\n%1\r\n+k\r\n_\r\n");
  REQUIRE(reply.elements.size() == 3);
  CHECK(reply.elements[0].elements[0].integer == 1);
  CHECK(reply.elements[0].elements[1].elements.empty());
  CHECK(reply.elements[1].text == "a");
  CHECK(reply.elements[2].type == Reply::Type::map);
}

TEST_CASE("a map's values are found in both versions") {
  const Reply resp3 = parse("%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n+proto\r\n:3\r\n");
  REQUIRE(resp3.find("proto") != nullptr);
  CHECK(resp3.find("proto")->integer == 3);
  CHECK(resp3.find("role") == nullptr);
  CHECK(parse("*2\r\n$6\r\nserver\r\n$5\r\nredis\r\n").find("server")->text == "redis");
}

TEST_CASE("attributes are dropped") {
  CHECK(parse("|1\r\n+ttl\r\n:3600\r\n+OK\r\n").text == "OK");
  CHECK(parse("*2\r\n|1\r\n+ttl\r\n*1\r\n:1\r\n:7\r\n:8\r\n").elements[1].integer == 8);
}

TEST_CASE("what is no reply is an error") {
  for (const char* bytes : {"\r\n",
                            "x\r\n",
                            "+OK\n",
                            ":a\r\n",
                            ":01\r\n",
                            "#x\r\n",
                            ",x\r\n",
                            "_a\r\n",
                            "$-2\r\n",
                            "$a\r\n",
                            "$1\r\nabc",
                            "*-2\r\n",
                            "%-1\r\n",
                            "*2147483648\r\n",
                            "*9223372036854775807\r\n",
                            "$9223372036854775807\r\n",
                            "=3\r\ntxt\r\n",
                            "=4\r\ntxtx\r\n",
                            "*?\r\n",
                            "*2\r\n:1\r\n?\r\n"}) {
    CAPTURE(bytes);
    ReplyParser parser;
    CHECK(parser.parse(bytes) == ReplyParser::Status::error);
    CHECK_FALSE(parser.error().empty());
  }
}

TEST_CASE("replies that nest too deep are an error, and are skipped without trouble") {
  const auto nested = [](std::size_t depth) {
    std::string bytes;
    for (std::size_t i = 0; i < depth; ++i) bytes += "*1\r\n";
    return bytes + ":1\r\n";
  };
  ReplyParser parser;
  CHECK(parser.parse(nested(ReplyParser::kMaxDepth)) == ReplyParser::Status::reply);
  CHECK(parser.parse(nested(ReplyParser::kMaxDepth + 1)) == ReplyParser::Status::error);
  CHECK(parser.parse(nested(1000000)) == ReplyParser::Status::error);
  CHECK(complete_reply_size(nested(1000000)) == nested(1000000).size());
}

TEST_CASE("a scanner goes on where it stood") {
  const std::string reply = "*2\r\n$3\r\nabc\r\n>1\r\n:1\r\n";
  ReplyScanner scanner;
  for (std::size_t size = 0; size < reply.size(); ++size) {
    REQUIRE(scanner.scan(std::string_view(reply).substr(0, size)) == ReplyScanner::Status::need_more);
  }
  CHECK(scanner.scan(reply) == ReplyScanner::Status::complete);
  CHECK(scanner.size() == reply.size());
}

}  // namespace respublica
