#include "protocol/request_parser.h"

#include "tests/protocol/request_script.h"
#include "tests/support/catch.h"

namespace respublica {

namespace {

using namespace std::string_literals;

using Lines = std::vector<std::string>;

/// The outcome of a script, which must not depend on how it was cut into pieces.
Lines parse(const std::string& script, const ParseLimits& limits = {}) {
  using testing::Feeding;
  using testing::RequestScript;
  Lines whole = RequestScript(script, limits, Feeding{script.size() + 1}).run();
  CHECK(RequestScript(script, limits, Feeding{1}).run() == whole);
  CHECK(RequestScript(script, limits, Feeding{7}).run() == whole);
  return whole;
}

}  // namespace

TEST_CASE("a request is an array of bulk strings") {
  CHECK(parse("*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$5\r\nhello\r\n") == Lines{"[PUBLISH,news,hello]"});
}

TEST_CASE("pipelined requests come one after the other") {
  CHECK(parse("*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\na\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n") ==
        Lines{"[PING]", "[ECHO,a]", "[PING]", "[QUIT]"});
}

TEST_CASE("arguments may be empty and may hold any byte") {
  CHECK(parse("*3\r\n$0\r\n\r\n$3\r\n\0\xff\n\r\n$4\r\n\r\n*1\r\n"s) == Lines{"[,\0\xff\n,\r\n*1]"s});
}

TEST_CASE("a request that is cut short waits for the rest") {
  const std::string request = "*2\r\n$4\r\nECHO\r\n$2\r\nab\r\n";
  for (std::size_t size = 1; size < request.size(); ++size) {
    CHECK(parse(request.substr(0, size)) == Lines{std::to_string(size) + " bytes wait"});
  }
}

TEST_CASE("the bytes may move between two calls") {
  const std::string request = "*2\r\n$4\r\nECHO\r\n$2\r\nab\r\n";
  RequestParser parser;
  std::string first = request.substr(0, 18);
  CHECK(parser.parse(first, {}) == RequestParser::Status::need_more);
  std::fill(first.begin(), first.end(), '!');
  CHECK(parser.parse(request, {}) == RequestParser::Status::request);
  CHECK(parser.consumed() == request.size());
  CHECK(parser.arguments()[1].data() == request.data() + 18);
}

TEST_CASE("empty requests are skipped silently") {
  CHECK(parse("\r\n\n*0\r\n*-1\r\n*-7\r\n \t\r\n*1\r\n$4\r\nPING\r\n\n") == Lines{"[PING]"});
}

TEST_CASE("what stands behind a bulk string and behind CR is not verified") {
  CHECK(parse("*1\rx$4\r!PING??*1\r\n$4\r\nPING\r\n") == Lines{"[PING]", "[PING]"});
}

TEST_CASE("a bad number of arguments is a protocol error") {
  const Lines refused{"error: Protocol error: invalid multibulk length"};
  for (const char* count : {"", "a", "01", "+1", "-0", " 1", "1 ", "1a", "2147483648", "9223372036854775808",
                            "18446744073709551615", "18446744073709551617", "-9223372036854775809"}) {
    CAPTURE(count);
    CHECK(parse("*" + std::string(count) + "\r\n") == refused);
  }
}

TEST_CASE("the largest number of arguments is believed, but costs nothing until they come") {
  CHECK(parse("*2147483647\r\n$1\r\na\r\n") == Lines{"20 bytes wait"});
}

TEST_CASE("a bad bulk string length is a protocol error") {
  const Lines refused{"error: Protocol error: invalid bulk length"};
  for (const char* length : {"", "a", "01", "+1", "-1", "-0", " 1", "1 ", "536870913", "4294967297",
                             "9223372036854775807", "18446744073709551615", "18446744073709551617"}) {
    CAPTURE(length);
    CHECK(parse("*1\r\n$" + std::string(length) + "\r\na\r\n") == refused);
  }
  CHECK(parse("*1\r\n$536870912\r\n") == Lines{"16 bytes wait"});
}

TEST_CASE("a bulk string longer than the setting allows is a protocol error") {
  ParseLimits limits;
  limits.max_bulk = 3;
  CHECK(parse("*1\r\n$3\r\nabc\r\n", limits) == Lines{"[abc]"});
  CHECK(parse("*1\r\n$4\r\nabcd\r\n", limits) == Lines{"error: Protocol error: invalid bulk length"});
}

TEST_CASE("an argument that is no bulk string is a protocol error") {
  CHECK(parse("*1\r\n:1\r\n") == Lines{"error: Protocol error: expected '$', got ':'"});
  CHECK(parse("*2\r\n$1\r\na\r\nPING\r\n") == Lines{"error: Protocol error: expected '$', got 'P'"});
  CHECK(parse("*1\r\n\r\n") == Lines{"error: Protocol error: expected '$', got '\r'"});
}

TEST_CASE("requests before the error are served") {
  CHECK(parse("PING\r\n*1\r\n$4\r\nPING\r\n*x\r\nPING\r\n") ==
        Lines{"[PING]", "[PING]", "error: Protocol error: invalid multibulk length"});
}

TEST_CASE("a header line must end within 64 KiB") {
  const std::string digits(ParseLimits::kMaxInline + 1, '1');
  CHECK(testing::RequestScript("*" + digits, {}, {4096}).run() ==
        Lines{"error: Protocol error: too big mbulk count string"});
  CHECK(testing::RequestScript("*1\r\n$" + digits, {}, {4096}).run() ==
        Lines{"error: Protocol error: too big bulk count string"});
  const std::string longest = digits.substr(2);
  CHECK(testing::RequestScript("*" + longest, {}, {4096}).run() == Lines{"65536 bytes wait"});
  CHECK(testing::RequestScript("*" + longest + "\r\n", {}, {4096}).run() ==
        Lines{"error: Protocol error: invalid multibulk length"});
}

TEST_CASE("an inline request must end within 64 KiB") {
  const std::string longest(ParseLimits::kMaxInline, 'a');
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1000}}) {
    CHECK(testing::RequestScript(longest + "\n", {}, {piece}).run() == Lines{"[" + longest + "]"});
    CHECK(testing::RequestScript(longest, {}, {piece}).run() == Lines{"65536 bytes wait"});
    CHECK(testing::RequestScript(longest + "a\n", {}, {piece}).run() ==
          Lines{"error: Protocol error: too big inline request"});
    CHECK(testing::RequestScript(longest + "a", {}, {piece}).run() ==
          Lines{"error: Protocol error: too big inline request"});
  }
}

TEST_CASE("before authentication ten arguments of 16 KiB are the most") {
  ParseLimits limits;
  limits.authenticated = Authenticated::no;
  CHECK(parse("*10\r\n", limits) == Lines{"5 bytes wait"});
  CHECK(parse("*11\r\n", limits) == Lines{"error: Protocol error: unauthenticated multibulk length"});
  CHECK(parse("*1\r\n$16384\r\n", limits) == Lines{"12 bytes wait"});
  CHECK(parse("*1\r\n$16385\r\n", limits) == Lines{"error: Protocol error: unauthenticated bulk length"});
  CHECK(parse("*1\r\n$4\r\nPING\r\n*11\r\n", limits) ==
        Lines{"[PING]", "error: Protocol error: unauthenticated multibulk length"});
  const std::string whole = "*1\r\n$16385\r\n" + std::string(16385, 'a') + "\r\n";
  CHECK(testing::RequestScript(whole, limits, {whole.size()}).run() ==
        Lines{"error: Protocol error: unauthenticated bulk length"});
}

TEST_CASE("the header of a web request closes the connection without a word") {
  CHECK(parse("POST / HTTP/1.1\r\n") == Lines{"close"});
  CHECK(parse("PING\r\nhost: localhost\r\nPING\r\n") == Lines{"[PING]", "close"});
  CHECK(parse("*2\r\n$4\r\npOsT\r\n$1\r\n/\r\n") == Lines{"close"});
  CHECK(parse("*1\r\n$5\r\nHost:\r\n") == Lines{"close"});
  CHECK(parse("POSTS\r\nHost\r\nGET post\r\n") == Lines{"[POSTS]", "[Host]", "[GET,post]"});
}

TEST_CASE("a request of very many arguments is read in pieces, each byte once") {
  std::string request = "*200000\r\n";
  for (int i = 0; i < 200000; ++i) request += "$1\r\na\r\n";
  RequestParser parser;
  for (std::size_t size = 16384; size < request.size(); size += 16384) {
    REQUIRE(parser.parse({request.data(), size}, {}) == RequestParser::Status::need_more);
  }
  REQUIRE(parser.parse(request, {}) == RequestParser::Status::request);
  CHECK(parser.arguments().size() == 200000);
  CHECK(parser.arguments()[199999] == "a");
  CHECK(parser.consumed() == request.size());
}

TEST_CASE("a parser that was reset begins anew") {
  RequestParser parser;
  CHECK(parser.parse("*2\r\n$4\r\nEC", {}) == RequestParser::Status::need_more);
  parser.reset();
  CHECK(parser.parse("*1\r\n$4\r\nPING\r\n", {}) == RequestParser::Status::request);
  CHECK(testing::describe(parser.arguments()) == "[PING]");
}

TEST_CASE("a request that was put back comes again") {
  const std::string input = "*1\r\n$4\r\nPING\r\nQUIT\r\n";
  RequestParser parser;
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::request);
  parser.put_back();
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::request);
  CHECK(testing::describe(parser.arguments()) == "[PING]");
  CHECK(parser.consumed() == 14);
}

}  // namespace respublica
