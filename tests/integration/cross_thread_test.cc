// Commands that concern clients of other io threads.

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// Enough that several io threads have some: the kernel deals connections out by hash.
constexpr std::size_t kClients = 32;

std::vector<RawClient> connect_many(int port) {
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.emplace_back(port);
  return clients;
}

std::string client_id(RawClient& client) { return std::to_string(number_of(client.call({"CLIENT", "ID"}))); }

}  // namespace

TEST_CASE("CLIENT LIST shows the clients of all io threads, ordered by id") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> clients = connect_many(server.port());
  std::vector<std::string> ids;
  for (RawClient& client : clients) ids.push_back(client_id(client));
  for (RawClient& asking : clients) {
    std::vector<std::string> listed;
    for (const std::string& line : lines_of(text_of(asking.call({"CLIENT", "LIST"})))) {
      listed.push_back(field_of(line, "id"));
    }
    std::sort(ids.begin(), ids.end(), [](auto& a, auto& b) { return std::stol(a) < std::stol(b); });
    REQUIRE(listed == ids);
  }
}

TEST_CASE("CLIENT LIST in a transaction stands in its place among the replies") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> clients = connect_many(server.port());
  for (RawClient& client : clients) {
    const std::string id = client_id(client);
    client.send(request({"MULTI"}) + request({"ECHO", "before"}) + request({"CLIENT", "LIST", "ID", id}) +
                request({"CLIENT", "LIST", "ID", "999999"}) + request({"ECHO", "after"}) + request({"EXEC"}) +
                request({"PING"}));
    CHECK(client.read_reply() == "+OK\r\n");
    for (int i = 0; i < 4; ++i) CHECK(client.read_reply() == "+QUEUED\r\n");
    const std::string replies = client.read_reply();
    CHECK(replies.starts_with("*4\r\n$6\r\nbefore\r\n$"));
    CHECK(replies.find("\r\nid=" + id + " addr=" + client.address()) != std::string::npos);
    CHECK(replies.ends_with("\r\n$0\r\n\r\n$5\r\nafter\r\n"));
    CHECK(client.read_reply() == "+PONG\r\n");
  }
}

TEST_CASE("CLIENT KILL ends clients of other io threads by id and by address") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> clients = connect_many(server.port());
  RawClient killer(server.port());
  for (std::size_t i = 0; i < kClients; ++i) {
    RawClient& victim = clients[i];
    if (i % 2 == 0) {
      CHECK(killer.call({"CLIENT", "KILL", "ID", client_id(victim)}) == ":1\r\n");
    } else {
      victim.call({"PING"});
      CHECK(killer.call({"CLIENT", "KILL", "ADDR", victim.address()}) == ":1\r\n");
    }
    CHECK(victim.read_to_end().empty());
    CHECK(killer.call({"CLIENT", "KILL", "ADDR", "127.0.0.1:1"}) == ":0\r\n");
  }
  await_info(killer, "connected_clients", 1);
}

TEST_CASE("an error that comes from other io threads is counted like any other") {
  RunningServer server({"--io-threads", "2"});
  RawClient client(server.port());
  CHECK(client.call({"CLIENT", "KILL", "1.2.3.4:5"}) == "-ERR No such client\r\n");
  CHECK(info(client, "total_error_replies") == 1);
  CHECK(text_of(client.call({"INFO", "commandstats"})).find("cmdstat_client|kill:calls=1,") != std::string::npos);
  CHECK(text_of(client.call({"INFO", "commandstats"})).find("rejected_calls=0,failed_calls=1\r\n") !=
        std::string::npos);
}

TEST_CASE("CLIENT KILL TYPE pubsub ends all subscribers and nobody else") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> subscribers = connect_many(server.port());
  std::vector<RawClient> others = connect_many(server.port());
  const std::vector<const char*> commands = {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"};
  for (std::size_t i = 0; i < kClients; ++i) {
    subscribers[i].call({commands[i % commands.size()], "news"});
    others[i].call({"PING"});
  }
  CHECK(others[0].call({"CLIENT", "KILL", "TYPE", "pubsub"}) == ":" + std::to_string(kClients) + "\r\n");
  for (RawClient& subscriber : subscribers) CHECK(subscriber.read_to_end().empty());
  for (RawClient& other : others) CHECK(other.call({"PING"}) == "+PONG\r\n");
  await_info(others[1], "connected_clients", static_cast<long>(kClients));
  CHECK(others[2].call({"PUBLISH", "news", "1"}) == ":0\r\n");
}

TEST_CASE("clients that kill each other all at once leave nobody and harm nobody") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> clients = connect_many(server.port());
  for (RawClient& client : clients) client.call({"SUBSCRIBE", "news"});
  std::vector<RawClient> killers = connect_many(server.port());
  std::vector<std::thread> threads;
  for (RawClient& killer : killers) {
    threads.emplace_back([&killer] {
      try {
        killer.call({"CLIENT", "KILL", "TYPE", "normal"});
      } catch (const std::exception&) {
        // Another one was quicker.
        return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // As a subscriber it is safe from a killer whose question is still on its way.
  RawClient last(server.port());
  last.call({"HELLO", "3"});
  last.call({"SUBSCRIBE", "last"});
  last.call({"CLIENT", "KILL", "TYPE", "normal"});
  await_info(last, "connected_clients", static_cast<long>(kClients) + 1);
  CHECK(last.call({"PUBLISH", "news", "1"}) == ":" + std::to_string(kClients) + "\r\n");
}

TEST_CASE("CLIENT PAUSE holds back the PUBLISHes of all io threads until CLIENT UNPAUSE of any") {
  RunningServer server({"--io-threads", "4"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "news"});
  std::vector<RawClient> publishers = connect_many(server.port());
  CHECK(publishers[0].call({"CLIENT", "PAUSE", "600000", "WRITE"}) == "+OK\r\n");
  for (std::size_t i = 2; i < kClients; ++i) {
    publishers[i].send(request({"PING"}) + request({"PUBLISH", "news", std::to_string(i)}) + request({"PING"}));
    CHECK(publishers[i].read_reply() == "+PONG\r\n");
  }
  CHECK(subscriber.call({"PING"}) == request({"pong", ""}));
  CHECK(publishers[1].call({"CLIENT", "UNPAUSE"}) == "+OK\r\n");
  std::set<std::string> expected;
  for (std::size_t i = 2; i < kClients; ++i) {
    CHECK(publishers[i].read_reply() == ":1\r\n");
    CHECK(publishers[i].read_reply() == "+PONG\r\n");
    expected.insert(message("news", std::to_string(i)));
  }
  std::set<std::string> heard;
  for (std::size_t i = 2; i < kClients; ++i) heard.insert(subscriber.read_reply());
  CHECK(heard == expected);
}

TEST_CASE("MONITOR sees the commands of the clients of all io threads") {
  RunningServer server({"--io-threads", "4"});
  RawClient monitor(server.port());
  CHECK(monitor.call({"MONITOR"}) == "+OK\r\n");
  std::vector<RawClient> clients = connect_many(server.port());
  std::set<std::string> expected;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients[i].send(request({"PUBLISH", "news", std::to_string(i)}));
    expected.insert(" [0 " + clients[i].address() + "] \"PUBLISH\" \"news\" \"" + std::to_string(i) + "\"\r\n");
  }
  for (RawClient& client : clients) CHECK(client.read_reply() == ":0\r\n");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < kClients; ++i) {
    const std::string line = monitor.read_reply();
    seen.insert(line.substr(line.find(' ')));
  }
  CHECK(seen == expected);
}

TEST_CASE("WAIT blocks until its time is over, and CLIENT UNBLOCK of another io thread ends it") {
  RunningServer server({"--io-threads", "4"});
  RawClient operating(server.port());
  CHECK(operating.call({"WAIT", "1", "10"}) == ":0\r\n");
  std::vector<RawClient> clients = connect_many(server.port());
  std::vector<std::string> ids;
  for (RawClient& client : clients) {
    ids.push_back(client_id(client));
    CHECK(operating.call({"CLIENT", "UNBLOCK", ids.back()}) == ":0\r\n");
    client.send(request({"WAIT", "1", "0"}) + request({"PING"}));
  }
  await_info(operating, "blocked_clients", static_cast<long>(kClients));
  for (std::size_t i = 0; i < kClients; ++i) {
    const bool with_error = i % 2 == 0;
    CHECK(operating.call({"CLIENT", "UNBLOCK", ids[i], with_error ? "ERROR" : "TIMEOUT"}) == ":1\r\n");
    CHECK(clients[i].read_reply() == (with_error ? "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n" : ":0\r\n"));
    CHECK(clients[i].read_reply() == "+PONG\r\n");
  }
  CHECK(info(operating, "blocked_clients") == 0);
}

TEST_CASE("CONFIG SET holds for the clients of all io threads at once") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> clients = connect_many(server.port());
  for (std::size_t i = 0; i < kClients; ++i) {
    const std::string value = std::to_string(i + 1);
    CHECK(clients[i].call({"CONFIG", "SET", "timeout", "1000" + value}) == "+OK\r\n");
    RawClient& other = clients[(i + 1) % kClients];
    CHECK(other.call({"CONFIG", "GET", "timeout"}) == request({"timeout", "1000" + value}));
  }
}

}  // namespace respublica::test
