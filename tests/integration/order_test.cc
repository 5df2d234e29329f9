// The order promises, over several io threads: see docs/architecture.md.

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

constexpr int kPublishers = 6;
constexpr int kSubscribers = 6;
constexpr int kMessages = 2000;
constexpr int kPipeline = 16;

/// The payload of a message push in either protocol version.
std::string payload_of(const std::string& push) {
  const std::size_t end = push.size() - 2;
  const std::size_t begin = push.rfind("\r\n", end - 1) + 2;
  return push.substr(begin, end - begin);
}

std::string subscribe(RawClient& client, bool resp3, std::string_view command, std::string_view name) {
  if (resp3) client.call({"HELLO", "3"});
  return client.call({command, name});
}

/// Publishes kMessages numbered messages in pipelines; returns the sum of the receivers that were answered.
long publish_all(int port, int publisher, std::string_view channel) {
  RawClient client(port);
  long receivers = 0;
  for (int sent = 0; sent < kMessages; sent += kPipeline) {
    std::string batch;
    for (int i = sent; i < sent + kPipeline; ++i) {
      batch += request({"PUBLISH", channel, std::to_string(publisher) + ":" + std::to_string(i)});
    }
    client.send(batch);
    for (int i = 0; i < kPipeline; ++i) receivers += std::stol(client.read_reply().substr(1));
  }
  return receivers;
}

void check_numbers(const std::vector<std::string>& payloads) {
  std::map<std::string, int> next;
  for (const std::string& payload : payloads) {
    const std::size_t colon = payload.find(':');
    REQUIRE(std::stoi(payload.substr(colon + 1)) == next[payload.substr(0, colon)]++);
  }
  for (const auto& [publisher, count] : next) REQUIRE(count == kMessages);
}

}  // namespace

TEST_CASE("all subscribers of a channel see one order and each publisher's messages keep theirs") {
  static_assert(kMessages % kPipeline == 0);
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> subscribers;
  for (int i = 0; i < kSubscribers; ++i) {
    subscribers.emplace_back(server.port());
    const bool pattern = i % 3 == 2;
    subscribe(subscribers.back(), i % 2 == 1, pattern ? "PSUBSCRIBE" : "SUBSCRIBE", pattern ? "ord*" : "order");
  }
  std::vector<std::vector<std::string>> seen(kSubscribers);
  std::vector<long> receivers(kPublishers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kSubscribers; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < kPublishers * kMessages; ++n) {
        seen[static_cast<std::size_t>(i)].push_back(payload_of(subscribers[static_cast<std::size_t>(i)].read_reply()));
      }
    });
  }
  for (int i = 0; i < kPublishers; ++i) {
    threads.emplace_back([&, i] { receivers[static_cast<std::size_t>(i)] = publish_all(server.port(), i, "order"); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const long count : receivers) CHECK(count == static_cast<long>(kSubscribers) * kMessages);
  for (const auto& payloads : seen) {
    check_numbers(payloads);
    REQUIRE(payloads == seen.front());
  }
}

TEST_CASE("receivers that were answered equal the messages received while subscribers come and go") {
  RunningServer server({"--io-threads", "4"});
  std::vector<long> received(kSubscribers);
  // Bytes of their own, so that threads may write side by side; Catch2's assertions are for one thread.
  std::vector<char> confirmed(kSubscribers, 1);
  std::vector<long> receivers(kPublishers);
  std::vector<std::thread> publishers;
  std::atomic<bool> published{false};
  std::vector<std::thread> subscribers;
  for (int i = 0; i < kSubscribers; ++i) {
    subscribers.emplace_back([&, i] {
      const auto index = static_cast<std::size_t>(i);
      RawClient client(server.port());
      long count = 0;
      do {
        // A message between the two confirmations; after the second one, nothing.
        client.send(request({"SUBSCRIBE", "come-and-go"}) + request({"PING"}));
        std::string reply = client.read_reply();
        confirmed[index] = confirmed[index] && reply == "*3\r\n$9\r\nsubscribe\r\n$11\r\ncome-and-go\r\n:1\r\n";
        while ((reply = client.read_reply()) != "*2\r\n$4\r\npong\r\n$0\r\n\r\n") ++count;
        client.send(request({"UNSUBSCRIBE", "come-and-go"}) + request({"PING"}));
        while ((reply = client.read_reply()).find("unsubscribe") == std::string::npos) ++count;
        confirmed[index] = confirmed[index] && client.read_reply() == "+PONG\r\n";
      } while (!published.load() && confirmed[index]);
      received[index] = count;
    });
  }
  for (int i = 0; i < kPublishers; ++i) {
    publishers.emplace_back(
        [&, i] { receivers[static_cast<std::size_t>(i)] = publish_all(server.port(), i, "come-and-go"); });
  }
  for (std::thread& thread : publishers) thread.join();
  published.store(true);
  for (std::thread& thread : subscribers) thread.join();
  for (const char all_in_order : confirmed) CHECK(all_in_order);
  long answered = 0;
  long counted = 0;
  for (const long count : receivers) answered += count;
  for (const long count : received) counted += count;
  CHECK(answered == counted);
}

TEST_CASE("a message follows the reply of the PUBLISH when a RESP3 client hears itself") {
  RunningServer server({"--io-threads", "2"});
  RawClient client(server.port());
  client.call({"HELLO", "3"});
  client.call({"SUBSCRIBE", "self"});
  client.send(request({"PUBLISH", "self", "1"}) + request({"PUBLISH", "self", "2"}) + request({"PING"}));
  CHECK(client.read_reply() == ":1\r\n");
  CHECK(client.read_reply() == ">3\r\n$7\r\nmessage\r\n$4\r\nself\r\n$1\r\n1\r\n");
  CHECK(client.read_reply() == ":1\r\n");
  CHECK(client.read_reply() == ">3\r\n$7\r\nmessage\r\n$4\r\nself\r\n$1\r\n2\r\n");
  CHECK(client.read_reply() == "+PONG\r\n");
}

TEST_CASE("a RESP3 client that publishes to itself inside MULTI hears it after EXEC's reply") {
  RunningServer server({"--io-threads", "2"});
  RawClient client(server.port());
  client.call({"HELLO", "3"});
  client.call({"SUBSCRIBE", "self"});
  client.send(request({"MULTI"}) + request({"PUBLISH", "self", "1"}) + request({"CLIENT", "LIST", "ID", "999999"}) +
              request({"PUBLISH", "self", "2"}) + request({"EXEC"}));
  CHECK(client.read_reply() == "+OK\r\n");
  for (int i = 0; i < 3; ++i) CHECK(client.read_reply() == "+QUEUED\r\n");
  CHECK(client.read_reply() == "*3\r\n:1\r\n=4\r\ntxt:\r\n:1\r\n");
  CHECK(client.read_reply() == ">3\r\n$7\r\nmessage\r\n$4\r\nself\r\n$1\r\n1\r\n");
  CHECK(client.read_reply() == ">3\r\n$7\r\nmessage\r\n$4\r\nself\r\n$1\r\n2\r\n");
}

TEST_CASE("a client with the channel and two patterns gets each message three times, in order") {
  RunningServer server({"--io-threads", "2"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  subscriber.call({"PSUBSCRIBE", "n*"});
  subscriber.call({"PSUBSCRIBE", "*s"});
  RawClient publisher(server.port());
  publisher.send(request({"PUBLISH", "news", "1"}) + request({"PUBLISH", "news", "2"}));
  CHECK(publisher.read_reply() == ":3\r\n");
  CHECK(publisher.read_reply() == ":3\r\n");
  for (const std::string number : {"1", "2"}) {
    CHECK(subscriber.read_reply() == "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\n" + number + "\r\n");
    CHECK(subscriber.read_reply() == "*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$1\r\n" + number + "\r\n");
    CHECK(subscriber.read_reply() == "*4\r\n$8\r\npmessage\r\n$2\r\n*s\r\n$4\r\nnews\r\n$1\r\n" + number + "\r\n");
  }
}

}  // namespace respublica::test
