// The end of the broker, in order.

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {

TEST_CASE("SIGTERM and SIGINT end the broker in order") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  RunningServer server({"--io-threads", "4"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  server.signal(signal);
  CHECK(subscriber.read_to_end().empty());
  const Ending ending = server.wait();
  CHECK(ending.code == 0);
  CHECK(ending.output.find(signal == SIGINT ? "signal=SIGINT" : "signal=SIGTERM") != std::string::npos);
  CHECK(ending.output.find("bye") != std::string::npos);
}

TEST_CASE("at its end the broker says nothing to its subscribers, whatever they hear and speak") {
  const std::string protocol = GENERATE("2", "3");
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> subscribers;
  for (const char* what : {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"}) {
    subscribers.emplace_back(server.port());
    subscribers.back().call({"HELLO", protocol});
    CHECK(subscribers.back().call({"CLIENT", "TRACKING", "ON", "BCAST"}) == "+OK\r\n");
    subscribers.back().call({what, "news"});
  }
  RawClient operating(server.port());
  CHECK(operating.call({"FLUSHALL"}) == "+OK\r\n");
  CHECK(operating.call({"CONFIG", "RESETSTAT"}) == "+OK\r\n");
  server.signal(SIGTERM);
  for (RawClient& subscriber : subscribers) CHECK(subscriber.read_to_end().empty());
  CHECK(server.wait().code == 0);
}

TEST_CASE("SHUTDOWN ends the broker in order") {
  RunningServer server({"--io-threads", "2"});
  RawClient client(server.port());
  client.send(request({"SHUTDOWN", "NOSAVE"}));
  CHECK(client.read_to_end().empty());
  CHECK(server.wait().code == 0);
}

TEST_CASE("at its end the broker sends what is queued to a subscriber that reads slowly") {
  RunningServer server(
      {"--io-threads", "2", "--client-output-buffer-limit", "pubsub 0 0 0", "--shutdown-timeout", "60"});
  RawClient subscriber = RawClient::with_small_buffer(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  const std::string block(64 * 1024, 'x');
  constexpr int kMessages = 512;
  std::string asking;
  for (int i = 0; i < kMessages; ++i) asking += request({"PUBLISH", "news", std::to_string(i) + block});
  publisher.send(asking);
  for (int i = 0; i < kMessages; ++i) REQUIRE(publisher.read_reply() == ":1\r\n");
  server.signal(SIGTERM);
  // The publisher has nothing to wait for.
  CHECK(publisher.read_to_end().empty());
  for (int i = 0; i < kMessages; ++i) {
    const std::string expected = message("news", std::to_string(i) + block);
    REQUIRE((subscriber.read_bytes(expected.size()) == expected));
  }
  CHECK(subscriber.read_to_end().empty());
  CHECK(server.wait().code == 0);
}

TEST_CASE("a message that was answered before the end is sent though it was on its way to another io thread") {
  for (int round = 0; round < 10; ++round) {
    RunningServer server({"--io-threads", "4", "--shutdown-timeout", "60"});
    std::vector<RawClient> subscribers;
    for (int i = 0; i < 8; ++i) {
      subscribers.emplace_back(server.port());
      subscribers.back().call({"SUBSCRIBE", "news"});
    }
    RawClient publisher(server.port());
    CHECK(publisher.call({"PUBLISH", "news", "last"}) == ":8\r\n");
    server.signal(SIGTERM);
    for (RawClient& subscriber : subscribers) CHECK(subscriber.read_to_end() == message("news", "last"));
    CHECK(server.wait().code == 0);
  }
}

TEST_CASE("a subscriber that never reads cannot keep the broker alive for longer than shutdown-timeout") {
  RunningServer server(
      {"--io-threads", "2", "--client-output-buffer-limit", "pubsub 0 0 0", "--shutdown-timeout", "1"});
  RawClient subscriber = RawClient::with_small_buffer(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) REQUIRE(publisher.call({"PUBLISH", "news", block}) == ":1\r\n");
  server.signal(SIGTERM);
  CHECK(server.wait().code == 0);
}

TEST_CASE("clients that are blocked or paused cannot keep the broker alive") {
  RunningServer server({"--io-threads", "2", "--shutdown-timeout", "60"});
  RawClient operating(server.port());
  RawClient blocked(server.port());
  blocked.send(request({"WAIT", "1", "0"}));
  await_info(operating, "blocked_clients", 1);
  CHECK(operating.call({"CLIENT", "PAUSE", "600000", "WRITE"}) == "+OK\r\n");
  RawClient paused(server.port());
  CHECK(paused.call({"PING"}) == "+PONG\r\n");
  paused.send(request({"PUBLISH", "news", "1"}));
  server.signal(SIGTERM);
  CHECK(server.wait().code == 0);
  CHECK(blocked.read_to_end().empty());
  CHECK(paused.read_to_end().empty());
}

}  // namespace respublica::test
