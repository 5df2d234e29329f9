// SUBSCRIBE to `$since:` names.

#include <sys/types.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/temporary_directory.h"

using namespace respublica::test;

namespace {

std::vector<std::string> on(const TemporaryDirectory& directory) {
  return {"--dir", directory.path(), "--durable", "orders*", "--io-threads", "3"};
}

std::string subscribed(std::string_view name, int count) {
  return "*3\r\n" + bulk("subscribe") + bulk(name) + ":" + std::to_string(count) + "\r\n";
}

std::string unsubscribed(std::string_view name, int count) {
  return "*3\r\n" + bulk("unsubscribe") + bulk(name) + ":" + std::to_string(count) + "\r\n";
}

/// Publishes the numbers from `begin` to `end`, `end` left out, many at a time. Throws when one is refused: it may be
/// called on another thread than the test's, where Catch2's assertions must not be.
void publish_numbers(RawClient& client, const std::string& channel, int begin, int end) {
  constexpr int kAtOnce = 500;
  for (int i = begin; i < end; i += kAtOnce) {
    const int last = std::min(end, i + kAtOnce);
    std::string requests;
    for (int n = i; n < last; ++n) requests += request({"PUBLISH", channel, std::to_string(n)});
    client.send(requests);
    for (int n = i; n < last; ++n) {
      const std::string reply = client.read_reply();
      if (!reply.starts_with(":")) throw std::runtime_error("PUBLISH was answered " + reply);
    }
  }
}

}  // namespace

TEST_CASE("a subscriber that was away gets what it missed, then what comes, in order") {
  const TemporaryDirectory directory;
  {
    RunningServer server(on(directory));
    RawClient client(server.port());
    client.call({"XADD", "orders", "1-1", "payload", "one"});
    client.call({"XADD", "orders", "2-1", "type", "Paid", "amount", "12"});
    client.call({"XADD", "orders", "3-1", "payload", "three"});
    client.call({"XDEL", "orders", "3-1"});
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(on(directory));
  RawClient all(server.port());
  CHECK(all.call({"SUBSCRIBE", "$since:0:orders"}) == subscribed("$since:0:orders", 1));
  CHECK(all.read_reply() == message("$since:0:orders", "one"));
  CHECK(all.read_reply() == message("$since:0:orders", R"({"type":"Paid","amount":"12"})"));
  RawClient some(server.port());
  some.call({"HELLO", "3"});
  CHECK(some.call({"SUBSCRIBE", "$since:1-1:orders"}) == as_push(subscribed("$since:1-1:orders", 1)));
  CHECK(some.read_reply() == as_push(message("$since:1-1:orders", R"({"type":"Paid","amount":"12"})")));
  RawClient late(server.port());
  CHECK(late.call({"SUBSCRIBE", "$since:3:orders"}) == subscribed("$since:3:orders", 1));
  RawClient live(server.port());
  live.call({"PSUBSCRIBE", "*"});
  RawClient publisher(server.port());
  CHECK(publisher.call({"PUBLISH", "orders", "new"}) == ":4\r\n");
  CHECK(all.read_reply() == message("$since:0:orders", "new"));
  CHECK(some.read_reply() == as_push(message("$since:1-1:orders", "new")));
  CHECK(late.read_reply() == message("$since:3:orders", "new"));
  CHECK(live.read_reply() == pattern_message("*", "orders", "new"));
}

TEST_CASE("a duration reaches back from now") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  client.call({"XADD", "orders", "1-1", "payload", "of 1970"});
  client.call({"PUBLISH", "orders", "of today"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "$since:1h:orders"});
  CHECK(subscriber.read_reply() == message("$since:1h:orders", "of today"));
}

TEST_CASE("a channel that has no entries yet can be followed, and again after it was deleted") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "$since:0:orders"});
  RawClient client(server.port());
  client.call({"XADD", "orders", "9-1", "payload", "first"});
  CHECK(subscriber.read_reply() == message("$since:0:orders", "first"));
  CHECK(client.call({"DEL", "orders"}) == ":1\r\n");
  client.call({"XADD", "orders", "2-1", "payload", "second"});
  CHECK(subscriber.read_reply() == message("$since:0:orders", "second"));
}

TEST_CASE("where nothing is kept, and where the name says no place, nothing is subscribed to") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  CHECK(client.call({"SUBSCRIBE", "news", "$since:0:news"}) ==
        "-ERR no entries are kept of 'news': no durable rule matches it\r\n");
  CHECK(client.call({"SUBSCRIBE", "$since:yesterday:orders"}).starts_with("-ERR '$since:yesterday:orders' is not "));
  CHECK(client.call({"PUBSUB", "CHANNELS"}) == "*0\r\n");
  CHECK(client.call({"GET", "x"}).starts_with("-ERR unknown command"));
  CHECK(client.call({"PUBLISH", "$since:0:orders", "x"}) == "-ERR names that begin with '$' belong to the broker\r\n");
}

TEST_CASE("it is a subscription like any other to those who look") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "$since:0:orders"});
  CHECK(subscriber.call({"XLEN", "orders"}).starts_with("-ERR Can't execute 'xlen'"));
  RawClient client(server.port());
  CHECK(client.call({"PUBSUB", "CHANNELS"}) == "*1\r\n" + bulk("$since:0:orders"));
  CHECK(client.call({"PUBSUB", "NUMSUB", "$since:0:orders", "orders"}) ==
        "*4\r\n" + bulk("$since:0:orders") + ":1\r\n" + bulk("orders") + ":0\r\n");
  CHECK(text_of(client.call({"CLIENT", "LIST", "TYPE", "pubsub"})).find(" sub=1 ") != std::string::npos);
  client.call({"PUBLISH", "orders", "x"});
  CHECK(subscriber.read_reply() == message("$since:0:orders", "x"));
  // Once more is nothing new.
  CHECK(subscriber.call({"SUBSCRIBE", "$since:0:orders"}) == subscribed("$since:0:orders", 1));
  CHECK(subscriber.call({"UNSUBSCRIBE"}) == unsubscribed("$since:0:orders", 0));
  CHECK(subscriber.call({"SUBSCRIBE", "$since:0:orders", "orders"}) == subscribed("$since:0:orders", 1));
  CHECK(subscriber.read_reply() == subscribed("orders", 2));
  CHECK(subscriber.read_reply() == message("$since:0:orders", "x"));
  CHECK(subscriber.call({"RESET"}) == "+RESET\r\n");
  CHECK(client.call({"PUBLISH", "orders", "y"}) == ":0\r\n");
  CHECK(subscriber.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("inside a transaction the replay comes after the reply to EXEC") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  client.call({"PUBLISH", "orders", "old"});
  client.call({"MULTI"});
  client.call({"SUBSCRIBE", "$since:0:orders"});
  client.call({"PUBLISH", "orders", "new"});
  // The commit comes before the subscription, and is among what is caught up with.
  CHECK(client.call({"EXEC"}) == "*2\r\n" + subscribed("$since:0:orders", 1) + ":0\r\n");
  CHECK(client.read_reply() == message("$since:0:orders", "old"));
  CHECK(client.read_reply() == message("$since:0:orders", "new"));
}

TEST_CASE("nothing is lost, doubled or out of order while publishers go on") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  constexpr int kBefore = 5'000;
  constexpr int kDuring = 10'000;
  {
    RawClient client(server.port());
    publish_numbers(client, "orders", 0, kBefore);
  }
  std::vector<RawClient> subscribers;
  auto published = std::async(std::launch::async, [&server] {
    RawClient client(server.port());
    publish_numbers(client, "orders", kBefore, kBefore + kDuring);
  });
  for (int i = 0; i < 6; ++i) {
    subscribers.emplace_back(server.port());
    subscribers.back().send(request({"SUBSCRIBE", "$since:0:orders"}));
  }
  for (RawClient& subscriber : subscribers) {
    REQUIRE(subscriber.read_reply() == subscribed("$since:0:orders", 1));
    for (int i = 0; i < kBefore + kDuring; ++i) {
      REQUIRE(subscriber.read_reply() == message("$since:0:orders", std::to_string(i)));
    }
  }
  published.get();
}

TEST_CASE("a subscriber that does not read costs no memory and keeps its connection") {
  const TemporaryDirectory directory;
  std::vector<std::string> arguments = on(directory);
  arguments.insert(arguments.end(), {"--client-output-buffer-limit", "pubsub 20kb 10kb 1"});
  RunningServer server(arguments);
  RawClient client(server.port());
  constexpr int kMessages = 500;
  const std::string payload(50'000, 'x');
  for (int i = 0; i < kMessages / 2; ++i) REQUIRE(client.call({"PUBLISH", "orders", payload}) == ":0\r\n");
  RawClient slow = RawClient::with_small_buffer(server.port());
  slow.call({"SUBSCRIBE", "$since:0:orders"});
  for (int i = 0; i < kMessages / 2; ++i) REQUIRE(client.call({"PUBLISH", "orders", payload}) == ":1\r\n");
  const std::string line = text_of(client.call({"CLIENT", "LIST", "TYPE", "pubsub"}));
  CHECK(std::stol(field_of(line, "tot-mem")) < 200'000);
  for (int i = 0; i < kMessages; ++i) REQUIRE(slow.read_reply() == message("$since:0:orders", payload));
}

TEST_CASE("nothing comes after the reply to an UNSUBSCRIBE in the middle of a replay") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  const std::string payload(50'000, 'x');
  for (int i = 0; i < 400; ++i) REQUIRE(client.call({"PUBLISH", "orders", payload}) == ":0\r\n");
  RawClient subscriber = RawClient::with_small_buffer(server.port());
  subscriber.call({"SUBSCRIBE", "$since:0:orders"});
  REQUIRE(subscriber.read_reply() == message("$since:0:orders", payload));
  subscriber.send(request({"UNSUBSCRIBE", "$since:0:orders"}) + request({"QUIT"}));
  int messages = 1;
  std::string reply;
  while ((reply = subscriber.read_reply()) == message("$since:0:orders", payload)) ++messages;
  CHECK(reply == unsubscribed("$since:0:orders", 0));
  CHECK(messages < 400);
  CHECK(subscriber.read_to_end() == "+OK\r\n");
  CHECK(client.call({"PUBLISH", "orders", "x"}) == ":0\r\n");
}

TEST_CASE("a client may follow several channels, and go in the middle") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  publish_numbers(client, "orders.a", 0, 3'000);
  publish_numbers(client, "orders.b", 0, 3'000);
  {
    RawClient gone = RawClient::with_small_buffer(server.port());
    gone.call({"SUBSCRIBE", "$since:0:orders.a"});
  }
  RawClient both(server.port());
  both.call({"SUBSCRIBE", "$since:0:orders.a", "$since:0:orders.b"});
  CHECK(both.read_reply() == subscribed("$since:0:orders.b", 2));
  int next_a = 0;
  int next_b = 0;
  while (next_a + next_b < 6'000) {
    const std::string reply = both.read_reply();
    if (reply == message("$since:0:orders.a", std::to_string(next_a))) {
      ++next_a;
    } else {
      REQUIRE(reply == message("$since:0:orders.b", std::to_string(next_b)));
      ++next_b;
    }
  }
}
