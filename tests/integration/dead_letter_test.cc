// What becomes of entries that no consumer can process.

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/temporary_directory.h"

using namespace respublica::test;

namespace {

std::vector<std::string> on(const TemporaryDirectory& directory, std::string rule) {
  return {"--dir", directory.path().string(), "--durable", std::move(rule)};
}

}  // namespace

TEST_CASE(
    "an event that always fails is in the dead-letter channel after its deliveries, and the others are done once") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "orders.* max-deliveries 3 ack-wait 20ms redeliver yes"));
  RawClient client(server.port());
  RawClient watcher(server.port());
  watcher.send(request({"SUBSCRIBE", "dlq"}));
  watcher.read_reply();
  for (int i = 1; i <= 10; ++i) client.call({"XADD", "orders.new", std::to_string(i) + "-0", "n", std::to_string(i)});
  client.call({"XGROUP", "CREATE", "orders.new", "g", "0"});
  int deliveries_of_poison = 0;
  int others = 0;
  // A blocked read is woken when the entry is due again, and ends when there is nothing more.
  while (client.call({"XLEN", "dlq"}) == ":0\r\n") {
    const std::string reply =
        client.call({"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "BLOCK", "100", "STREAMS", "orders.new", ">"});
    if (reply == "*-1\r\n") continue;
    if (reply.find("\r\n5-0\r\n") != std::string::npos) {
      ++deliveries_of_poison;
      continue;
    }
    ++others;
    const std::size_t id = reply.find("-0\r\n");
    const std::size_t begin = reply.rfind('\n', id) + 1;
    client.call({"XACK", "orders.new", "g", reply.substr(begin, id + 2 - begin)});
  }
  CHECK(deliveries_of_poison == 3);
  CHECK(others == 9);
  const std::string letter = client.call({"XRANGE", "dlq", "-", "+"});
  for (const std::string_view part : {"dlq.reason", "max-deliveries", "dlq.channel", "orders.new", "dlq.id", "5-0"}) {
    CHECK(letter.find(part) != std::string::npos);
  }
  CHECK(client.call({"XPENDING", "orders.new", "g"}).starts_with("*4\r\n:0\r\n"));
  CHECK(watcher.read_reply().find("max-deliveries") != std::string::npos);
}

TEST_CASE("a rejected event is in the dead-letter channel with its reason when XNACK answers, also after kill -9") {
  const TemporaryDirectory directory;
  {
    RunningServer server(on(directory, "orders"));
    RawClient client(server.port());
    client.call({"XGROUP", "CREATE", "orders", "g", "$", "MKSTREAM"});
    client.call({"XADD", "orders", "1-0", "payload", "poison"});
    client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "orders", ">"});
    CHECK(client.call({"XNACK", "orders", "g", "FATAL", "IDS", "1", "1-0", "REASON", "no such customer"}) == ":1\r\n");
    CHECK(client.call({"XLEN", "dlq"}) == ":1\r\n");
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(on(directory, "orders"));
  RawClient client(server.port());
  CHECK(client.call({"XRANGE", "dlq", "-", "+"}).find("no such customer") != std::string::npos);
  CHECK(client.call({"XPENDING", "orders", "g"}).starts_with("*4\r\n:0\r\n"));
  // Back to its group, with stock commands.
  const std::string letters = client.call({"XRANGE", "dlq", "-", "+"});
  const std::size_t begin = letters.find("\r\n", letters.find('$')) + 2;
  const std::string letter = letters.substr(begin, letters.find("\r\n", begin) - begin);
  client.call({"MULTI"});
  client.call({"XNACK", "orders", "g", "SILENT", "IDS", "1", "1-0", "RETRYCOUNT", "0", "FORCE"});
  client.call({"XDEL", "dlq", letter});
  CHECK(client.call({"EXEC"}) == "*2\r\n:1\r\n:1\r\n");
  CHECK(client.call({"XLEN", "dlq"}) == ":0\r\n");
  CHECK(client.call({"XREADGROUP", "GROUP", "g", "d", "CLAIM", "0", "STREAMS", "orders", ">"}).find("poison") !=
        std::string::npos);
  CHECK(client.call({"XACK", "orders", "g", "1-0"}) == ":1\r\n");
}

TEST_CASE("events of one customer are in order behind a dead one that is held, though the broker was killed") {
  const TemporaryDirectory directory;
  const std::string rule = "orders order-by customer on-dead hold";
  const auto read = [](RawClient& client, const std::string& consumer) {
    return client.call({"XREADGROUP", "GROUP", "g", consumer, "COUNT", "1", "STREAMS", "orders", ">"});
  };
  {
    RunningServer server(on(directory, rule));
    RawClient client(server.port());
    client.call({"XGROUP", "CREATE", "orders", "g", "$", "MKSTREAM"});
    client.call({"XADD", "orders", "1-0", "customer", "7", "n", "first"});
    client.call({"XADD", "orders", "2-0", "customer", "7", "n", "second"});
    client.call({"XADD", "orders", "3-0", "customer", "8", "n", "other"});
    CHECK(read(client, "a").find("first") != std::string::npos);
    CHECK(read(client, "b").find("other") != std::string::npos);
    CHECK(client.call({"XNACK", "orders", "g", "FATAL", "IDS", "1", "1-0"}) == ":1\r\n");
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(on(directory, rule));
  RawClient client(server.port());
  CHECK(client.call({"XLEN", "dlq"}) == ":1\r\n");
  CHECK(read(client, "b") == "*-1\r\n");
  CHECK(client.call({"XNACK", "orders", "g", "SILENT", "IDS", "1", "1-0", "RETRYCOUNT", "0", "FORCE"}) == ":1\r\n");
  CHECK(read(client, "b").find("first") != std::string::npos);
  CHECK(read(client, "a") == "*-1\r\n");
  CHECK(client.call({"XACK", "orders", "g", "1-0"}) == ":1\r\n");
  CHECK(read(client, "a").find("second") != std::string::npos);
}

TEST_CASE("a consumer that went silent is deleted, and another one gets what it had") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "orders consumer-timeout 50ms redeliver yes"));
  RawClient client(server.port());
  client.call({"XGROUP", "CREATE", "orders", "g", "$", "MKSTREAM"});
  client.call({"XADD", "orders", "1-0", "payload", "first"});
  CHECK(client.call({"XREADGROUP", "GROUP", "g", "gone", "STREAMS", "orders", ">"}).find("first") != std::string::npos);
  // It is woken when the entry is given back, though `ack-wait` is a minute.
  const std::string given = client.call({"XREADGROUP", "GROUP", "g", "there", "BLOCK", "0", "STREAMS", "orders", ">"});
  CHECK(given.find("first") != std::string::npos);
  CHECK(client.call({"XINFO", "CONSUMERS", "orders", "g"}).find("gone") == std::string::npos);
  CHECK(client.call({"CONFIG", "GET", "durable"}).find("consumer-timeout 50ms") != std::string::npos);
}
