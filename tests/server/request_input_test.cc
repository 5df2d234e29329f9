#include "server/request_input.h"

#include <cstring>
#include <random>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

struct Request {
  std::vector<std::string> arguments;
  bool last_in_block = false;

  bool operator==(const Request& other) const { return arguments == other.arguments; }
};

/// Feeds `stream` in pieces as a socket would and collects the requests.
std::vector<Request> feed(std::string_view stream, const std::vector<std::size_t>& pieces) {
  RequestInput input;
  RequestParser shared_parser;
  std::vector<char> shared(64 * 1024);
  std::vector<Request> requests;
  std::size_t piece = 0;
  while (!stream.empty()) {
    std::array<iovec, 2> vectors;
    const std::size_t count = input.room(vectors, shared);
    std::size_t wanted = std::min(pieces[piece++ % pieces.size()], stream.size());
    std::size_t read = 0;
    for (std::size_t i = 0; i < count && wanted != 0; ++i) {
      const std::size_t part = std::min(wanted, vectors[i].iov_len);
      std::memcpy(vectors[i].iov_base, stream.data(), part);
      stream.remove_prefix(part);
      wanted -= part;
      read += part;
    }
    auto to_parse = input.received(read, shared);
    if (!to_parse) continue;
    RequestParser& parser = input.parser(shared_parser);
    while (!to_parse->empty() && parser.parse(*to_parse, ParseLimits{}) == RequestParser::Status::request) {
      Request request;
      for (const std::string_view argument : parser.arguments().views()) request.arguments.emplace_back(argument);
      request.last_in_block = bool(parser.arguments().block(parser.arguments().size() - 1));
      requests.push_back(std::move(request));
      to_parse->remove_prefix(parser.consumed());
    }
    input.keep(*to_parse, shared_parser);
    input.begin_block();
  }
  REQUIRE(input.empty());
  CHECK(input.memory() == 0);
  return requests;
}

std::string encode(const std::vector<std::string>& arguments) {
  std::string bytes = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& argument : arguments) {
    bytes += "$" + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
  }
  return bytes;
}

}  // namespace

TEST_CASE("requests come out the same however the stream is cut") {
  std::string large(200'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7);
  const std::vector<std::vector<std::string>> sent = {
      {"PING"}, {"PUBLISH", "a", large}, {"PING"}, {"MSG", large, "small", large}, {"PUBLISH", "b", "c"}};
  std::string stream;
  std::vector<Request> expected;
  for (const auto& arguments : sent) {
    stream += encode(arguments);
    expected.push_back({arguments});
  }
  CHECK(feed(stream, {1}) == expected);
  CHECK(feed(stream, {65536}) == expected);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::size_t> pieces;
    for (int i = 0; i < 50; ++i) pieces.push_back(1 + random() % (round % 2 == 0 ? 100 : 100'000));
    REQUIRE(feed(stream, pieces) == expected);
  }
}

TEST_CASE("a large bulk string that arrives in pieces is read into a block of its own") {
  const std::vector<Request> requests = feed(encode({"PUBLISH", "a", std::string(3'000'000, 'x')}), {10'000});
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].last_in_block);
}

TEST_CASE("an announced length costs no memory by itself") {
  RequestInput input;
  RequestParser shared_parser;
  std::vector<char> shared(1024);
  const std::string_view announcement = "*2\r\n$4\r\nECHO\r\n$500000000\r\nx";
  std::memcpy(shared.data(), announcement.data(), announcement.size());
  const auto to_parse = input.received(announcement.size(), shared);
  REQUIRE(to_parse);
  REQUIRE(shared_parser.parse(*to_parse, ParseLimits{}) == RequestParser::Status::need_more);
  input.keep(*to_parse, shared_parser);
  input.begin_block();
  CHECK(input.memory() < 2'000'000);
}

TEST_CASE("arguments that were read into blocks count as memory until their request has been served") {
  RequestInput input;
  RequestParser shared_parser;
  std::vector<char> shared(64 * 1024);
  const auto receive = [&](std::string_view bytes) {
    std::memcpy(shared.data(), bytes.data(), bytes.size());
    const auto to_parse = input.received(bytes.size(), shared);
    RequestParser& parser = input.parser(shared_parser);
    CHECK(parser.parse(*to_parse, ParseLimits{}) == RequestParser::Status::need_more);
    input.keep(*to_parse, shared_parser);
    input.begin_block();
  };
  constexpr std::size_t kBlock = 100'000;
  receive("*1000000\r\n$4\r\nECHO\r\n$100000\r\n");
  for (std::size_t blocks = 1; blocks <= 20; ++blocks) {
    std::array<iovec, 2> vectors;
    REQUIRE(input.room(vectors, shared) == 2);
    REQUIRE(vectors[0].iov_len == kBlock + 2);
    const std::string_view next = "$100000\r\n";
    std::memcpy(shared.data(), next.data(), next.size());
    const auto to_parse = input.received(vectors[0].iov_len + next.size(), shared);
    REQUIRE(to_parse);
    REQUIRE(input.parser(shared_parser).parse(*to_parse, ParseLimits{}) == RequestParser::Status::need_more);
    input.keep(*to_parse, shared_parser);
    input.begin_block();
    REQUIRE(input.memory() > (blocks + 1) * kBlock);
    REQUIRE(input.memory() < (blocks + 2) * kBlock);
  }
}

TEST_CASE("what the parser notes of each argument counts as memory, and so does what it will hand out") {
  RequestInput input;
  RequestParser shared_parser;
  constexpr std::size_t kArguments = 10'000;
  std::string bytes = "*2147483647\r\n";
  for (std::size_t i = 0; i < kArguments; ++i) bytes += "$0\r\n\r\n";
  const auto to_parse = input.received(bytes.size(), bytes);
  REQUIRE(input.parser(shared_parser).parse(*to_parse, ParseLimits{}) == RequestParser::Status::need_more);
  input.keep(*to_parse, shared_parser);
  CHECK(input.memory() >= bytes.size() + kArguments * (2 * sizeof(std::size_t) + sizeof(std::string_view)));
}

TEST_CASE("a request that has been served holds no block while others wait behind it") {
  RequestInput input;
  RequestParser shared_parser;
  std::vector<char> shared(64 * 1024);
  const std::string header = "*2\r\n$4\r\nECHO\r\n$1000000\r\n";
  std::memcpy(shared.data(), header.data(), header.size());
  auto to_parse = input.received(header.size(), shared);
  REQUIRE(shared_parser.parse(*to_parse, ParseLimits{}) == RequestParser::Status::need_more);
  input.keep(*to_parse, shared_parser);
  input.begin_block();
  const std::string next = encode({"PING"});
  std::memcpy(shared.data(), next.data(), next.size());
  to_parse = input.received(1'000'002 + next.size(), shared);
  REQUIRE(to_parse);
  RequestParser& parser = input.parser(shared_parser);
  REQUIRE(parser.parse(*to_parse, ParseLimits{}) == RequestParser::Status::request);
  REQUIRE(parser.arguments()[1].size() == 1'000'000);
  CHECK(input.memory() > 1'000'000);
  // ECHO suspended its session.
  to_parse->remove_prefix(parser.consumed());
  input.keep(*to_parse, shared_parser);
  CHECK(input.kept() == next);
  CHECK(input.memory() < 100'000);
}

TEST_CASE("serving what waits request by request seldom moves the rest") {
  RequestInput input;
  RequestParser shared_parser;
  constexpr int kRequests = 10'000;
  const std::string ping = encode({"PING"});
  for (int i = 0; i < kRequests; ++i) input.hold(ping);
  int moves = 0;
  for (int i = 0; i < kRequests; ++i) {
    std::string_view to_parse = input.kept();
    RequestParser& parser = input.parser(shared_parser);
    REQUIRE(parser.parse(to_parse, ParseLimits{}) == RequestParser::Status::request);
    REQUIRE(parser.consumed() == ping.size());
    to_parse.remove_prefix(ping.size());
    const char* const before = to_parse.data();
    input.keep(to_parse, shared_parser);
    if (!input.empty() && input.kept().data() != before) ++moves;
  }
  CHECK(input.empty());
  CHECK(moves < 20);
}

TEST_CASE("a long pipeline that has been served but for its end leaves no large buffer behind") {
  RequestInput input;
  RequestParser shared_parser;
  const std::string ping = encode({"PING"});
  for (int i = 0; i < 10'000; ++i) input.hold(ping);
  input.hold("*1\r\n");
  std::string_view to_parse = input.kept();
  to_parse.remove_prefix(10'000 * ping.size());
  input.keep(to_parse, shared_parser);
  CHECK(input.kept() == "*1\r\n");
  CHECK(input.memory() < 2000);
}

TEST_CASE("a large bulk string behind a request that has been served is read into a block") {
  RequestInput input;
  RequestParser shared_parser;
  std::vector<char> shared(64 * 1024);
  const std::string ping = encode({"PING"});
  const std::string bulk(50'000, 'x');
  const std::string all = encode({"ECHO", bulk});
  input.hold(ping);
  input.hold(std::string_view(all).substr(0, 1000));
  // Most of what is kept is not served: it stays where it is.
  input.keep(input.kept().substr(ping.size()), shared_parser);
  REQUIRE(input.parser(shared_parser).parse(input.kept(), ParseLimits{}) == RequestParser::Status::need_more);
  input.keep(input.kept(), shared_parser);
  input.begin_block();
  std::array<iovec, 2> vectors;
  REQUIRE(input.room(vectors, shared) == 2);
  REQUIRE(vectors[0].iov_len == all.size() - 1000);
  std::memcpy(vectors[0].iov_base, all.data() + 1000, all.size() - 1000);
  const auto to_parse = input.received(all.size() - 1000, shared);
  REQUIRE(to_parse);
  REQUIRE(input.parser(shared_parser).parse(*to_parse, ParseLimits{}) == RequestParser::Status::request);
  CHECK(input.parser(shared_parser).arguments()[1] == bulk);
}

}  // namespace respublica
