// `$all` and `$ce:<category>`.

#include <csignal>
#include <set>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/temporary_directory.h"

using namespace respublica::test;

namespace {

std::vector<std::string> on(const TemporaryDirectory& directory) {
  return {"--dir", directory.path(), "--durable", "account:*", "--io-threads", "2"};
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a projection reads all channels with XREAD, and goes on where it was after a kill") {
  const TemporaryDirectory directory;
  std::string last;
  {
    RunningServer server(on(directory));
    RawClient client(server.port());
    CHECK(client.call({"XRANGE", "$all", "-", "+"}) == "*0\r\n");
    client.call({"XADD", "account:1", "5-1", "type", "Opened"});
    client.call({"PUBLISH", "account:2", "hello"});
    const Texts texts = texts_of(client.call({"XREAD", "COUNT", "1", "STREAMS", "$all", "0"}));
    REQUIRE(texts.size() == 8);
    CHECK(Texts(texts.begin() + 2, texts.end()) == Texts{"$channel", "account:1", "$id", "5-1", "type", "Opened"});
    last = texts[1];
    server.signal(SIGKILL);
    server.wait();
  }
  RunningServer server(on(directory));
  RawClient client(server.port());
  const Texts texts = texts_of(client.call({"XREAD", "STREAMS", "$all", last}));
  REQUIRE(texts.size() == 8);
  CHECK(texts[3] == "account:2");
  CHECK(texts[6] == "payload");
  CHECK(client.call({"XREAD", "STREAMS", "$all", texts[1]}) == "*-1\r\n");
  CHECK(client.call({"XLEN", "$all"}) == ":2\r\n");
  CHECK(texts_of(client.call({"XRANGE", "$ce:account", last, last}))[2] == "account:1");
  CHECK(texts_of(client.call({"XREVRANGE", "$ce:account", "+", "-", "COUNT", "1"}))[2] == "account:2");
  CHECK(texts_of(client.call({"XREAD", "STREAMS", "$all", "+"}))[3] == "account:2");
}

TEST_CASE("a reader of a virtual channel waits for what is added to those that it is made of") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  client.call({"XADD", "account:1", "1-1", "f", "old"});
  RawClient all(server.port());
  all.send(request({"XREAD", "BLOCK", "0", "STREAMS", "$all", "$"}));
  RawClient category(server.port());
  category.send(request({"XREAD", "BLOCK", "0", "STREAMS", "$ce:account", "$"}));
  await_info(client, "blocked_clients", 2);
  client.call({"XADD", "other:1", "1-1", "f", "v"});
  CHECK(texts_of(all.read_reply())[3] == "other:1");
  client.call({"XADD", "account:2", "1-1", "f", "new"});
  const Texts texts = texts_of(category.read_reply());
  CHECK(texts[0] == "$ce:account");
  CHECK(Texts(texts.begin() + 2, texts.end()) == Texts{"$channel", "account:2", "$id", "1-1", "f", "new"});
}

TEST_CASE("thousands of channels are read in pieces, each entry once") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  constexpr int kChannels = 5'000;
  std::string requests;
  for (int i = 0; i < kChannels; ++i) {
    requests += request({"XADD", "account:" + std::to_string(i), "1-1", "f", "v"});
  }
  client.send(requests);
  for (int i = 0; i < kChannels; ++i) REQUIRE(client.read_reply() == bulk("1-1"));
  requests.clear();
  for (int i = 0; i < kChannels; i += 2) requests += request({"DEL", "account:" + std::to_string(i)});
  client.send(requests);
  for (int i = 0; i < kChannels; i += 2) REQUIRE(client.read_reply() == ":1\r\n");
  std::set<std::string> seen;
  std::string last = "0";
  std::string reply;
  while ((reply = client.call({"XREAD", "COUNT", "100", "STREAMS", "$ce:account", last})) != "*-1\r\n") {
    const Texts texts = texts_of(reply);
    for (std::size_t i = 1; i < texts.size(); i += 7) {
      last = texts[i];
      REQUIRE(seen.insert(texts[i + 2]).second);
    }
  }
  CHECK(seen.size() == kChannels / 2);
}

TEST_CASE("the names of the broker are only read") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  const std::string refused = "-ERR names that begin with '$' belong to the broker\r\n";
  CHECK(client.call({"XADD", "$all", "*", "f", "v"}) == refused);
  CHECK(client.call({"XADD", "$ce:account", "*", "f", "v"}) == refused);
  CHECK(client.call({"XADD", "$mine", "*", "f", "v"}) == refused);
  CHECK(client.call({"XDEL", "$all", "1-1"}) == refused);
  CHECK(client.call({"XTRIM", "$all", "MAXLEN", "0"}) == refused);
  CHECK(client.call({"DEL", "a", "$all"}) == refused);
  CHECK(client.call({"EXPIRE", "$all", "1"}) == refused);
  CHECK(client.call({"PUBLISH", "$all", "x"}) == refused);
  CHECK(client.call({"XINFO", "STREAM", "$all"}).starts_with("-ERR a virtual channel is no stream"));
  CHECK(client.call({"TYPE", "$all"}) == "+none\r\n");
  client.send(request({"XADD", "a", "1-1", "f", "v"}) + request({"XADD", "$all", "*", "f", "v"}) +
              request({"XADD", "a", "1-2", "f", "v"}));
  CHECK(client.read_reply() == bulk("1-1"));
  CHECK(client.read_reply() == refused);
  CHECK(client.read_reply() == bulk("1-2"));
}
