// Durable channels: what is published stays.

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// A broker whose log is in `directory`, with a rule for orders.*.
std::vector<std::string> on(const TemporaryDirectory& directory) {
  return {"--dir", directory.path(), "--durable", "orders.*", "--io-threads", "2"};
}

void kill_hard(RunningServer& server) {
  server.signal(SIGKILL);
  server.wait();
}

/// "1-1" {payload: text}, as XRANGE has it.
std::string entry(const std::string& id, const std::string& text) {
  return "*2\r\n" + bulk(id) + "*2\r\n" + bulk("payload") + bulk(text);
}

/// The IDs of the payloads in a reply of XRANGE, in order.
std::vector<std::string> payloads_of(const std::string& reply) {
  std::vector<std::string> payloads;
  const std::string before = bulk("payload") + "$";
  for (std::size_t at = reply.find(before); at != std::string::npos; at = reply.find(before, at)) {
    const std::size_t begin = reply.find("\r\n", at + before.size()) + 2;
    payloads.push_back(reply.substr(begin, reply.find("\r\n", begin) - begin));
    at = begin;
  }
  return payloads;
}

}  // namespace

TEST_CASE("a message on a durable channel reaches its subscribers, and is read back later") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "orders.new"});
  RawClient listener(server.port());
  listener.call({"PSUBSCRIBE", "orders.*"});
  RawClient publisher(server.port());
  CHECK(publisher.call({"PUBLISH", "orders.new", "Order Placed: #12345"}) == ":2\r\n");
  CHECK(subscriber.read_reply() == message("orders.new", "Order Placed: #12345"));
  CHECK(listener.read_reply() == pattern_message("orders.*", "orders.new", "Order Placed: #12345"));
  CHECK(payloads_of(publisher.call({"XRANGE", "orders.new", "-", "+"})) ==
        std::vector<std::string>{"Order Placed: #12345"});
}

TEST_CASE("an entry of a durable channel reaches its subscribers as JSON") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient subscriber(server.port());
  subscriber.call({"HELLO", "3"});
  subscriber.call({"SUBSCRIBE", "orders.new"});
  RawClient producer(server.port());
  CHECK(producer.call({"XADD", "orders.new", "1-1", "type", "OrderPlaced", "amount", "12"}) == bulk("1-1"));
  CHECK(subscriber.read_reply() == as_push(message("orders.new", R"({"type":"OrderPlaced","amount":"12"})")));
  CHECK(producer.call({"XADD", "orders.new", "1-2", "payload", "as it is"}) == bulk("1-2"));
  CHECK(subscriber.read_reply() == as_push(message("orders.new", "as it is")));
}

TEST_CASE("without a rule PUBLISH leaves the disk alone, and XADD reaches no subscriber") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient client(server.port());
  CHECK(client.call({"PUBLISH", "news", "1"}) == ":1\r\n");
  CHECK(client.call({"DEL", "news"}) == ":0\r\n");
  CHECK(client.call({"FLUSHALL"}) == "+OK\r\n");
  CHECK(std::filesystem::is_empty(directory.path()));
  CHECK(client.call({"XADD", "news", "1-1", "a", "b"}) == bulk("1-1"));
  CHECK_FALSE(std::filesystem::is_empty(directory.path()));
  CHECK(client.call({"PUBLISH", "news", "2"}) == ":1\r\n");
  CHECK(subscriber.read_reply() == message("news", "1"));
  CHECK(subscriber.read_reply() == message("news", "2"));
}

TEST_CASE("what was answered is there after kill -9") {
  const TemporaryDirectory directory;
  {
    RunningServer server(on(directory));
    RawClient client(server.port());
    CHECK(client.call({"XADD", "a", "1-1", "payload", "one"}) == bulk("1-1"));
    CHECK(client.call({"XADD", "a", "1-2", "payload", "two"}) == bulk("1-2"));
    CHECK(client.call({"XADD", "b", "7-1", "payload", "three"}) == bulk("7-1"));
    CHECK(client.call({"XDEL", "a", "1-1"}) == ":1\r\n");
    CHECK(client.call({"XADD", "gone", "1-1", "payload", "x"}) == bulk("1-1"));
    CHECK(client.call({"DEL", "gone"}) == ":1\r\n");
    kill_hard(server);
  }
  RunningServer server(on(directory));
  RawClient client(server.port());
  CHECK(client.call({"XRANGE", "a", "-", "+"}) == "*1\r\n" + entry("1-2", "two"));
  CHECK(client.call({"XRANGE", "b", "-", "+"}) == "*1\r\n" + entry("7-1", "three"));
  CHECK(client.call({"DBSIZE"}) == ":2\r\n");
  CHECK(client.call({"XADD", "a", "1-2", "payload", "again"}) ==
        "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n");
}

TEST_CASE("answers keep the order of the requests, whichever of them wait for the log") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  client.send(request({"XADD", "a", "1-1", "f", "v"}) + request({"XADD", "a", "1-1", "f", "v"}) + request({"PING"}) +
              request({"XADD", "a", "1-2", "f"}) + request({"XADD", "a", "1-2", "f", "v"}) + request({"XLEN", "a"}) +
              request({"PUBLISH", "orders.1", "x"}) + request({"PUBLISH", "live", "x"}) + request({"NOSUCH"}) +
              request({"XADD", "a", "1-3", "f", "v"}) + request({"MULTI"}) + request({"XADD", "a", "1-4", "f", "v"}) +
              request({"XLEN", "a"}) + request({"EXEC"}) + request({"QUIT"}));
  CHECK(client.read_reply() == bulk("1-1"));
  CHECK(client.read_reply().starts_with("-ERR The ID specified in XADD is equal or smaller"));
  CHECK(client.read_reply() == "+PONG\r\n");
  CHECK(client.read_reply() == "-ERR wrong number of arguments for 'xadd' command\r\n");
  CHECK(client.read_reply() == bulk("1-2"));
  CHECK(client.read_reply() == ":2\r\n");
  CHECK(client.read_reply() == ":0\r\n");
  CHECK(client.read_reply() == ":0\r\n");
  CHECK(client.read_reply().starts_with("-ERR unknown command 'NOSUCH'"));
  CHECK(client.read_reply() == bulk("1-3"));
  CHECK(client.read_reply() == "+OK\r\n");
  CHECK(client.read_reply() == "+QUEUED\r\n");
  CHECK(client.read_reply() == "+QUEUED\r\n");
  CHECK(client.read_reply() == "*2\r\n" + bulk("1-4") + ":4\r\n");
  CHECK(client.read_to_end() == "+OK\r\n");
}

TEST_CASE("a reader that waits gets the entry that comes, on whichever io thread it is") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  std::vector<RawClient> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back(server.port());
    readers.back().send(request({"XREAD", "BLOCK", "0", "STREAMS", "other", "orders.1", "0", "$"}));
  }
  RawClient publisher(server.port());
  await_info(publisher, "blocked_clients", 8);
  CHECK(publisher.call({"XADD", "orders.1", "5-1", "payload", "x"}) == bulk("5-1"));
  for (RawClient& reader : readers) {
    CHECK(reader.read_reply() == "*1\r\n*2\r\n" + bulk("orders.1") + "*1\r\n" + entry("5-1", "x"));
  }
  await_info(publisher, "blocked_clients", 0);
}

TEST_CASE("a reader that goes while it waits is forgotten") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  {
    RawClient reader(server.port());
    reader.send(request({"XREAD", "BLOCK", "0", "STREAMS", "a", "$"}));
    await_info(client, "blocked_clients", 1);
  }
  await_info(client, "blocked_clients", 0);
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
}

TEST_CASE("a reader is not woken by what is gone already") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  CHECK(client.call({"XADD", "a", "1-1", "payload", "old"}) == bulk("1-1"));
  CHECK(client.call({"XSETID", "a", "9-9"}) == "+OK\r\n");
  RawClient reader(server.port());
  reader.send(request({"XREAD", "BLOCK", "0", "STREAMS", "a", "b", "5-0", "$"}));
  await_info(client, "blocked_clients", 1);
  // The first entry of b goes with the command that adds it.
  CHECK(client.call({"XADD", "b", "MAXLEN", "0", "1-1", "payload", "gone"}) == bulk("1-1"));
  CHECK(client.call({"XADD", "b", "1-2", "payload", "new"}) == bulk("1-2"));
  CHECK(reader.read_reply() == "*1\r\n*2\r\n" + bulk("b") + "*1\r\n" + entry("1-2", "new"));
}

TEST_CASE("with appendonly no entries are kept in memory, up to maxmemory") {
  const TemporaryDirectory directory;
  std::vector<std::string> arguments = on(directory);
  arguments.insert(arguments.end(), {"--appendonly", "no", "--maxmemory", "4mb"});
  RunningServer server(arguments);
  RawClient client(server.port());
  const std::string payload(100'000, 'x');
  int added = 0;
  std::string reply;
  while (added < 1000 && (reply = client.call({"XADD", "a", "*", "payload", payload})).starts_with("$")) ++added;
  CHECK(added > 10);
  CHECK(reply.starts_with("-MISCONF "));
  CHECK(client.call({"XLEN", "a"}) == ":" + std::to_string(added) + "\r\n");
  CHECK(client.call({"PUBLISH", "live", "x"}) == ":0\r\n");
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("the entries of an append-only channel stay, whatever a client asks") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path(), "--durable", "audit.* append-only yes"});
  RawClient client(server.port());
  CHECK(client.call({"XADD", "audit.1", "1-1", "f", "v"}) == bulk("1-1"));
  const std::string refused = "-ERR the channel is append-only: its entries stay\r\n";
  CHECK(client.call({"XDEL", "audit.1", "1-1"}) == refused);
  CHECK(client.call({"XTRIM", "audit.1", "MAXLEN", "0"}) == refused);
  CHECK(client.call({"XADD", "audit.1", "MAXLEN", "0", "2-1", "f", "v"}) == refused);
  CHECK(client.call({"DEL", "audit.1"}) == refused);
  CHECK(client.call({"UNLINK", "audit.1"}) == refused);
  CHECK(client.call({"EXPIRE", "audit.1", "1"}) == refused);
  CHECK(client.call({"FLUSHALL"}) == refused);
  CHECK(client.call({"XLEN", "audit.1"}) == ":1\r\n");
}

TEST_CASE("the rule of a channel can be asked for, as it is in force") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path(), "--durable", "orders.*", "--durable",
                        "orders.eu.* MAXLEN 1000 maxage 90s append-only yes"});
  RawClient client(server.port());
  CHECK(client.call({"DURABLE", "RULE", "orders.1"}) == "*2\r\n" + bulk("pattern") + bulk("orders.*"));
  const std::string limited = bulk("pattern") + bulk("orders.eu.*") + bulk("maxlen") + bulk("1000") + bulk("maxage") +
                              bulk("90s") + bulk("append-only") + bulk("yes");
  CHECK(client.call({"durable", "rule", "orders.eu.1"}) == "*8\r\n" + limited);
  CHECK(client.call({"DURABLE", "RULE", "live"}) == "$-1\r\n");
  CHECK(client.call({"DURABLE", "RULE", "$all"}) == "$-1\r\n");
  CHECK(client.call({"DURABLE", "RULE"}) == "-ERR wrong number of arguments for 'durable|rule' command\r\n");
  CHECK(client.call({"CONFIG", "SET", "durable", "live maxbytes 1mb"}) == "+OK\r\n");
  client.call({"HELLO", "3"});
  CHECK(client.call({"DURABLE", "RULE", "orders.eu.1"}) == "_\r\n");
  CHECK(client.call({"DURABLE", "RULE", "live"}) ==
        "%2\r\n" + bulk("pattern") + bulk("live") + bulk("maxbytes") + bulk("1mb"));
}

TEST_CASE("what is published to durable channels is counted by command, answered or refused") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 21; ++i) requests += request({"PUBLISH", i % 4 == 0 ? "live" : "orders.1", "x"});
  client.send(requests + request({"PUBLISH", "$all", "x"}));
  for (int i = 0; i < 21; ++i) CHECK(client.read_reply() == ":0\r\n");
  CHECK(client.read_reply().starts_with("-ERR names that begin with '$' belong to the broker"));
  for (const std::string_view id : {"1-1", "1-1", "1-2"}) client.call({"XADD", "orders.1", id, "f", "v"});
  const std::string counted = text_of(client.call({"INFO", "commandstats"}));
  CAPTURE(counted);
  const auto line = [&counted](const std::string& begin) {
    const std::size_t at = counted.find(begin);
    return at == std::string::npos ? std::string() : counted.substr(at, counted.find("\r\n", at) - at);
  };
  CHECK(line("cmdstat_publish:calls=22,").ends_with(",rejected_calls=0,failed_calls=1"));
  // These IDs are below those of the messages.
  CHECK(line("cmdstat_xadd:calls=3,").ends_with(",failed_calls=3"));
  client.call({"MULTI"});
  client.call({"PUBLISH", "orders.1", "x"});
  client.call({"PUBLISH", "live", "x"});
  CHECK(client.call({"EXEC"}) == "*2\r\n:0\r\n:0\r\n");
  CHECK(text_of(client.call({"INFO", "commandstats"})).find("cmdstat_publish:calls=24,") != std::string::npos);
}

TEST_CASE("the memory of a stream is told, and does not grow with its entries") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  CHECK(client.call({"MEMORY", "USAGE", "a"}) == "$-1\r\n");
  client.call({"XADD", "a", "1-1", "f", "v"});
  const long one = number_of(client.call({"MEMORY", "USAGE", "a"}));
  CHECK(one > 0);
  std::string requests;
  for (int i = 2; i <= 1000; ++i) requests += request({"XADD", "a", "1-" + std::to_string(i), "f", "v"});
  client.send(requests);
  for (int i = 2; i <= 1000; ++i) REQUIRE(client.read_reply().starts_with("$"));
  CHECK(number_of(client.call({"MEMORY", "USAGE", "a", "SAMPLES", "0"})) < one + 1000);
  CHECK(client.call({"MEMORY", "USAGE", "a", "SAMPLES", "-1"}) == "-ERR syntax error\r\n");
}

TEST_CASE("what was handed to the log is answered before the broker ends") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  std::string requests;
  for (int i = 1; i <= 100; ++i) requests += request({"XADD", "a", "1-" + std::to_string(i), "f", "v"});
  client.send(requests);
  CHECK(client.read_reply() == bulk("1-1"));
  server.signal(SIGTERM);
  CHECK(server.wait().code == 0);
  RunningServer again(on(directory));
  RawClient reader(again.port());
  CHECK(reader.call({"XLEN", "a"}) == ":100\r\n");
}

}  // namespace respublica::test
