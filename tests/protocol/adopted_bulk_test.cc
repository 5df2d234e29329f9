// Large bulk strings that bypass the input: RequestParser::wanted_bulk and adopt_bulk.
#include "tests/protocol/request_script.h"
#include "tests/support/catch.h"

namespace respublica {

namespace {

constexpr std::size_t kLarge = RequestParser::kLargeBulk;
constexpr std::string_view kStart = "*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n";

std::string header(std::size_t length) { return std::string(kStart) + "$" + std::to_string(length) + "\r\n"; }

SharedBytes block_of(std::size_t length, char fill) {
  SharedBytes block = SharedBytes::allocate(length + 2);
  std::fill(block.data(), block.data() + length + 2, fill);
  return block;
}

}  // namespace

TEST_CASE("a large bulk string is offered once its length is known") {
  RequestParser parser;
  const std::string input = header(kLarge);
  CHECK(parser.parse(input.substr(0, input.size() - 1), {}) == RequestParser::Status::need_more);
  CHECK(parser.wanted_bulk() == 0);
  CHECK(parser.parse(input, {}) == RequestParser::Status::need_more);
  CHECK(parser.wanted_bulk() == kLarge);
  CHECK(parser.bulk_start() == input.size());
}

TEST_CASE("a small bulk string is not offered") {
  RequestParser parser;
  CHECK(parser.parse(header(kLarge - 1), {}) == RequestParser::Status::need_more);
  CHECK(parser.wanted_bulk() == 0);
}

TEST_CASE("a large bulk string that is there in full is an argument like any other") {
  RequestParser parser;
  const std::string input = header(kLarge) + std::string(kLarge, 'x') + "\r\n";
  CHECK(parser.parse(input, {}) == RequestParser::Status::request);
  CHECK(parser.arguments()[2] == std::string(kLarge, 'x'));
  CHECK_FALSE(parser.arguments().block(2));
}

TEST_CASE("an adopted block becomes the argument and ends with CRLF") {
  RequestParser parser;
  const std::string input = header(kLarge);
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::need_more);
  SharedBytes block = block_of(kLarge, 'x');
  const char* const bytes = block.data();
  parser.adopt_bulk(std::move(block));
  CHECK(parser.wanted_bulk() == 0);

  REQUIRE(parser.parse(input, {}) == RequestParser::Status::request);
  CHECK(parser.consumed() == input.size());
  CHECK(parser.arguments()[1] == "news");
  CHECK(parser.arguments()[2].data() == bytes);
  CHECK(parser.arguments()[2] == std::string(kLarge, 'x'));
  CHECK(parser.arguments().block(2).view() == std::string(kLarge, 'x') + "\r\n");
  CHECK_FALSE(parser.arguments().block(0));
  CHECK_FALSE(parser.arguments().block(3));
}

TEST_CASE("what follows an adopted bulk string follows its header") {
  RequestParser parser;
  std::string input = "*4\r\n$4\r\nECHO\r\n$" + std::to_string(kLarge) + "\r\n";
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::need_more);
  parser.adopt_bulk(block_of(kLarge, 'a'));
  input += "$1\r\nm\r\n$" + std::to_string(kLarge + 1) + "\r\n";
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::need_more);
  CHECK(parser.bulk_start() == input.size());
  parser.adopt_bulk(block_of(kLarge + 1, 'b'));
  input += "PING\r\n";
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::request);
  CHECK(testing::describe(parser.arguments()) ==
        "[ECHO," + std::string(kLarge, 'a') + ",m," + std::string(kLarge + 1, 'b') + "]");
  CHECK(input.substr(parser.consumed()) == "PING\r\n");
  CHECK(parser.arguments().block(1).size() == kLarge + 2);
  CHECK_FALSE(parser.arguments().block(2));
  CHECK(parser.arguments().block(3).size() == kLarge + 3);
}

TEST_CASE("a request with an adopted block can be put back and comes again") {
  RequestParser parser;
  const std::string input = header(kLarge);
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::need_more);
  parser.adopt_bulk(block_of(kLarge, 'x'));
  REQUIRE(parser.parse(input, {}) == RequestParser::Status::request);
  parser.put_back();
  RequestParser moved = std::move(parser);
  const testing::ExactCopy copy(input);
  REQUIRE(moved.parse(copy.view(), {}) == RequestParser::Status::request);
  CHECK(testing::describe(moved.arguments()) == "[PUBLISH,news," + std::string(kLarge, 'x') + "]");
  CHECK(moved.consumed() == input.size());
  CHECK(moved.arguments().block(2));
}

TEST_CASE("the next request knows nothing of the blocks of the one before") {
  RequestParser parser;
  REQUIRE(parser.parse(header(kLarge), {}) == RequestParser::Status::need_more);
  parser.adopt_bulk(block_of(kLarge, 'x'));
  REQUIRE(parser.parse(header(kLarge), {}) == RequestParser::Status::request);
  const SharedBytes kept = parser.arguments().block(2);
  const std::string next = std::string(kStart) + "$1\r\ny\r\n";
  REQUIRE(parser.parse(next, {}) == RequestParser::Status::request);
  CHECK_FALSE(parser.arguments().block(2));
  CHECK(parser.arguments()[2] == "y");
  CHECK(kept.unique());
}

TEST_CASE("a script with large bulk strings reads the same with and without blocks") {
  std::string script = "PING\r\n";
  for (const std::size_t length : {kLarge, kLarge - 1, 2 * kLarge, std::size_t{3}}) {
    script += header(length) + std::string(length, 'x') + "\r\n";
    script += "*2\r\n$" + std::to_string(length) + "\r\n" + std::string(length, 'y') + "\r\n$1\r\nz\r\n";
  }
  const auto whole = testing::RequestScript(script, {}, {script.size()}).run();
  REQUIRE(whole.size() == 9);
  for (const std::size_t piece : {std::size_t{257}, std::size_t{16384}}) {
    CHECK(testing::RequestScript(script, {}, {piece}).run() == whole);
    CHECK(testing::RequestScript(script, {}, {piece, testing::Feeding::Blocks::yes}).run() == whole);
  }
}

}  // namespace respublica
