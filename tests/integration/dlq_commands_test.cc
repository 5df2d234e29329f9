// DLQ LIST, STATS, REDRIVE, DISCARD, TASKS and CANCEL.

#include <csignal>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

/// A broker where every channel but those of dead letters has limits.
struct DeadLetterBroker {
  explicit DeadLetterBroker(const std::string& rule = "orders.* ack-wait 60s")
      : server({"--dir", directory.path().string(), "--durable", rule}), client(server.port()) {}

  /// Adds entries 1-0 to `last`-0 to a channel, and has its group reject them.
  void reject(const std::string& channel, int last, const std::string& reason = "bad") {
    client.call({"XGROUP", "CREATE", channel, "g", "0", "MKSTREAM"});
    for (int i = 1; i <= last; ++i) {
      const std::string id = std::to_string(i) + "-0";
      client.call({"XADD", channel, id, "payload", "p" + std::to_string(i)});
      client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", channel, ">"});
      CHECK(client.call({"XNACK", channel, "g", "FATAL", "IDS", "1", id, "REASON", reason}) == ":1\r\n");
    }
  }
  /// Starts a task and waits for its end; what DLQ TASKS says then of the last one.
  std::string run(std::initializer_list<std::string_view> words) {
    const std::string id = client.call(words);
    REQUIRE(id.starts_with(":"));
    return await_end(std::to_string(number_of(id)));
  }
  std::string await_end(const std::string& id) {
    while (true) {
      const std::string tasks = client.call({"DLQ", "TASKS"});
      const std::size_t begin = tasks.find("$2\r\nid\r\n:" + id + "\r\n");
      REQUIRE(begin != std::string::npos);
      const std::string task = tasks.substr(begin, tasks.find("$2\r\nid\r\n", begin + 1) - begin);
      if (task.find(bulk("running")) == std::string::npos) return task;
      std::this_thread::yield();
    }
  }

  TemporaryDirectory directory;
  RunningServer server;
  RawClient client;
};

bool says(const std::string& reply, const std::string& name, long number) {
  return reply.find(bulk(name) + ':' + std::to_string(number) + "\r\n") != std::string::npos;
}

/// IDs of the entries that a reply names: "7-0" of "$3\r\n7-0".
std::set<std::string> small_ids(const std::string& reply) {
  std::set<std::string> ids;
  for (std::size_t at = reply.find("-0\r\n"); at != std::string::npos; at = reply.find("-0\r\n", at + 1)) {
    const std::size_t begin = reply.rfind('\n', at) + 1;
    if (at - begin < 5) ids.insert(reply.substr(begin, at - begin));
  }
  return ids;
}

}  // namespace

TEST_CASE("dead letters are sent back to their group, and processed") {
  DeadLetterBroker broker;
  broker.reject("orders.new", 3);
  const std::string task = broker.run({"DLQ", "REDRIVE"});
  CHECK(task.find(bulk("done")) != std::string::npos);
  CHECK(says(task, "moved", 3));
  CHECK(says(task, "looked", 3));
  CHECK(says(task, "total", 3));
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":0\r\n");
  const std::string again =
      broker.client.call({"XREADGROUP", "GROUP", "g", "c", "CLAIM", "0", "STREAMS", "orders.new", ">"});
  CHECK(small_ids(again) == std::set<std::string>{"1", "2", "3"});
  CHECK(broker.client.call({"XACK", "orders.new", "g", "1-0", "2-0", "3-0"}) == ":3\r\n");
  CHECK(info(broker.client, "dead_letters_rejected") == 3);
  CHECK(info(broker.client, "dead_letters_redriven") == 3);
}

TEST_CASE("an entry that dies again after a redrive and kill -9 says that it died twice") {
  TemporaryDirectory directory;
  const std::vector<std::string> arguments{"--dir", directory.path().string(), "--durable", "orders.*"};
  {
    RunningServer server(arguments);
    RawClient client(server.port());
    client.call({"XGROUP", "CREATE", "orders.new", "g", "0", "MKSTREAM"});
    client.call({"XADD", "orders.new", "1-0", "payload", "p"});
    client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "orders.new", ">"});
    client.call({"XNACK", "orders.new", "g", "FATAL", "IDS", "1", "1-0"});
    CHECK(client.call({"XRANGE", "dlq", "-", "+"}).find(bulk("dlq.deaths") + bulk("1")) != std::string::npos);
    client.call({"DLQ", "REDRIVE"});
    while (client.call({"XLEN", "dlq"}) != ":0\r\n") std::this_thread::yield();
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(arguments);
  RawClient client(server.port());
  CHECK(client.call({"DLQ", "TASKS"}) == "*0\r\n");
  CHECK(client.call({"XNACK", "orders.new", "g", "FATAL", "IDS", "1", "1-0"}) == ":1\r\n");
  CHECK(client.call({"XRANGE", "dlq", "-", "+"}).find(bulk("dlq.deaths") + bulk("2")) != std::string::npos);
}

TEST_CASE("a dead letter whose entry is gone is added to its channel again") {
  DeadLetterBroker broker;
  broker.reject("orders.new", 2);
  broker.client.call({"XDEL", "orders.new", "1-0"});
  const std::string task = broker.run({"DLQ", "REDRIVE", "dlq", "CHANNEL", "orders.new", "GROUP", "g"});
  CHECK(says(task, "moved", 1));
  CHECK(says(task, "added", 1));
  const std::string entries = broker.client.call({"XRANGE", "orders.new", "3-0", "+"});
  CHECK(entries.find(bulk("payload") + bulk("p1") + bulk("dlq.redriven-from") + bulk("1-0")) != std::string::npos);
}

TEST_CASE("dead letters are sent to another channel as they were") {
  DeadLetterBroker broker;
  broker.reject("orders.new", 2);
  CHECK(says(broker.run({"DLQ", "REDRIVE", "TO", "elsewhere"}), "moved", 2));
  const std::string entries = broker.client.call({"XRANGE", "elsewhere", "-", "+"});
  CHECK(entries.find("*2\r\n" + bulk("payload") + bulk("p2")) != std::string::npos);
  CHECK(entries.find("dlq.") == std::string::npos);
}

TEST_CASE("a dry run answers what would be, and changes nothing") {
  DeadLetterBroker broker;
  broker.reject("orders.new", 2);
  broker.client.call({"XDEL", "orders.new", "1-0"});
  CHECK(broker.client.call({"DLQ", "REDRIVE", "DRYRUN"}) == "*8\r\n" + bulk("moved") + ":1\r\n" + bulk("added") +
                                                                ":1\r\n" + bulk("skipped") + ":0\r\n" + bulk("looked") +
                                                                ":2\r\n");
  CHECK(says(broker.client.call({"DLQ", "DISCARD", "ALL", "DRYRUN"}), "moved", 2));
  CHECK(broker.client.call({"DLQ", "TASKS"}) == "*0\r\n");
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":2\r\n");
}

TEST_CASE("a task that is cancelled ends, and what it has moved stays moved") {
  DeadLetterBroker broker;
  broker.reject("orders.new", 5);
  CHECK(broker.client.call({"DLQ", "REDRIVE", "RATE", "1", "COUNT", "5"}) == ":1\r\n");
  while (broker.client.call({"XLEN", "dlq"}) == ":5\r\n") std::this_thread::yield();
  CHECK(broker.client.call({"DLQ", "CANCEL", "1"}) == ":1\r\n");
  CHECK(broker.client.call({"DLQ", "CANCEL", "1"}) == ":0\r\n");
  const std::string task = broker.await_end("1");
  CHECK(task.find(bulk("cancelled")) != std::string::npos);
  CHECK(says(task, "rate", 1));
  const long left = number_of(broker.client.call({"XLEN", "dlq"}));
  const long pending = number_of(broker.client.call({"XPENDING", "orders.new", "g"}).substr(4));
  CHECK(left + pending == 5);
}

TEST_CASE("dead letters are discarded where a filter or ALL says which") {
  DeadLetterBroker broker;
  broker.reject("orders.a", 2);
  broker.reject("orders.b", 1);
  CHECK(broker.client.call({"DLQ", "DISCARD"}).starts_with("-ERR wrong number of arguments"));
  CHECK(broker.client.call({"DLQ", "DISCARD", "dlq"}).starts_with("-ERR DLQ DISCARD needs"));
  CHECK(says(broker.run({"DLQ", "DISCARD", "CHANNEL", "orders.a"}), "moved", 2));
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":1\r\n");
  CHECK(says(broker.run({"DLQ", "DISCARD", "ALL"}), "moved", 1));
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":0\r\n");
  CHECK(broker.client.call({"XLEN", "orders.a"}) == ":2\r\n");
}

TEST_CASE("dead letters are listed page by page") {
  DeadLetterBroker broker;
  broker.reject("orders.a", 3);
  broker.reject("orders.b", 2);
  const std::string first = broker.client.call({"DLQ", "LIST", "CHANNEL", "orders.a", "COUNT", "2"});
  CHECK(first.starts_with("*4\r\n" + bulk("cursor") + "$"));
  CHECK(first.find(bulk("orders.b")) == std::string::npos);
  CHECK(first.find(bulk("p2")) != std::string::npos);
  CHECK(first.find(bulk("p3")) == std::string::npos);
  const std::string cursor = text_of(first.substr(4 + bulk("cursor").size()));
  const std::string id = cursor.substr(0, cursor.find("\r\n"));
  const std::string rest = broker.client.call({"DLQ", "LIST", "dlq", "AFTER", id, "REASON", "rejected"});
  CHECK(rest.starts_with("*4\r\n" + bulk("cursor") + "$-1\r\n" + bulk("entries") + "*3\r\n"));
  CHECK(rest.find(bulk("p3")) != std::string::npos);
  CHECK(broker.client.call({"DLQ", "LIST", "none"}).ends_with(bulk("entries") + "*0\r\n"));
  CHECK(broker.client.call({"DLQ", "LIST", "ID", id}).find(bulk("p2")) != std::string::npos);
  CHECK(broker.client.call({"DLQ", "LIST", "ORIGIN", "2-0", "1-0", "CHANNEL", "orders.b"})
            .find(bulk("entries") + "*2\r\n") != std::string::npos);
}

TEST_CASE("dead letters are counted by where and why they died") {
  DeadLetterBroker broker("orders.* dlq dlq:%channel");
  broker.reject("orders.a", 3);
  broker.reject("orders.b", 2);
  broker.client.call({"XADD", "dlq:orders.b", "*", "no", "letter"});
  const std::string stats = broker.client.call({"DLQ", "STATS"});
  CHECK(stats.starts_with("*2\r\n*14\r\n" + bulk("dlq") + bulk("dlq:orders.a") + bulk("channel") + bulk("orders.a") +
                          bulk("group") + bulk("g") + bulk("reason") + bulk("rejected") + bulk("count") + ":3\r\n" +
                          bulk("oldest-ms") + ":"));
  CHECK(says(stats, "count", 2));
  CHECK(broker.client.call({"DLQ", "STATS", "CHANNEL", "dlq:orders.b"}).starts_with("*1\r\n"));
  CHECK(broker.client.call({"DLQ", "STATS", "CHANNEL", "none"}) == "*0\r\n");
  broker.client.call({"HELLO", "3"});
  CHECK(broker.client.call({"DLQ", "STATS"}).starts_with("*2\r\n%7\r\n"));
  CHECK(broker.client.call({"DLQ", "LIST"}) == "%2\r\n" + bulk("cursor") + "_\r\n" + bulk("entries") + "*0\r\n");
  broker.client.call({"MULTI"});
  broker.client.call({"DLQ", "STATS"});
  CHECK(broker.client.call({"EXEC"}).starts_with("*1\r\n*2\r\n%7\r\n"));
}

TEST_CASE("an operator makes a dead letter of an entry that a consumer cannot get rid of") {
  DeadLetterBroker broker("other.*");
  RawClient subscriber(broker.server.port());
  subscriber.call({"SUBSCRIBE", "dlq"});
  broker.client.call({"XADD", "orders", "1-0", "payload", "p"});
  broker.client.call({"XGROUP", "CREATE", "orders", "g", "0"});
  broker.client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "orders", ">"});
  CHECK(broker.client.call({"DLQ", "MOVE", "orders", "g", "1-0", "2-0", "REASON", "ticket 7"}) == ":1\r\n");
  CHECK(broker.client.call({"XACK", "orders", "g", "1-0"}) == ":0\r\n");
  const std::string letters = broker.client.call({"DLQ", "LIST", "REASON", "operator"});
  CHECK(letters.find(bulk("dlq.detail") + bulk("ticket 7")) != std::string::npos);
  CHECK(letters.find(bulk("payload") + bulk("p")) != std::string::npos);
  CHECK(subscriber.read_reply().find("ticket 7") != std::string::npos);
  CHECK(info(broker.client, "dead_letters_operator") == 1);
  broker.run({"DLQ", "REDRIVE"});
  CHECK(broker.client.call({"XPENDING", "orders", "g"}).starts_with("*4\r\n:1\r\n"));
  CHECK(broker.client.call({"DLQ", "MOVE", "orders", "h", "1-0"}) ==
        "-NOGROUP No such key 'orders' or consumer group 'h'\r\n");
  CHECK(broker.client.call({"DLQ", "MOVE", "dlq", "g", "1-0"}) == "-ERR dead letters do not die again\r\n");
  CHECK(broker.client.call({"DLQ", "MOVE", "$all", "g", "1-0"}).starts_with("-ERR names that begin with '$'"));
}

TEST_CASE("wrong arguments of DLQ are refused as Redis words it") {
  DeadLetterBroker broker;
  const auto error = [&broker](std::initializer_list<std::string_view> words) { return broker.client.call(words); };
  CHECK(error({"DLQ", "FOO"}) == "-ERR unknown subcommand 'FOO'. Try DLQ HELP.\r\n");
  CHECK(error({"DLQ", "LIST", "dlq", "FOO"}) == "-ERR syntax error\r\n");
  CHECK(error({"DLQ", "LIST", "COUNT"}) == "-ERR syntax error\r\n");
  CHECK(error({"DLQ", "LIST", "COUNT", "x"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(error({"DLQ", "REDRIVE", "TO", "dlq"}) ==
        "-ERR dead letters cannot be sent to the channel that they are in\r\n");
  CHECK(error({"DLQ", "CANCEL", "x"}) == "-ERR value is not an integer or out of range\r\n");
  broker.client.call({"MULTI"});
  CHECK(error({"DLQ", "REDRIVE"}) == "-ERR Command not allowed inside a transaction\r\n");
}

TEST_CASE("a rule that keeps entries keeps dead letters, too") {
  DeadLetterBroker broker("*");
  broker.reject("orders.a", 1);
  broker.client.call({"CONFIG", "SET", "durable", "*; dlq append-only yes"});
  CHECK(broker.client.call({"DLQ", "REDRIVE"}) == "-ERR the channel is append-only: its entries stay\r\n");
  CHECK(broker.client.call({"DLQ", "DISCARD", "ALL"}) == "-ERR the channel is append-only: its entries stay\r\n");
}

TEST_CASE("what is published to a channel of dead letters is kept") {
  DeadLetterBroker broker("orders.* dlq dead");
  broker.client.call({"PUBLISH", "dead", "x"});
  broker.client.call({"PUBLISH", "dlq", "y"});
  CHECK(broker.client.call({"XLEN", "dead"}) == ":1\r\n");
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":1\r\n");
  CHECK(broker.client.call({"DURABLE", "RULE", "dead"}).find(bulk("max-deliveries") + bulk("0")) != std::string::npos);
}

TEST_CASE("kill -9 in the middle of a redrive loses nothing, and leaves nothing in two places") {
  constexpr int kLetters = 600;
  TemporaryDirectory directory;
  const std::vector<std::string> arguments{"--dir", directory.path().string(), "--durable", "orders.*"};
  {
    RunningServer server(arguments);
    RawClient client(server.port());
    client.call({"XGROUP", "CREATE", "orders.new", "g", "0", "MKSTREAM"});
    std::string requests;
    for (int i = 1; i <= kLetters; ++i) {
      requests += request({"XADD", "orders.new", std::to_string(i) + "-0", "payload", "x"});
    }
    requests += request({"XREADGROUP", "GROUP", "g", "c", "COUNT", "10000", "STREAMS", "orders.new", ">"});
    for (int i = 1; i <= kLetters; ++i) {
      requests += request({"XNACK", "orders.new", "g", "FATAL", "IDS", "1", std::to_string(i) + "-0"});
    }
    client.send(requests);
    for (int i = 0; i < 2 * kLetters + 1; ++i) client.read_reply();
    CHECK(client.call({"XLEN", "dlq"}) == ":" + std::to_string(kLetters) + "\r\n");
    // In some hundred pieces.
    client.call({"DLQ", "REDRIVE", "RATE", "2000"});
    while (number_of(client.call({"XLEN", "dlq"})) > kLetters - 100) std::this_thread::yield();
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(arguments);
  RawClient client(server.port());
  std::multiset<std::string> places;
  const std::string pending = client.call({"XPENDING", "orders.new", "g", "-", "+", std::to_string(10 * kLetters)});
  for (const std::string& id : small_ids(pending)) places.insert(id);
  const long revived = static_cast<long>(places.size());
  CHECK(revived >= 100);
  CHECK(revived < kLetters);
  for (const std::string& id : small_ids(client.call({"XRANGE", "dlq", "-", "+"}))) places.insert(id);
  CHECK(places.size() == kLetters);
  CHECK((std::set<std::string>(places.begin(), places.end()).size() == kLetters));
  // The rest stays dead until it is asked for again.
  CHECK(number_of(client.call({"XLEN", "dlq"})) == kLetters - revived);
  client.call({"DLQ", "REDRIVE"});
  while (client.call({"XLEN", "dlq"}) != ":0\r\n") std::this_thread::yield();
  CHECK(number_of(client.call({"XPENDING", "orders.new", "g"}).substr(4)) == kLetters);
}

}  // namespace respublica::test
