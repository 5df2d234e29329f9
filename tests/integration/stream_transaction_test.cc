// MULTI and EXEC with commands that change streams, as several clients see them.

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

using Request = std::vector<std::string>;

std::string words(const Request& request) {
  std::string bytes = "*" + std::to_string(request.size()) + "\r\n";
  for (const std::string& word : request) bytes += bulk(word);
  return bytes;
}

/// MULTI, the commands and EXEC in one write; the reply of EXEC.
std::string exec(RawClient& client, const std::vector<Request>& commands) {
  std::string bytes = words({"MULTI"});
  for (const Request& command : commands) bytes += words(command);
  client.send(bytes + words({"EXEC"}));
  for (std::size_t i = 0; i <= commands.size(); ++i) client.read_reply();
  return client.read_reply();
}

std::string entry(const std::string& id) { return "*2\r\n" + bulk(id) + "*2\r\n" + bulk("f") + bulk("v"); }

}  // namespace

TEST_CASE("a durable PUBLISH inside EXEC counts its receivers, who get all messages in order") {
  RunningServer server({"--durable", "orders.*", "--appendonly", "no", "--io-threads", "2"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "orders.a", "live"});
  subscriber.read_reply();
  RawClient client(server.port());
  CHECK(exec(client, {{"PUBLISH", "orders.a", "one"},
                      {"XLEN", "orders.a"},
                      {"PUBLISH", "live", "between"},
                      {"PUBLISH", "orders.a", "two"},
                      {"PUBLISH", "orders.b", "nobody"},
                      {"XLEN", "orders.a"}}) == "*6\r\n:1\r\n:1\r\n:1\r\n:1\r\n:0\r\n:2\r\n");
  CHECK(subscriber.read_reply() == message("orders.a", "one"));
  CHECK(subscriber.read_reply() == message("orders.a", "two"));
  CHECK(subscriber.read_reply() == message("live", "between"));
}

TEST_CASE("a client that publishes to itself inside EXEC gets the message behind the reply") {
  RunningServer server({"--durable", "orders.*", "--appendonly", "no", "--io-threads", "2"});
  RawClient client(server.port());
  client.call({"HELLO", "3"});
  client.call({"SUBSCRIBE", "orders.a"});
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    REQUIRE(exec(client, {{"PUBLISH", "orders.a", "x"}, {"PING"}}) == "*2\r\n:1\r\n+PONG\r\n");
    REQUIRE(client.read_reply() == as_push(message("orders.a", "x")));
  }
}

TEST_CASE("a reader that waits gets all that an EXEC adds") {
  RunningServer server({"--appendonly", "no", "--io-threads", "2"});
  RawClient reader(server.port());
  reader.send(words({"XREAD", "BLOCK", "0", "STREAMS", "s", "0"}));
  RawClient client(server.port());
  await_info(client, "blocked_clients", 1);
  CHECK(exec(client, {{"XADD", "s", "1-1", "f", "v"}, {"XADD", "t", "1-1", "f", "v"}, {"XADD", "s", "1-2", "f", "v"}})
            .starts_with("*3\r\n"));
  CHECK(reader.read_reply() == "*1\r\n*2\r\n" + bulk("s") + "*2\r\n" + entry("1-1") + entry("1-2"));
}

TEST_CASE("many clients that watch what they change lose no change") {
  constexpr int kClients = 4;
  constexpr int kChanges = 50;
  RunningServer server({"--appendonly", "no", "--io-threads", "2"});
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&server, &wrong] {
      RawClient client(server.port());
      for (int done = 0; done < kChanges;) {
        client.call({"WATCH", "s"});
        const std::string length = client.call({"XLEN", "s"});
        // The ID follows from what was read: it is free, or the EXEC is not done.
        const std::string id = std::to_string(number_of(length) + 1) + "-0";
        const std::string reply = exec(client, {{"XADD", "s", id, "f", "v"}, {"XLEN", "s"}});
        if (reply == "*-1\r\n") continue;
        ++done;
        const std::string expected = "*2\r\n" + bulk(id) + ":" + std::to_string(number_of(length) + 1) + "\r\n";
        if (reply != expected) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  RawClient client(server.port());
  CHECK(number_of(client.call({"XLEN", "s"})) == kClients * kChanges);
}

TEST_CASE("what an EXEC changed is there as a whole after kill -9, or not at all") {
  const TemporaryDirectory directory;
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    long answered = 0;
    {
      RunningServer server({"--dir", directory.path(), "--io-threads", "2"});
      RawClient client(server.port());
      answered = number_of(client.call({"XLEN", "a"}));
      std::string many;
      for (int i = 0; i < 400; ++i) {
        many += words({"MULTI"}) + words({"XADD", "a", "*", "f", "v"}) + words({"XADD", "b", "*", "f", "v"}) +
                words({"XADD", "c", "*", "f", "v"}) + words({"EXEC"});
      }
      client.send(many);
      for (int i = 0; i < (60 + 17 * round) * 5; ++i) {
        if (client.read_reply().starts_with("*3\r\n")) ++answered;
      }
      server.signal(SIGKILL);
      server.wait();
    }
    RunningServer server({"--dir", directory.path()});
    RawClient client(server.port());
    const long length = number_of(client.call({"XLEN", "a"}));
    CHECK(length >= answered);
    CHECK(number_of(client.call({"XLEN", "b"})) == length);
    CHECK(number_of(client.call({"XLEN", "c"})) == length);
  }
}

TEST_CASE("a client that goes while its EXEC is on the way to the log does no harm") {
  RunningServer server({"--appendonly", "no", "--io-threads", "2"});
  for (int round = 0; round < 50; ++round) {
    RawClient client(server.port());
    client.call({"WATCH", "s", "t"});
    client.send(words({"MULTI"}) + words({"XADD", "u", "*", "f", "v"}) + words({"EXEC"}));
    client.abort();
  }
  RawClient client(server.port());
  await_info(client, "connected_clients", 1);
  CHECK(exec(client, {{"XADD", "s", "1-1", "f", "v"}, {"XLEN", "s"}}) == "*2\r\n" + bulk("1-1") + ":1\r\n");
}

}  // namespace respublica::test
