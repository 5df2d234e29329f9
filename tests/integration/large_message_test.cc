// Large payloads: read straight into the block that subscribers share, in whatever pieces they come.

#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// Sends `bytes` in pieces of random sizes and makes sure, with `other` on the same io thread, that the broker sees
/// them one by one.
void send_in_pieces(RawClient& client, std::string_view bytes, RawClient& other, unsigned seed) {
  std::mt19937 random(seed);
  while (!bytes.empty()) {
    // Pieces of all magnitudes: 1 byte to 128 KB.
    const std::size_t most = std::size_t{1} << (random() % 18);
    const std::size_t size = std::min(bytes.size(), 1 + random() % most);
    client.send(bytes.substr(0, size));
    bytes.remove_prefix(size);
    REQUIRE(other.call({"PING"}) == "+PONG\r\n");
  }
}

std::vector<std::string> without_limits() {
  return {"--io-threads", "1", "--client-output-buffer-limit", "pubsub 0 0 0"};
}

}  // namespace

TEST_CASE("a binary payload of 1 MB reaches every kind of subscriber whole") {
  RunningServer server({"--io-threads", "4"});
  const std::string payload = random_bytes(1 << 20, 1);
  RawClient plain(server.port());
  RawClient pattern(server.port());
  RawClient shard(server.port());
  RawClient pushed(server.port());
  plain.call({"SUBSCRIBE", "news"});
  pattern.call({"PSUBSCRIBE", "n*"});
  shard.call({"SSUBSCRIBE", "news"});
  pushed.call({"HELLO", "3"});
  pushed.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  CHECK(publisher.call({"PUBLISH", "news", payload}) == ":3\r\n");
  CHECK(publisher.call({"SPUBLISH", "news", payload}) == ":1\r\n");
  CHECK(plain.read_reply() == message("news", payload));
  CHECK(pattern.read_reply() == pattern_message("n*", "news", payload));
  CHECK(shard.read_reply() == shard_message("news", payload));
  CHECK(pushed.read_reply() == as_push(message("news", payload)));
}

TEST_CASE("a payload of 100 MB from a slow sender arrives whole") {
  RunningServer server(without_limits());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  RawClient other(server.port());
  const std::string payload = random_bytes(100 << 20, 2);
  const std::string asking = request({"PUBLISH", "news", payload});
  for (std::size_t i = 0; i < 200; ++i) {
    publisher.send(std::string_view(asking).substr(i, 1));
    REQUIRE(other.call({"PING"}) == "+PONG\r\n");
  }
  publisher.send(std::string_view(asking).substr(200, asking.size() - 202));
  REQUIRE(other.call({"PING"}) == "+PONG\r\n");
  publisher.send("\r");
  REQUIRE(other.call({"PING"}) == "+PONG\r\n");
  publisher.send("\n");
  CHECK(publisher.read_reply() == ":1\r\n");
  const std::string expected = message("news", payload);
  // Not CHECK(a == b): nobody wants to see 100 MB.
  CHECK((subscriber.read_bytes(expected.size()) == expected));
}

TEST_CASE("a pipeline with large arguments is understood however it is cut") {
  const unsigned seed = GENERATE(range(1U, 9U));
  CAPTURE(seed);
  RunningServer server(without_limits());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient client(server.port());
  RawClient other(server.port());
  const std::string big = random_bytes(100'000, seed);
  const std::string bigger = random_bytes(1'500'000, seed + 100);
  const std::string edge = random_bytes(32 * 1024, seed + 200);
  std::string asking;
  std::string answered;
  std::string heard;
  const auto ask = [&](std::initializer_list<std::string_view> words, const std::string& answer) {
    asking += request(words);
    answered += answer;
  };
  ask({"PING"}, "+PONG\r\n");
  ask({"PUBLISH", "news", "small"}, ":1\r\n");
  ask({"PUBLISH", "news", big}, ":1\r\n");
  ask({"PUBLISH", "news", "small"}, ":1\r\n");
  ask({"ECHO", bigger}, bulk(bigger));
  asking += "PING\r\n\r\n*0\r\n";
  answered += "+PONG\r\n";
  ask({"PUBLISH", "news", edge}, ":1\r\n");
  ask({"PUBLISH", big, bigger}, ":0\r\n");
  ask({"MULTI"}, "+OK\r\n");
  ask({"PUBLISH", "news", bigger}, "+QUEUED\r\n");
  ask({"ECHO", edge}, "+QUEUED\r\n");
  ask({"PUBLISH", "news", "small"}, "+QUEUED\r\n");
  ask({"EXEC"}, "*3\r\n:1\r\n" + bulk(edge) + ":1\r\n");
  ask({"PING"}, "+PONG\r\n");
  for (const std::string& payload :
       {std::string("small"), big, std::string("small"), edge, bigger, std::string("small")}) {
    heard += message("news", payload);
  }
  send_in_pieces(client, asking, other, seed);
  CHECK((client.read_bytes(answered.size()) == answered));
  CHECK((subscriber.read_bytes(heard.size()) == heard));
  CHECK(client.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("a large payload that CLIENT PAUSE holds back arrives whole after CLIENT UNPAUSE") {
  const unsigned seed = GENERATE(range(1U, 5U));
  RunningServer server(without_limits());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  RawClient other(server.port());
  const std::string payload = random_bytes(1 << 20, 5);
  CHECK(other.call({"CLIENT", "PAUSE", "600000", "WRITE"}) == "+OK\r\n");
  send_in_pieces(publisher,
                 request({"PING"}) + request({"PUBLISH", "news", payload}) + request({"PUBLISH", "news", "small"}) +
                     request({"PUBLISH", "news", payload}) + request({"PING"}),
                 other, seed);
  CHECK(publisher.read_reply() == "+PONG\r\n");
  CHECK(other.call({"CLIENT", "UNPAUSE"}) == "+OK\r\n");
  for (const char* answer : {":1\r\n", ":1\r\n", ":1\r\n", "+PONG\r\n"}) CHECK(publisher.read_reply() == answer);
  CHECK((subscriber.read_reply() == message("news", payload)));
  CHECK(subscriber.read_reply() == message("news", "small"));
  CHECK((subscriber.read_reply() == message("news", payload)));
}

TEST_CASE("a large payload in a transaction that CLIENT PAUSE holds back arrives whole") {
  RunningServer server(without_limits());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  RawClient other(server.port());
  const std::string payload = random_bytes(1 << 20, 6);
  CHECK(other.call({"CLIENT", "PAUSE", "600000", "WRITE"}) == "+OK\r\n");
  CHECK(publisher.call({"MULTI"}) == "+OK\r\n");
  publisher.send(request({"PUBLISH", "news", payload}) + request({"PING"}) + request({"EXEC"}));
  REQUIRE(other.call({"PING"}) == "+PONG\r\n");
  CHECK(other.call({"CLIENT", "UNPAUSE"}) == "+OK\r\n");
  for (const char* answer : {"+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n:1\r\n+PONG\r\n"}) {
    CHECK(publisher.read_reply() == answer);
  }
  CHECK((subscriber.read_reply() == message("news", payload)));
}

TEST_CASE("CLIENT PAUSE ends by itself") {
  RunningServer server(without_limits());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  const std::string mode = GENERATE("ALL", "WRITE");
  CHECK(publisher.call({"CLIENT", "PAUSE", "50", mode}) == "+OK\r\n");
  const std::string payload = random_bytes(100'000, 7);
  CHECK(publisher.call({"PUBLISH", "news", payload}) == ":1\r\n");
  CHECK((subscriber.read_reply() == message("news", payload)));
}

}  // namespace respublica::test
