// MONITOR.

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// More than this many bytes no kernel keeps for a client with a small buffer.
constexpr std::size_t kMoreThanKernelKeeps = std::size_t{64} << 20;

/// The line of CLIENT LIST about that client.
std::string description(RawClient& asking, const RawClient& of) {
  for (const std::string& line : lines_of(text_of(asking.call({"CLIENT", "LIST"})))) {
    if (field_of(line, "addr") == of.address()) return line;
  }
  FAIL("no such client");
  return {};
}

}  // namespace

TEST_CASE("the answer to QUIT is the last that a client in MONITOR receives") {
  RunningServer server;
  RawClient client(server.port());
  client.send(request({"MONITOR"}) + request({"PING"}) + request({"QUIT"}));
  const std::string received = client.read_to_end();
  CHECK(received.ends_with("+PONG\r\n+OK\r\n"));
}

TEST_CASE("RESET ends MONITOR, and MONITOR can be asked for again") {
  RunningServer server({"--io-threads", "2"});
  RawClient monitor(server.port());
  RawClient other(server.port());
  CHECK(monitor.call({"MONITOR"}) == "+OK\r\n");
  CHECK(monitor.call({"RESET"}) == "+RESET\r\n");
  CHECK(other.call({"ECHO", "unseen"}) == bulk("unseen"));
  CHECK(monitor.call({"PING"}) == "+PONG\r\n");
  CHECK(monitor.call({"MONITOR"}) == "+OK\r\n");
  CHECK(other.call({"ECHO", "seen"}) == bulk("seen"));
  CHECK(monitor.read_reply().ends_with("\"ECHO\" \"seen\"\r\n"));
}

TEST_CASE("a client in MONITOR that went is no hindrance to those that stay") {
  RunningServer server({"--io-threads", "2"});
  std::vector<RawClient> monitors;
  for (int i = 0; i < 4; ++i) {
    monitors.emplace_back(server.port());
    CHECK(monitors.back().call({"MONITOR"}) == "+OK\r\n");
  }
  RawClient other(server.port());
  monitors[0].abort();
  monitors[1].abort();
  await_info(other, "monitor_clients", 2);
  CHECK(other.call({"ECHO", "last"}) == bulk("last"));
  for (int i = 2; i < 4; ++i) {
    std::string line;
    while (!line.ends_with("\"ECHO\" \"last\"\r\n")) line = monitors[static_cast<std::size_t>(i)].read_reply();
  }
}

TEST_CASE("a long line is shared among the clients in MONITOR that have not read it yet") {
  RunningServer server({"--io-threads", "1"});
  RawClient monitor = RawClient::with_small_buffer(server.port());
  CHECK(monitor.call({"MONITOR"}) == "+OK\r\n");
  RawClient other(server.port());
  const std::string text(64 * 1024, 'x');
  for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += text.size()) {
    CHECK(other.call({"PUBLISH", "news", text}) == ":0\r\n");
  }
  const std::string line = description(other, monitor);
  const long queued = std::stol(field_of(line, "omem"));
  CHECK(queued > 1'000'000);
  CHECK(std::stol(field_of(line, "tot-mem")) < queued / 10);
}

TEST_CASE("a client in MONITOR that never reads is disconnected at the output limit") {
  const auto size = GENERATE(100, 64 * 1024);
  RunningServer server({"--client-output-buffer-limit", "normal 1mb 0 0"});
  RawClient monitor = RawClient::with_small_buffer(server.port());
  CHECK(monitor.call({"MONITOR"}) == "+OK\r\n");
  RawClient other(server.port());
  std::string batch;
  std::string expected;
  const std::string text(static_cast<std::size_t>(size), 'x');
  for (std::size_t bytes = 0; bytes < text.size() + 64 * 1024; bytes += text.size()) {
    batch += request({"PUBLISH", "news", text});
    expected += ":0\r\n";
  }
  for (std::size_t sent = 0; sent < kMoreThanKernelKeeps; sent += batch.size()) {
    other.send(batch);
    CHECK(other.read_bytes(expected.size()) == expected);
  }
  await_info(other, "client_output_buffer_limit_disconnections", 1);
  CHECK(info(other, "monitor_clients") == 0);
}

}  // namespace respublica::test
