// MULTI and EXEC with commands that ask other io threads, and with messages that arrive meanwhile.

#include <string>

#include "tests/support/catch.h"
#include "tests/support/message_stream.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

const std::string kQueued = "+QUEUED\r\n";

}  // namespace

TEST_CASE("a client that kills itself inside EXEC gets EXEC's whole reply first") {
  RunningServer server({"--io-threads", "2"});
  RawClient client(server.port());
  const std::string id = std::to_string(number_of(client.call({"CLIENT", "ID"})));
  client.send(request({"MULTI"}) + request({"CLIENT", "KILL", "ID", id, "SKIPME", "no"}) + request({"CLIENT", "LIST"}) +
              request({"ECHO", "end"}) + request({"EXEC"}));
  CHECK(client.read_reply() == "+OK\r\n");
  for (int i = 0; i < 3; ++i) CHECK(client.read_reply() == kQueued);
  const std::string replies = client.read_to_end();
  CHECK(replies.starts_with("*3\r\n:1\r\n$"));
  CHECK(replies.ends_with(bulk("end")));
}

TEST_CASE("what MULTI queues counts for client-query-buffer-limit") {
  RunningServer server({"--client-query-buffer-limit", "1mb"});
  RawClient client(server.port());
  CHECK(client.call({"MULTI"}) == "+OK\r\n");
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 10; ++i) CHECK(client.call({"PUBLISH", "news", payload}) == kQueued);
  client.send(request({"PUBLISH", "news", payload}));
  CHECK(client.read_to_end().size() <= kQueued.size());
  RawClient observer(server.port());
  CHECK(info(observer, "client_query_buffer_limit_disconnections") == 1);
}

TEST_CASE("nothing of a channel follows the reply of an EXEC that unsubscribed from it") {
  RunningServer server({"--io-threads", "4"});
  MessageStream stream(server.port(), "news");
  RawClient client(server.port());
  client.call({"HELLO", "3"});
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    client.call({"SUBSCRIBE", "news"});
    REQUIRE(client.read_reply().find("message") != std::string::npos);
    client.send(request({"MULTI"}) + request({"UNSUBSCRIBE", "news"}) + request({"EXEC"}) + request({"ECHO", "end"}));
    std::string reply;
    while (reply != "*1\r\n>3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0\r\n") {
      reply = client.read_reply();
      REQUIRE((reply == "+OK\r\n" || reply == kQueued || reply.find("message") != std::string::npos ||
               reply.find("unsubscribe") != std::string::npos));
    }
    REQUIRE(client.read_reply() == bulk("end"));
  }
}

TEST_CASE("a subscriber does not change its protocol inside EXEC") {
  RunningServer server({"--io-threads", "2"});
  RawClient client(server.port());
  client.call({"HELLO", "3"});
  client.call({"SUBSCRIBE", "news"});
  client.send(request({"MULTI"}) + request({"HELLO", "2"}) + request({"HELLO", "3"}) + request({"EXEC"}));
  CHECK(client.read_reply() == "+OK\r\n");
  CHECK(client.read_reply() == kQueued);
  CHECK(client.read_reply() == kQueued);
  const std::string replies = client.read_reply();
  CHECK(replies.starts_with("*2\r\n-ERR Command not allowed inside a transaction\r\n%7\r\n"));
}

}  // namespace respublica::test
