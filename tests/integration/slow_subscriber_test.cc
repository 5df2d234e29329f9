// Subscribers that read slowly or not at all: client-output-buffer-limit.

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// More than this many bytes no kernel keeps for a client with a small buffer.
constexpr std::size_t kMoreThanKernelKeeps = std::size_t{64} << 20;
const std::string kBlock(64 * 1024, 'x');

std::vector<std::string> with_limit(const std::string& limit) {
  return {"--io-threads", "2", "--client-output-buffer-limit", limit};
}

/// Publishes until nobody receives it any more.
void publish_until_unheard(RawClient& publisher, std::string_view command, std::string_view channel) {
  for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += kBlock.size()) {
    if (publisher.call({command, channel, kBlock}) == ":0\r\n") return;
  }
  FAIL("the subscriber is still there");
}

/// Publishes as much as no kernel keeps; returns the sum of the receivers.
long publish_much(RawClient& publisher, std::string_view channel) {
  long receivers = 0;
  for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += kBlock.size()) {
    receivers += number_of(publisher.call({"PUBLISH", channel, kBlock}));
  }
  return receivers;
}

}  // namespace

TEST_CASE("a subscriber that never reads is disconnected at the hard limit, which is logged and counted") {
  const auto [subscribe, publish] = GENERATE(std::pair("SUBSCRIBE", "PUBLISH"), std::pair("PSUBSCRIBE", "PUBLISH"),
                                             std::pair("SSUBSCRIBE", "SPUBLISH"));
  RunningServer server(with_limit("pubsub 1mb 0 0"));
  RawClient slow = RawClient::with_small_buffer(server.port());
  slow.call({subscribe, "news"});
  RawClient publisher(server.port());
  CHECK(info(publisher, "client_output_buffer_limit_disconnections") == 0);
  publish_until_unheard(publisher, publish, "news");
  await_info(publisher, "connected_clients", 1);
  CHECK(info(publisher, "client_output_buffer_limit_disconnections") == 1);
  server.await_output("client exceeded its output buffer limit, closing");
  CHECK(server.output().find("addr=" + slow.address()) != std::string::npos);
  CHECK(server.output().find("class=pubsub reason=\"hard output buffer limit\"") != std::string::npos);
  CHECK(publisher.call({"PUBSUB", "NUMPAT"}) == ":0\r\n");
  CHECK(publisher.call({"PUBSUB", "CHANNELS"}) == "*0\r\n");
  // What it receives in the end is what the kernel had taken.
  CHECK(slow.read_to_end().size() < kMoreThanKernelKeeps);
}

TEST_CASE("a hard limit set by CONFIG SET holds for subscribers that are connected") {
  RunningServer server(with_limit("pubsub 0 0 0"));
  RawClient slow = RawClient::with_small_buffer(server.port());
  slow.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  CHECK(publish_much(publisher, "news") == static_cast<long>(kMoreThanKernelKeeps / kBlock.size()));
  CHECK(publisher.call({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"}) == "+OK\r\n");
  publish_until_unheard(publisher, "PUBLISH", "news");
  CHECK(info(publisher, "client_output_buffer_limit_disconnections") == 1);
}

TEST_CASE("a subscriber above the soft limit is disconnected when the seconds are over") {
  RunningServer server(with_limit("pubsub 0 1mb 1"));
  RawClient slow = RawClient::with_small_buffer(server.port());
  slow.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  publish_much(publisher, "news");
  await_info(publisher, "client_output_buffer_limit_disconnections", 1);
  server.await_output("class=pubsub reason=\"soft output buffer limit\"");
  await_info(publisher, "connected_clients", 1);
  CHECK(publisher.call({"PUBLISH", "news", "1"}) == ":0\r\n");
}

TEST_CASE("a subscriber above the soft limit stays until the seconds are over, and gets everything once it reads") {
  RunningServer server(with_limit("pubsub 0 1mb 3600"));
  RawClient slow = RawClient::with_small_buffer(server.port());
  slow.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  const long count = publish_much(publisher, "news");
  // The broker looks at its limits once a second.
  CHECK(publisher.call({"WAIT", "1", "2100"}) == ":0\r\n");
  CHECK(publisher.call({"PUBLISH", "news", "last"}) == ":1\r\n");
  const std::string expected = message("news", kBlock);
  for (long i = 0; i < count; ++i) REQUIRE(slow.read_bytes(expected.size()) == expected);
  CHECK(slow.read_reply() == message("news", "last"));
}

TEST_CASE("a subscriber that never reads costs the others nothing, before it is disconnected and after") {
  RunningServer server(with_limit("pubsub 1mb 0 0"));
  RawClient slow = RawClient::with_small_buffer(server.port());
  slow.call({"SUBSCRIBE", "news"});
  constexpr long kReaders = 3;
  std::vector<RawClient> readers;
  for (long i = 0; i < kReaders; ++i) {
    readers.emplace_back(server.port());
    readers.back().call({"SUBSCRIBE", "news"});
  }
  RawClient publisher(server.port());
  long before = 0;
  long after = 0;
  for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += kBlock.size()) {
    const std::string payload = std::to_string(sent) + kBlock;
    const long receivers = number_of(publisher.call({"PUBLISH", "news", payload}));
    ++(receivers == kReaders ? after : before);
    REQUIRE(receivers >= kReaders);
    // They read each message before the next one comes: none of them is slow, however busy the machine is.
    for (RawClient& reader : readers) REQUIRE((reader.read_reply() == message("news", payload)));
  }
  CHECK(before > 0);
  CHECK(after > 0);
  CHECK(info(publisher, "client_output_buffer_limit_disconnections") == 1);
}

TEST_CASE("a subscriber whose socket takes it gets more than the hard limit in one turn") {
  RunningServer server({"--io-threads", "1", "--client-output-buffer-limit", "pubsub 16kb 0 0"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  std::string batch;
  std::string expected;
  for (int i = 0; i < 60; ++i) {
    const std::string payload = std::to_string(i) + std::string(1000, 'x');
    batch += request({"PUBLISH", "news", payload});
    expected += message("news", payload);
  }
  publisher.send(batch);
  for (int i = 0; i < 60; ++i) REQUIRE(publisher.read_reply() == ":1\r\n");
  CHECK(subscriber.read_bytes(expected.size()) == expected);
  CHECK(info(publisher, "client_output_buffer_limit_disconnections") == 0);
}

TEST_CASE("one message above the hard limit disconnects even a subscriber that reads, as in Redis") {
  RunningServer server(with_limit("pubsub 1mb 0 0"));
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  CHECK(publisher.call({"PUBLISH", "news", std::string(1 << 20, 'x')}) == ":1\r\n");
  CHECK(subscriber.read_to_end().empty());
  await_info(publisher, "connected_clients", 1);
  CHECK(info(publisher, "client_output_buffer_limit_disconnections") == 1);
  CHECK(publisher.call({"PUBLISH", "news", "1"}) == ":0\r\n");
}

TEST_CASE("the limit of class normal is for clients without subscriptions") {
  RunningServer server(with_limit("normal 1mb 0 0 pubsub 0 0 0"));
  RawClient observer(server.port());
  RawClient slow = RawClient::with_small_buffer(server.port());
  auto sent_all = std::async(std::launch::async, [&] {
    const std::string asking = request({"ECHO", kBlock});
    for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += kBlock.size()) slow.send(asking);
    slow.read_to_end();
    slow.send(asking);
    slow.send(asking);
  });
  await_info(observer, "client_output_buffer_limit_disconnections", 1);
  server.await_output("class=normal reason=\"hard output buffer limit\"");
  // The broker closed while we were sending.
  CHECK_THROWS(sent_all.get());
}

TEST_CASE("the limit of class pubsub does not concern clients without subscriptions") {
  RunningServer server(with_limit("pubsub 64kb 0 0"));
  RawClient client = RawClient::with_small_buffer(server.port());
  std::thread sender([&] {
    for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += kBlock.size()) {
      client.send(request({"ECHO", kBlock}));
    }
  });
  sender.join();
  const std::string expected = bulk(kBlock);
  for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += kBlock.size()) {
    REQUIRE(client.read_bytes(expected.size()) == expected);
  }
}

TEST_CASE("many PUBLISHes that were held back are not one delivery above every limit") {
  RunningServer server({"--client-output-buffer-limit", "pubsub 0 0 0"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient admin(server.port());
  admin.call({"CLIENT", "PAUSE", "60000", "WRITE"});
  RawClient publisher(server.port());
  const std::string asking = request({"PUBLISH", "news", std::string(4096, 'x')});
  constexpr std::size_t kCount = 8000;
  for (std::size_t i = 0; i < kCount; ++i) publisher.send(asking);
  const auto field = [&](const std::string& type, const std::string& name) {
    return std::stoul(field_of(lines_of(text_of(admin.call({"CLIENT", "LIST", "TYPE", type}))).back(), name));
  };
  while (field("normal", "qbuf") < kCount * asking.size()) {
  }
  admin.call({"CLIENT", "UNPAUSE"});
  for (std::size_t i = 0; i < kCount; ++i) REQUIRE(publisher.read_reply() == ":1\r\n");
  // What the sockets have not taken waits in slices of one delivery each.
  CHECK(field("pubsub", "omem") / field("pubsub", "oll") < 1024 * 1024);
  for (std::size_t i = 0; i < kCount; ++i) REQUIRE(subscriber.read_reply().size() > 4096);
}

}  // namespace respublica::test
