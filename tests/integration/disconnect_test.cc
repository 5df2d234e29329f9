// Clients that leave, in every way there is.

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {

TEST_CASE("a client that ends its sending side after a pipeline gets all its replies") {
  RunningServer server({"--io-threads", "2"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient client(server.port());
  std::string asking;
  std::string answered;
  for (int i = 0; i < 500; ++i) {
    asking += request({"PUBLISH", "news", "1"}) + request({"PING"});
    answered += ":1\r\n+PONG\r\n";
  }
  client.send(asking);
  client.end_sending();
  CHECK(client.read_to_end() == answered);
  for (int i = 0; i < 500; ++i) REQUIRE(subscriber.read_reply() == message("news", "1"));
}

TEST_CASE("a client that ends its sending side and reads slowly gets all its replies, more than its socket takes") {
  RunningServer server;
  RawClient client = RawClient::with_small_buffer(server.port());
  const std::string one = client.call({"COMMAND"});
  std::string asking;
  const std::size_t count = 32'000'000 / one.size();
  for (std::size_t i = 0; i < count; ++i) asking += request({"COMMAND"});
  client.send(asking);
  client.end_sending();
  CHECK(client.read_to_end().size() == count * one.size());
}

TEST_CASE("a subscriber that ends its sending side is no subscriber any more, as in Redis") {
  RunningServer server({"--io-threads", "2"});
  RawClient publisher(server.port());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  subscriber.end_sending();
  CHECK(subscriber.read_to_end().empty());
  await_info(publisher, "connected_clients", 1);
  CHECK(publisher.call({"PUBLISH", "news", "1"}) == ":0\r\n");
}

TEST_CASE("a request that its client leaves unfinished is not executed") {
  RunningServer server({"--io-threads", "2"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  const std::string asking = request({"PUBLISH", "news", std::string(100'000, 'x')});
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{20}, std::size_t{35}, std::size_t{40'000}, asking.size() - 1}) {
    RawClient client(server.port());
    client.send(std::string_view(asking).substr(0, size));
    client.end_sending();
    CHECK(client.read_to_end().empty());
  }
  RawClient publisher(server.port());
  CHECK(publisher.call({"PUBLISH", "news", "whole"}) == ":1\r\n");
  CHECK(subscriber.read_reply() == message("news", "whole"));
}

TEST_CASE("a client that leaves while it is blocked, paused or waits for other io threads is forgotten") {
  RunningServer server({"--io-threads", "4"});
  RawClient other(server.port());
  {
    RawClient blocked(server.port());
    blocked.send(request({"WAIT", "1", "0"}));
    await_info(other, "blocked_clients", 1);
    // More requests behind it, and a half-closed connection: the broker still notices.
    blocked.send(request({"PING"}));
  }
  await_info(other, "blocked_clients", 0);
  await_info(other, "connected_clients", 1);
  CHECK(other.call({"CLIENT", "PAUSE", "600000", "WRITE"}) == "+OK\r\n");
  {
    RawClient paused(server.port());
    paused.send(request({"PUBLISH", "news", "1"}));
    RawClient asking(server.port());
    for (int i = 0; i < 100; ++i) asking.send(request({"CLIENT", "LIST"}));
  }
  await_info(other, "connected_clients", 1);
  CHECK(other.call({"CLIENT", "UNPAUSE"}) == "+OK\r\n");
}

TEST_CASE("nothing is left of 2,000 clients that subscribed and went") {
  RunningServer server({"--io-threads", "4"});
  RawClient other(server.port());
  for (int round = 0; round < 20; ++round) {
    std::vector<RawClient> clients;
    for (int i = 0; i < 100; ++i) {
      RawClient& client = clients.emplace_back(server.port());
      const std::string number = std::to_string(i % 10);
      client.send(request({"SUBSCRIBE", "common", "channel:" + number}) + request({"PSUBSCRIBE", "pattern:*", number}) +
                  request({"SSUBSCRIBE", "shard:" + number}));
    }
    for (int i = 0; i < 100; ++i) {
      RawClient& client = clients[static_cast<std::size_t>(i)];
      // Some go in order, some with a reset, some before all their subscriptions are confirmed. Each has been accepted:
      // of one that resets before that, the broker never hears.
      client.read_reply();
      if (i % 3 == 0) client.abort();
    }
    if (round % 5 == 0) CHECK(number_of(other.call({"PUBLISH", "common", "1"})) >= 0);
  }
  await_info(other, "connected_clients", 1);
  CHECK(other.call({"PUBSUB", "CHANNELS"}) == "*0\r\n");
  CHECK(other.call({"PUBSUB", "SHARDCHANNELS"}) == "*0\r\n");
  CHECK(other.call({"PUBSUB", "NUMPAT"}) == ":0\r\n");
  CHECK(other.call({"PUBSUB", "NUMSUB", "common"}) == "*2\r\n$6\r\ncommon\r\n:0\r\n");
  CHECK(other.call({"PUBLISH", "common", "1"}) == ":0\r\n");
  CHECK(info(other, "total_connections_received") == 2001);
  CHECK(info(other, "pubsub_clients") == 0);
  CHECK(info(other, "blocked_clients") == 0);
}

}  // namespace respublica::test
