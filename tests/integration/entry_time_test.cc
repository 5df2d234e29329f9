// Entries that wait for their time, that expire, that nobody heard, and that limits take off.

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

bool has(const std::string& reply, std::string_view part) { return reply.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an entry that is to be delivered later arrives then, for all who listen, though the broker was killed") {
  const TemporaryDirectory directory;
  {
    RunningServer server(on(directory, "jobs delayed yes"));
    RawClient client(server.port());
    client.call({"XGROUP", "CREATE", "jobs", "g", "$", "MKSTREAM"});
    CHECK(has(client.call({"XADD", "jobs", "*", "payload", "soon", "deliver-in-ms", "700"}), "-0\r\n"));
    CHECK(has(client.call({"XADD", "jobs", "*", "payload", "never", "deliver-at", "99999999999999"}), "-"));
    CHECK(client.call({"XLEN", "jobs"}) == ":0\r\n");
    CHECK(client.call({"KEYS", "*"}) == "*1\r\n$4\r\njobs\r\n");
    CHECK(client.call({"DBSIZE"}) == ":1\r\n");
    CHECK(has(client.call({"XRANGE", "$delayed:jobs", "-", "+"}), "never"));
    CHECK(has(client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "$delayed:jobs", ">"}), "-ERR"));
    CHECK(has(client.call({"XADD", "$delayed:jobs", "*", "a", "b"}), "-ERR names that begin"));
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(on(directory, "jobs delayed yes"));
  RawClient client(server.port());
  RawClient subscriber(server.port());
  RawClient reader(server.port());
  subscriber.send(request({"SUBSCRIBE", "jobs"}));
  subscriber.read_reply();
  reader.send(request({"XREAD", "BLOCK", "0", "STREAMS", "jobs", "0"}));
  // The one that comes next is for these two if it has not come yet.
  client.call({"XADD", "jobs", "*", "payload", "next", "deliver-in-ms", "300"});
  std::string given;
  while (!has(given, "next") || !has(given, "soon")) {
    given += client.call({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "jobs", ">"});
  }
  CHECK_FALSE(has(given, "deliver-in-ms"));
  CHECK(has(reader.read_reply(), "payload"));
  CHECK(has(subscriber.read_reply(), "message"));
  CHECK(client.call({"XLEN", "$delayed:jobs"}) == ":1\r\n");
}

TEST_CASE("what waits is cancelled with XDEL, and what makes no sense is refused") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "jobs delayed yes entry-ttl yes"));
  RawClient client(server.port());
  const std::string reply = client.call({"XADD", "jobs", "*", "payload", "never", "deliver-in-ms", "99999999"});
  const std::string id = reply.substr(reply.find('\n') + 1, reply.rfind('\r') - reply.find('\n') - 1);
  CHECK(client.call({"XDEL", "$delayed:jobs", id}) == ":1\r\n");
  CHECK(client.call({"XLEN", "$delayed:jobs"}) == ":0\r\n");
  CHECK(client.call({"XADD", "jobs", "1-0", "a", "b", "deliver-in-ms", "5000"}) ==
        "-ERR an entry that is delivered later gets its ID then: add it with '*'\r\n");
  CHECK(client.call({"XADD", "jobs", "*", "a", "b", "deliver-at", "tomorrow"}) ==
        "-ERR the field 'deliver-at' must be a number of milliseconds, at least 1\r\n");
  CHECK(client.call({"XADD", "jobs", "*", "a", "b", "ttl-ms", "-5"}) ==
        "-ERR the field 'ttl-ms' must be a number of milliseconds, at least 1\r\n");
  CHECK(client.call({"XLEN", "jobs"}) == ":0\r\n");
  CHECK(has(client.call({"XADD", "plain", "*", "a", "b", "ttl-ms", "-5", "deliver-at", "x"}), "-0\r\n"));
}

TEST_CASE(
    "an entry that is too old is gone, and is a dead letter of the group that has not done it, though the broker was "
    "killed") {
  const TemporaryDirectory directory;
  const std::string rule = "orders ttl 400ms";
  {
    RunningServer server(on(directory, rule));
    RawClient client(server.port());
    client.call({"XGROUP", "CREATE", "orders", "g", "$", "MKSTREAM"});
    client.call({"XADD", "orders", "*", "payload", "late"});
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(on(directory, rule));
  RawClient client(server.port());
  CHECK(has(client.call({"XREAD", "BLOCK", "0", "STREAMS", "dlq", "0"}), "expired"));
  CHECK(client.call({"XLEN", "orders"}) == ":0\r\n");
  CHECK(client.call({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "orders", ">"}) == "*-1\r\n");
  CHECK(client.call({"XTRIM", "dlq", "MAXLEN", "0"}) == ":1\r\n");
  client.call({"XADD", "orders", "*", "payload", "own", "ttl-ms", "1"});
  CHECK(has(client.call({"XREAD", "BLOCK", "0", "STREAMS", "dlq", "0"}), "own"));
}

TEST_CASE("a message that nobody was there for is a dead letter") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "orders dlq-undelivered yes"));
  RawClient client(server.port());
  CHECK(client.call({"PUBLISH", "orders", "lost"}) == ":0\r\n");
  const std::string letters = client.call({"XRANGE", "dlq", "-", "+"});
  CHECK(has(letters, "undelivered"));
  CHECK(has(letters, "lost"));
  {
    RawClient subscriber(server.port());
    subscriber.send(request({"PSUBSCRIBE", "or*"}));
    subscriber.read_reply();
    CHECK(client.call({"PUBLISH", "orders", "heard"}) == ":1\r\n");
    client.call({"XADD", "orders", "*", "a", "b"});
    CHECK(client.call({"XLEN", "dlq"}) == ":1\r\n");
    subscriber.send(request({"PUNSUBSCRIBE"}));
    CHECK(has(subscriber.read_reply(), "heard"));
    CHECK(has(subscriber.read_reply(), "pmessage"));
    CHECK(has(subscriber.read_reply(), "punsubscribe"));
  }
  client.call({"MULTI"});
  client.call({"XADD", "orders", "*", "a", "b"});
  client.call({"EXEC"});
  CHECK(client.call({"XLEN", "dlq"}) == ":2\r\n");
  client.call({"XGROUP", "CREATE", "orders", "g", "$"});
  client.call({"PUBLISH", "orders", "kept"});
  CHECK(client.call({"XLEN", "dlq"}) == ":2\r\n");
}

TEST_CASE("what a limit takes off while a group wants it is a dead letter") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "orders maxlen 2 dlq-trimmed yes"));
  RawClient client(server.port());
  client.call({"XGROUP", "CREATE", "orders", "g", "$", "MKSTREAM"});
  for (const char* value : {"first", "second", "third"}) client.call({"PUBLISH", "orders", value});
  const std::string letter = client.call({"XREAD", "BLOCK", "0", "STREAMS", "dlq", "0"});
  CHECK(has(letter, "maxlen"));
  CHECK(has(letter, "first"));
  CHECK(client.call({"XLEN", "orders"}) == ":2\r\n");
  CHECK(has(client.call({"CONFIG", "GET", "durable"}), "orders maxlen 2 dlq-trimmed yes"));
}

TEST_CASE("dead letters may have the reserved fields of the entries that died, which say nothing there") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "* entry-ttl yes delayed yes"));
  RawClient client(server.port());
  CHECK(client.call({"XADD", "dlq", "1-1", "f", "v", "ttl-ms", "1", "deliver-in-ms", "never"}) == "$3\r\n1-1\r\n");
  CHECK(has(client.call({"XREAD", "STREAMS", "dlq", "0"}), "1-1"));
}

TEST_CASE("an entry that is delivered later does not trim its channel") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory, "jobs delayed yes"));
  RawClient client(server.port());
  CHECK(
      has(client.call({"XADD", "jobs", "MAXLEN", "5", "*", "f", "v", "deliver-in-ms", "60000"}), "-ERR an entry that"));
  CHECK(has(client.call({"XADD", "jobs", "MINID", "5", "*", "f", "v", "deliver-at", "1"}), "-ERR an entry that"));
  CHECK(client.call({"EXISTS", "jobs"}) == ":0\r\n");
}
