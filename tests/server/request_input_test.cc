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

}  // namespace respublica
