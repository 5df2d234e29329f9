// Consumers that share the entries of a virtual channel while the broker is killed.

#include <atomic>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/kill_rounds.h"
#include "tests/support/ledger_worker.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

using Texts = std::vector<std::string>;

/// What the clients have seen in one life of the broker.
struct Ledger {
  /// XADD to a channel of the category was answered.
  std::set<std::string> added;
  /// Consumers were given it; and how often as something new.
  std::map<std::string, int> given;
  std::set<std::string> acknowledged;
  /// XACK was sent, and its answer was lost with the broker.
  std::set<std::string> perhaps_acknowledged;
  /// Of other categories.
  std::set<std::string> foreign;

  void add(const Ledger& other) {
    added.insert(other.added.begin(), other.added.end());
    for (const auto& [entry, times] : other.given) given[entry] += times;
    acknowledged.insert(other.acknowledged.begin(), other.acknowledged.end());
    perhaps_acknowledged.insert(other.perhaps_acknowledged.begin(), other.perhaps_acknowledged.end());
    foreign.insert(other.foreign.begin(), other.foreign.end());
  }
};

/// Adds to channels of the category, and of others, until the broker is gone.
void produce(int port, std::atomic<long>& next, Ledger& ledger) {
  RawClient client(port);
  for (;;) {
    const long number = next++;
    const std::string value = std::to_string(number);
    client.call({"XADD", "order:" + std::to_string(number % 7), "*", "n", value});
    ledger.added.insert(value);
    client.call({"XADD", "account:" + std::to_string(number % 3), "*", "n", "-" + value});
  }
}

struct Given {
  std::string id;
  std::string channel;
  std::string value;
};

/// The entries in an answer to XREADGROUP: ID, "$channel", the channel, "$id", the ID there, "n" and the value of each.
std::vector<Given> given_of(const std::string& reply) {
  std::vector<Given> given;
  const Texts texts = texts_of(reply);
  for (std::size_t i = 1; i + 6 < texts.size(); i += 7) given.push_back({texts[i], texts[i + 2], texts[i + 6]});
  return given;
}

enum class AtEnd { waits, ends };

/// Takes entries until the broker is gone, or there are no more; every third stays pending.
void consume(int port, const std::string& name, AtEnd at_end, Ledger& ledger) {
  RawClient client(port);
  for (;;) {
    const std::vector<Given> given = given_of(
        at_end == AtEnd::waits
            ? client.call({"XREADGROUP", "GROUP", "g", name, "COUNT", "5", "BLOCK", "0", "STREAMS", "$ce:order", ">"})
            : client.call({"XREADGROUP", "GROUP", "g", name, "COUNT", "5", "STREAMS", "$ce:order", ">"}));
    if (given.empty()) return;
    for (const Given& entry : given) {
      if (!entry.channel.starts_with("order:")) ledger.foreign.insert(entry.channel);
      ++ledger.given[entry.value];
      if (std::stol(entry.value) % 3 == 0) continue;
      ledger.perhaps_acknowledged.insert(entry.value);
      if (client.call({"XACK", "$ce:order", "g", entry.id}) == ":1\r\n") ledger.acknowledged.insert(entry.value);
      ledger.perhaps_acknowledged.erase(entry.value);
    }
  }
}

using Worker = LedgerWorker<Ledger>;

/// The values of what is pending with the consumers.
std::set<std::string> pending(RawClient& client) {
  std::set<std::string> values;
  for (const char* const name : {"one", "two"}) {
    std::string after = "0";
    for (;;) {
      const std::vector<Given> given =
          given_of(client.call({"XREADGROUP", "GROUP", "g", name, "COUNT", "100", "STREAMS", "$ce:order", after}));
      if (given.empty()) break;
      for (const Given& entry : given) CHECK(values.insert(entry.value).second);
      after = given.back().id;
    }
  }
  return values;
}

}  // namespace

TEST_CASE("consumers of a category share its entries: each is acknowledged or pending, whenever the broker is killed") {
  const TemporaryDirectory directory;
  const std::vector<std::string> arguments = {"--dir", directory.path(), "--auto-aof-rewrite-min-size",
                                              "128kb", "--io-threads",   "2"};
  Ledger ledger;
  std::atomic<long> next{1};
  {
    RunningServer server(arguments);
    CHECK(RawClient(server.port()).call({"XGROUP", "CREATE", "$ce:order", "g", "0"}) == "+OK\r\n");
  }
  for (int round = 0; round < kill_rounds(); ++round) {
    RunningServer server(arguments);
    const int port = server.port();
    std::vector<std::unique_ptr<Worker>> workers;
    workers.push_back(std::make_unique<Worker>([port, &next](Ledger& own) { produce(port, next, own); }));
    for (const char* const name : {"one", "two"}) {
      workers.push_back(
          std::make_unique<Worker>([port, name](Ledger& own) { consume(port, name, AtEnd::waits, own); }));
    }
    const long enough = next + 200 + 31 * (round % 10);
    while (next < enough) std::this_thread::yield();
    server.signal(SIGKILL);
    server.wait();
    for (const auto& worker : workers) ledger.add(worker->join());
  }
  RunningServer server(arguments);
  RawClient client(server.port());
  consume(server.port(), "one", AtEnd::ends, ledger);
  const std::set<std::string> left = pending(client);
  CHECK(ledger.foreign.empty());
  CHECK_FALSE(ledger.acknowledged.empty());
  for (const std::string& entry : ledger.added) {
    CAPTURE(entry);
    const bool is_acknowledged = ledger.acknowledged.contains(entry);
    const bool is_pending = left.contains(entry);
    CHECK((is_acknowledged != is_pending || (!is_pending && ledger.perhaps_acknowledged.contains(entry))));
    // kill -9 loses nothing that was written: what was handed out once is pending, and nobody gets it as new.
    CHECK(ledger.given[entry] <= 1);
  }
}

TEST_CASE("groups of virtual channels leave no name behind that clients see") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path(), "--durable", "*", "--io-threads", "1"});
  RawClient client(server.port());
  CHECK(client.call({"XGROUP", "CREATE", "$ce:order", "g", "$"}) == "+OK\r\n");
  CHECK(client.call({"XGROUP", "CREATE", "$all", "g", "0", "MKSTREAM"}) == "+OK\r\n");
  CHECK(client.call({"XGROUP", "CREATE", "$ce:order", "g", "$"}).starts_with("-BUSYGROUP"));
  CHECK(client.call({"XADD", "order:1", "1-1", "f", "v"}) == bulk("1-1"));
  CHECK(client.call({"KEYS", "*"}) == "*1\r\n" + bulk("order:1"));
  CHECK(client.call({"SCAN", "0"}) == "*2\r\n" + bulk("0") + "*1\r\n" + bulk("order:1"));
  CHECK(client.call({"DBSIZE"}) == ":1\r\n");
  CHECK(client.call({"RANDOMKEY"}) == bulk("order:1"));
  CHECK(client.call({"EXISTS", "$ce:order", "$all"}) == ":0\r\n");
  CHECK(client.call({"TYPE", "$all"}) == "+none\r\n");
  CHECK(client.call({"XLEN", "$ce:order"}) == ":1\r\n");
  CHECK(client.call({"DEL", "$ce:order"}).starts_with("-ERR names that begin with '$'"));
  CHECK(client.call({"XGROUP", "CREATE", "$mine", "g", "$", "MKSTREAM"}).starts_with("-ERR names that begin with '$'"));
  CHECK(client.call({"XACKDEL", "$all", "g", "IDS", "1", "1-1"}).starts_with("-ERR names that begin with '$'"));
  CHECK(client.call({"FLUSHALL"}) == "+OK\r\n");
  CHECK(client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "$ce:order", ">"}).starts_with("-NOGROUP"));
}

TEST_CASE("commands of groups work on a category as on a stream") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path(), "--io-threads", "1"});
  RawClient client(server.port());
  const auto read = [&client](std::string_view id) {
    return client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "$ce:order", id});
  };
  client.call({"XGROUP", "CREATE", "$ce:order", "g", "0"});
  CHECK(read(">") == "*-1\r\n");
  client.call({"XADD", "order:1", "1-1", "f", "v"});
  const Texts texts = texts_of(read(">"));
  REQUIRE(texts.size() == 8);
  CHECK(texts[0] == "$ce:order");
  CHECK(Texts(texts.begin() + 2, texts.end()) == Texts{"$channel", "order:1", "$id", "1-1", "f", "v"});
  const std::string& id = texts[1];
  CHECK(texts_of(client.call({"XRANGE", "$ce:order", id, id}))[2] == "order:1");
  CHECK(texts_of(read("0")) == texts);
  CHECK(client.call({"XPENDING", "$ce:order", "g"}).starts_with("*4\r\n:1\r\n"));
  CHECK(texts_of(client.call({"XCLAIM", "$ce:order", "g", "d", "0", id}))[2] == "order:1");
  CHECK(texts_of(client.call({"XAUTOCLAIM", "$ce:order", "g", "c", "0", "0"}))[3] == "order:1");
  CHECK(client.call({"XNACK", "$ce:order", "g", "FAIL", "IDS", "1", id}) == ":1\r\n");
  const std::string groups = client.call({"XINFO", "GROUPS", "$ce:order"});
  CHECK(groups.ends_with("entries-read\r\n$-1\r\n$3\r\nlag\r\n$-1\r\n"));
  CHECK(client.call({"XINFO", "CONSUMERS", "$ce:order", "g"}).starts_with("*2\r\n"));
  CHECK(client.call({"XINFO", "GROUPS", "$ce:unknown"}) == "*0\r\n");
  CHECK(client.call({"XACK", "$ce:order", "g", id}) == ":1\r\n");
  CHECK(client.call({"XGROUP", "CREATECONSUMER", "$ce:order", "g", "e"}) == ":1\r\n");
  CHECK(client.call({"XGROUP", "DELCONSUMER", "$ce:order", "g", "e"}) == ":0\r\n");
  CHECK(client.call({"XGROUP", "SETID", "$ce:order", "g", "0"}) == "+OK\r\n");
  CHECK(texts_of(read(">")) == texts);
  CHECK(client.call({"XGROUP", "DESTROY", "$ce:order", "g"}) == ":1\r\n");
}

TEST_CASE("a virtual channel is read by itself, and not in a transaction") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path(), "--io-threads", "1"});
  RawClient client(server.port());
  client.call({"XGROUP", "CREATE", "$all", "g", "0"});
  client.call({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
  CHECK(client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", "$all", ">", ">"})
            .starts_with("-ERR a virtual channel is the only one"));
  client.call({"MULTI"});
  client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "$all", ">"});
  client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "$all", "0"});
  client.call({"XADD", "s", "1-1", "f", "v"});
  CHECK(client.call({"EXEC"}) ==
        "*3\r\n-ERR new entries of a virtual channel cannot be read in a transaction\r\n*1\r\n*2\r\n" + bulk("$all") +
            "*0\r\n" + bulk("1-1"));
  RawClient waiting(server.port());
  waiting.send(request({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "$all", ">"}) +
               request({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "$all", ">"}));
  CHECK(texts_of(waiting.read_reply())[3] == "s");
  await_info(client, "blocked_clients", 1);
  client.call({"PUBLISH", "nobody", "x"});
  client.call({"XADD", "t", "2-1", "f", "v"});
  CHECK(texts_of(waiting.read_reply())[3] == "t");
}

}  // namespace respublica::test
