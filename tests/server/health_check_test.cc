#include "server/health_check.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/server/setting_directory.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

/// A server for one connection: after each read it sends the next of its answers, then it closes.
class ScriptedServer {
 public:
  ScriptedServer(const sockaddr* address, socklen_t size, std::vector<std::string> answers)
      : listener_(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)), answers_(std::move(answers)) {
    REQUIRE(::bind(listener_, address, size) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    stop();
    ::close(listener_);
  }

  int port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  /// What was received. Call when the client is done.
  std::string finish() {
    stop();
    return received_;
  }

 private:
  void stop() {
    ::shutdown(listener_, SHUT_RDWR);  // ends the wait for a client
    if (thread_.joinable()) thread_.join();
  }

  void serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    for (const std::string& answer : answers_) {
      char block[512];
      const ssize_t size = ::recv(client, block, sizeof block, 0);
      if (size <= 0) break;
      received_.append(block, static_cast<std::size_t>(size));
      if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(client);
  }

  int listener_;
  std::vector<std::string> answers_;
  std::string received_;
  std::thread thread_;
};

/// On a free port of the loopback address.
struct TcpServer {
  explicit TcpServer(std::vector<std::string> answers)
      : address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}},
        server(reinterpret_cast<const sockaddr*>(&address), sizeof address, std::move(answers)) {
    settings.port = server.port();
  }

  sockaddr_in address;
  ScriptedServer server;
  Settings settings;
};

std::string reason(const Settings& settings) {
  const Result<void> health = ping_broker(settings);
  return health ? "well" : health.error().message;
}

}  // namespace

TEST_CASE("a broker that answers PONG is well") {
  TcpServer tcp({"+PONG\r\n"});
  CHECK(reason(tcp.settings) == "well");
  CHECK(tcp.server.finish() == "*1\r\n$4\r\nPING\r\n");
}

TEST_CASE("all addresses are reached through this machine's own") {
  for (const char* entry : {"*", "0.0.0.0", "-127.0.0.1"}) {
    TcpServer tcp({"+PONG\r\n"});
    tcp.settings.bind = {entry, "-::*"};
    CHECK(reason(tcp.settings) == "well");
  }
}

TEST_CASE("the health check logs in with the password of the settings") {
  TcpServer tcp({"+OK\r\n", "+PONG\r\n"});
  tcp.settings.requirepass = "a b\r\n";
  CHECK(reason(tcp.settings) == "well");
  CHECK(tcp.server.finish() == "*2\r\n$4\r\nAUTH\r\n$5\r\na b\r\n\r\n*1\r\n$4\r\nPING\r\n");
}

TEST_CASE("a broker whose password is not known is well, but a wrong password is not") {
  TcpServer unknown({"-NOAUTH Authentication required.\r\n"});
  CHECK(reason(unknown.settings) == "well");
  TcpServer wrong({"-WRONGPASS invalid username-password pair or user is disabled.\r\n"});
  wrong.settings.requirepass = "x";
  CHECK(reason(wrong.settings) ==
        "AUTH was answered with -WRONGPASS invalid username-password pair or user is disabled.");
}

TEST_CASE("any other answer, or none, is not well") {
  TcpServer full({"-ERR max number of clients reached\r\n"});
  CHECK(reason(full.settings) == "PING was answered with -ERR max number of clients reached");
  TcpServer silent({""});
  CHECK(reason(silent.settings) == "the connection was closed");
  TcpServer endless({std::string(5000, 'x')});
  CHECK(reason(endless.settings) == "the answer is not a Redis reply");
}

TEST_CASE("a unix socket is asked where there is no TCP port to name") {
  const SettingDirectory directory;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  directory.path_of("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ScriptedServer server(reinterpret_cast<const sockaddr*>(&address), sizeof address, {"+PONG\r\n"});
  Settings settings;
  settings.port = 0;
  settings.unixsocket = directory.path_of("socket");
  CHECK(reason(settings) == "well");
}

TEST_CASE("what cannot be reached is named") {
  Settings settings;
  settings.port = 0;
  CHECK(reason(settings) == "the settings name neither a port nor a unix socket");
  settings.unixsocket = "/nonexistent/socket";
  CHECK(reason(settings) == "cannot connect to /nonexistent/socket: No such file or directory");
  settings.unixsocket = std::string(200, 'x');
  CHECK(reason(settings) == "the path of the unix socket is too long");
}

TEST_CASE("the health check is an exit code") {
  TcpServer tcp({"+PONG\r\n"});
  CHECK(check_health(tcp.settings) == 0);
  Settings settings;
  settings.port = 0;
  CHECK(check_health(settings) == 1);
}

}  // namespace respublica
