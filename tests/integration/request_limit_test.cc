// What one client may ask for: the sizes of requests, before and after AUTH.

#include <stdexcept>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

const std::string kNoAuth = "-NOAUTH Authentication required.\r\n";

/// Sends until the broker closes the connection.
void send_until_closed(RawClient& client, const std::string& bytes) {
  try {
    for (std::size_t sent = 0; sent < std::size_t{1} << 30; sent += bytes.size()) client.send(bytes);
  } catch (const std::runtime_error&) {
    return;
  }
  FAIL("the broker takes whatever comes");
}

}  // namespace

TEST_CASE("a request that outgrows client-query-buffer-limit closes the connection, which is logged and counted") {
  RunningServer server({"--client-query-buffer-limit", "1mb"});
  RawClient other(server.port());
  RawClient client(server.port());
  client.send("*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$104857600\r\n");
  send_until_closed(client, std::string(1 << 20, 'x'));
  await_info(other, "connected_clients", 1);
  CHECK(info(other, "client_query_buffer_limit_disconnections") == 1);
  server.await_output("client exceeded its query buffer limit, closing");
  CHECK(other.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("a request of a million small arguments counts against client-query-buffer-limit") {
  RunningServer server({"--client-query-buffer-limit", "1mb"});
  RawClient other(server.port());
  RawClient client(server.port());
  client.send("*1048576\r\n");
  std::string arguments;
  for (int i = 0; i < 1000; ++i) arguments += "$4\r\nnews\r\n";
  send_until_closed(client, arguments);
  await_info(other, "client_query_buffer_limit_disconnections", 1);
}

TEST_CASE("a request of large arguments without end counts against client-query-buffer-limit") {
  RunningServer server({"--client-query-buffer-limit", "4mb"});
  RawClient other(server.port());
  RawClient client(server.port());
  client.send("*1000000\r\n");
  send_until_closed(client, "$1048576\r\n" + std::string(1 << 20, 'x') + "\r\n");
  await_info(other, "client_query_buffer_limit_disconnections", 1);
}

TEST_CASE("large arguments below client-query-buffer-limit are taken, request after request") {
  RunningServer server({"--client-query-buffer-limit", "4mb"});
  RawClient client(server.port());
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) client.send(request({"ECHO", large}));
  for (int i = 0; i < 8; ++i) CHECK(client.read_reply() == bulk(large));
  client.send(request({"ECHO", large, large}));
  CHECK(client.read_reply() == "-ERR wrong number of arguments for 'echo' command\r\n");
}

TEST_CASE("an argument above proto-max-bulk-len is a protocol error, and the limit itself is allowed") {
  RunningServer server({"--proto-max-bulk-len", "1mb"});
  RawClient client(server.port());
  const std::string largest(1 << 20, 'x');
  CHECK(client.call({"ECHO", largest}) == bulk(largest));
  client.send("*2\r\n$4\r\nECHO\r\n$1048577\r\n");
  CHECK(client.read_to_end() == "-ERR Protocol error: invalid bulk length\r\n");
}

TEST_CASE("an inline request above 64 KB without an end is a protocol error") {
  RunningServer server;
  RawClient client(server.port());
  client.send("ECHO " + std::string(60'000, 'x') + "\r\n");
  CHECK(client.read_reply() == bulk(std::string(60'000, 'x')));
  client.send(std::string(64 * 1024 + 1, 'x'));
  CHECK(client.read_to_end() == "-ERR Protocol error: too big inline request\r\n");
}

TEST_CASE("what was asked before a protocol error is answered before it") {
  RunningServer server;
  RawClient client(server.port());
  client.send(request({"PING"}) + request({"PUBLISH", "news", "1"}) + "*1\r\n+PING\r\n" + request({"PING"}));
  CHECK(client.read_to_end() == "+PONG\r\n:0\r\n-ERR Protocol error: expected '$', got '+'\r\n");
}

TEST_CASE("a web browser that is made to talk to the broker is closed without a word") {
  RunningServer server;
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPUBLISH news 1\r\n");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("before AUTH a request has at most ten arguments of at most 16 KB") {
  RunningServer server({"--requirepass", "secret"});
  RawClient many(server.port());
  many.send("*11\r\n");
  CHECK(many.read_to_end() == "-ERR Protocol error: unauthenticated multibulk length\r\n");
  RawClient large(server.port());
  large.send("*2\r\n$4\r\nECHO\r\n$16385\r\n");
  CHECK(large.read_to_end() == "-ERR Protocol error: unauthenticated bulk length\r\n");
  RawClient just(server.port());
  CHECK(just.call({"ECHO", std::string(16384, 'x')}) == kNoAuth);
  CHECK(just.call({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}).starts_with("-ERR unknown command"));
  CHECK(just.call({"AUTH", "secret"}) == "+OK\r\n");
  CHECK(just.call({"ECHO", std::string(16385, 'x')}) == bulk(std::string(16385, 'x')));
}

TEST_CASE("a client may send its first requests together with AUTH") {
  RunningServer server({"--requirepass", "secret"});
  RawClient client(server.port());
  const std::string large(20'000, 'x');
  client.send(request({"AUTH", "secret"}) + request({"ECHO", large}) + request({"PING"}));
  CHECK(client.read_reply() == "+OK\r\n");
  CHECK(client.read_reply() == bulk(large));
  CHECK(client.read_reply() == "+PONG\r\n");
}

TEST_CASE("a client without AUTH gets an answer to each request of a long pipeline when it reads") {
  RunningServer server({"--requirepass", "secret"});
  RawClient client(server.port());
  std::string batch;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    batch += request({"PING"});
    expected += kNoAuth;
  }
  client.send(batch + request({"AUTH", "secret"}) + request({"PING"}));
  CHECK(client.read_bytes(expected.size()) == expected);
  CHECK(client.read_reply() == "+OK\r\n");
  CHECK(client.read_reply() == "+PONG\r\n");
}

TEST_CASE("a client without AUTH that never reads is disconnected") {
  RunningServer server({"--requirepass", "secret"});
  RawClient other(server.port());
  other.call({"AUTH", "secret"});
  RawClient client = RawClient::with_small_buffer(server.port());
  std::string batch;
  for (int i = 0; i < 10'000; ++i) batch += request({"PING"});
  send_until_closed(client, batch);
  await_info(other, "connected_clients", 1);
  CHECK(info(other, "client_output_buffer_limit_disconnections") == 1);
}

TEST_CASE("requirepass set while the broker runs holds for new clients") {
  RunningServer server;
  RawClient early(server.port());
  CHECK(early.call({"CONFIG", "SET", "requirepass", "secret"}) == "+OK\r\n");
  CHECK(early.call({"PING"}) == "+PONG\r\n");
  RawClient late(server.port());
  CHECK(late.call({"PING"}) == kNoAuth);
  CHECK(late.call({"AUTH", "wrong"}) == "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  CHECK(late.call({"HELLO", "3", "AUTH", "default", "secret"}).front() == '%');
  CHECK(late.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("a small request with many large replies takes no more memory than the output limit, and gives it back") {
  RunningServer server({"--client-output-buffer-limit", "normal 1mb 0 0"});
  RawClient observer(server.port());
  const long before = info(observer, "used_memory_peak");
  RawClient client = RawClient::with_small_buffer(server.port());
  std::string asking;
  while (asking.size() < 64 * 1024) asking += "COMMAND DOCS\r\n";
  client.send(asking);
  await_info(observer, "client_output_buffer_limit_disconnections", 1);
  CHECK(info(observer, "used_memory") - before < 4 * 1024 * 1024);
}

}  // namespace respublica::test
