// How many clients, and for how long: maxclients, descriptors, timeout, tcp-keepalive.

#include <sys/resource.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// What the kernel says of the broker's end of a connection, as in /proc/net/tcp.
struct KernelTimer {
  bool keepalive = false;
  double seconds = 0;
};

KernelTimer timer_of(int broker_port, int client_port) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer;
    words >> slot >> local >> remote >> state >> queues >> timer;
    const auto port = [](const std::string& address) { return std::stoi(address.substr(9), nullptr, 16); };
    if (port(local) != broker_port || port(remote) != client_port) continue;
    return {timer.substr(0, 2) == "02", std::stoi(timer.substr(3), nullptr, 16) / 100.0};
  }
  throw std::runtime_error("no such connection");
}

/// While it lives, processes that are started have this soft limit of open files.
class SoftLimit {
 public:
  explicit SoftLimit(rlim_t descriptors) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit lowered{descriptors, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;
  ~SoftLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::unique_ptr<RunningServer> start_below(rlim_t descriptors, const std::vector<std::string>& arguments) {
  const SoftLimit limit(descriptors);
  return std::make_unique<RunningServer>(arguments);
}

}  // namespace

TEST_CASE("a client above maxclients is told so and closed, and the next one is served when there is room again") {
  RunningServer server({"--io-threads", "4", "--maxclients", "2"});
  RawClient first(server.port());
  first.call({"PING"});
  {
    RawClient second(server.port());
    second.call({"PING"});
    RawClient third(server.port());
    CHECK(third.read_to_end() == "-ERR max number of clients reached\r\n");
    CHECK(info(first, "rejected_connections") == 1);
    CHECK(info(first, "connected_clients") == 2);
    CHECK(second.call({"PING"}) == "+PONG\r\n");
  }
  await_info(first, "connected_clients", 1);
  RawClient fourth(server.port());
  CHECK(fourth.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("maxclients can be raised while the broker runs") {
  RunningServer server({"--maxclients", "1"});
  RawClient first(server.port());
  first.call({"PING"});
  CHECK(RawClient(server.port()).read_to_end() == "-ERR max number of clients reached\r\n");
  CHECK(first.call({"CONFIG", "SET", "maxclients", "2"}) == "+OK\r\n");
  RawClient second(server.port());
  CHECK(second.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("the limit of open files is raised at start so that maxclients fit, and again when maxclients is raised") {
  const auto server = start_below(64, {"--io-threads", "2", "--maxclients", "200"});
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(server->port());
    REQUIRE(clients.back().call({"PING"}) == "+PONG\r\n");
  }
  CHECK(clients.front().call({"CONFIG", "GET", "maxclients"}) == request({"maxclients", "200"}));
  CHECK(RawClient(server->port()).read_to_end() == "-ERR max number of clients reached\r\n");
  CHECK(clients.front().call({"CONFIG", "SET", "maxclients", "300"}) == "+OK\r\n");
  while (clients.size() < 300) {
    clients.emplace_back(server->port());
    REQUIRE(clients.back().call({"PING"}) == "+PONG\r\n");
  }
  CHECK(server->output().find("lowering maxclients") == std::string::npos);
}

TEST_CASE("maxclients is lowered with one warning when the system does not let the broker open so many files") {
  const std::string wanted = "4000000000";
  const auto server = start_below(64, {"--io-threads", "2", "--maxclients", wanted});
  RawClient client(server->port());
  const long lowered = info(client, "maxclients");
  CHECK(client.call({"CONFIG", "GET", "maxclients"}) == request({"maxclients", std::to_string(lowered)}));
  rlimit limit{};
  REQUIRE(::prlimit(server->pid(), RLIMIT_NOFILE, nullptr, &limit) == 0);
  CHECK(limit.rlim_cur == limit.rlim_max);
  CHECK(static_cast<rlim_t>(lowered) < limit.rlim_cur);
  CHECK(static_cast<rlim_t>(lowered) + 100 > limit.rlim_cur);
  const std::string refused = client.call({"CONFIG", "SET", "maxclients", wanted});
  CHECK(refused.find("try with " + std::to_string(lowered) + "\r\n") != std::string::npos);
  const std::string output = server->output();
  CHECK(output.find("lowering maxclients") != std::string::npos);
  CHECK(output.find("lowering maxclients") == output.rfind("lowering maxclients"));
}

TEST_CASE("without descriptors the broker goes on, does not spin, and accepts who waited when there are some again") {
  RunningServer server({"--io-threads", "1"});
  RawClient first(server.port());
  first.call({"PING"});
  rlimit before{};
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
  const rlimit none{3, before.rlim_max};
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
  RawClient waiting(server.port());
  waiting.send(request({"PING"}));
  server.await_output("cannot accept clients");
  const long turns = info(first, "eventloop_cycles");
  CHECK(first.call({"WAIT", "1", "300"}) == ":0\r\n");
  CHECK(info(first, "eventloop_cycles") - turns < 1000);
  CHECK(info(first, "connected_clients") == 1);
  CHECK(info(first, "used_memory_rss") > 0);
  REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, &before, nullptr) == 0);
  CHECK(waiting.read_reply() == "+PONG\r\n");
  const std::string output = server.output();
  CHECK(output.find("cannot accept clients") == output.rfind("cannot accept clients"));
}

TEST_CASE("timeout closes idle clients, but no subscriber, no monitor and none that is blocked") {
  RunningServer server;
  RawClient idle(server.port());
  RawClient subscriber(server.port());
  RawClient monitor(server.port());
  RawClient blocked(server.port());
  idle.call({"PING"});
  subscriber.call({"SUBSCRIBE", "news"});
  monitor.call({"MONITOR"});
  blocked.send(request({"WAIT", "1", "0"}));
  {
    RawClient operating(server.port());
    await_info(operating, "blocked_clients", 1);
    CHECK(operating.call({"CONFIG", "SET", "timeout", "1"}) == "+OK\r\n");
  }
  CHECK(idle.read_to_end().empty());
  RawClient later(server.port());
  CHECK(later.call({"PUBLISH", "news", "1"}) == ":1\r\n");
  CHECK(subscriber.read_reply() == message("news", "1"));
  std::string line;
  while (line.find("\"PUBLISH\" \"news\" \"1\"") == std::string::npos) line = monitor.read_reply();
  CHECK(info(later, "blocked_clients") == 1);
}

TEST_CASE("tcp-keepalive is set on accepted sockets, and 0 turns it off") {
  RunningServer server({"--tcp-keepalive", "200"});
  RawClient probed(server.port());
  probed.call({"PING"});
  const KernelTimer timer = timer_of(server.port(), probed.port());
  CHECK(timer.keepalive);
  CHECK(timer.seconds <= 200);
  CHECK(timer.seconds > 100);
  CHECK(probed.call({"CONFIG", "SET", "tcp-keepalive", "0"}) == "+OK\r\n");
  RawClient unprobed(server.port());
  unprobed.call({"PING"});
  CHECK_FALSE(timer_of(server.port(), unprobed.port()).keepalive);
}

}  // namespace respublica::test
