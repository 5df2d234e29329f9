// Where the broker listens.

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// An IPv4 address of this machine that is not a loopback address.
std::optional<std::string> own_address() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::nullopt;
  std::optional<std::string> address;
  for (const ifaddrs* entry = list; entry != nullptr && !address; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    const in_addr number = reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr;
    char text[INET_ADDRSTRLEN];
    if ((ntohl(number.s_addr) >> 24) != 127 && ::inet_ntop(AF_INET, &number, text, sizeof(text)) != nullptr) {
      address = text;
    }
  }
  ::freeifaddrs(list);
  return address;
}

/// Leaves a unix socket behind as a broker does that was killed.
void leave_stale_socket(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  ::close(descriptor);
}

}  // namespace

TEST_CASE("clients of a unix socket and of TCP hear each other") {
  RunningServer server({"--io-threads", "4", "--unixsocket", "broker.sock"});
  const std::string path = server.directory() / "broker.sock";
  std::vector<RawClient> subscribers;
  for (int i = 0; i < 8; ++i) {
    subscribers.push_back(i % 2 == 0 ? RawClient::over_unix_socket(path) : RawClient(server.port()));
    subscribers.back().call({"SUBSCRIBE", "news"});
  }
  RawClient local = RawClient::over_unix_socket(path);
  RawClient remote(server.port());
  CHECK(local.call({"PUBLISH", "news", "1"}) == ":8\r\n");
  CHECK(remote.call({"PUBLISH", "news", "2"}) == ":8\r\n");
  for (RawClient& subscriber : subscribers) {
    CHECK(subscriber.read_reply() == message("news", "1"));
    CHECK(subscriber.read_reply() == message("news", "2"));
  }
  CHECK(field_of(text_of(local.call({"CLIENT", "INFO"})), "addr").ends_with("broker.sock:0"));
}

TEST_CASE("unixsocketperm says who may use the unix socket, which is gone at the end") {
  RunningServer server({"--unixsocket", "broker.sock", "--unixsocketperm", "750"});
  const std::string path = server.directory() / "broker.sock";
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0750);
  server.signal(SIGTERM);
  CHECK(server.wait().code == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a unix socket that a killed broker left behind is replaced") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "broker.sock";
  leave_stale_socket(path);
  RunningServer server({"--unixsocket", path});
  CHECK(RawClient::over_unix_socket(path).call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("a unix socket where another broker listens is left to it") {
  RunningServer first({"--unixsocket", "broker.sock"});
  const std::string path = first.directory() / "broker.sock";
  const Ending second = run_to_end({"--port", "0", "--unixsocket", path});
  CHECK(second.code == 1);
  CHECK(second.output == "respublica: cannot listen on unix socket " + path + ": Address already in use\n");
  CHECK(RawClient::over_unix_socket(path).call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("a file that is no socket is not replaced by the unix socket") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "precious";
  std::filesystem::create_directory(path);
  const Ending ending = run_to_end({"--port", "0", "--unixsocket", path});
  CHECK(ending.code == 1);
  CHECK(ending.output == "respublica: cannot listen on unix socket " + path + ": Address already in use\n");
}

TEST_CASE("several addresses are served on one port, IPv6 among them") {
  RunningServer server({"--io-threads", "2", "--bind", "127.0.0.1", "127.0.0.2", "::1"});
  RawClient subscriber(server.port(), "::1");
  subscriber.call({"SUBSCRIBE", "news"});
  for (const char* address : {"127.0.0.1", "127.0.0.2", "::1"}) {
    RawClient client(server.port(), address);
    CHECK(client.call({"PUBLISH", "news", address}) == ":1\r\n");
    CHECK(subscriber.read_reply() == message("news", address));
    const std::string line = text_of(client.call({"CLIENT", "INFO"}));
    const std::string host = std::string(address) == "::1" ? "[::1]" : address;
    CHECK(field_of(line, "laddr") == host + ":" + std::to_string(server.port()));
  }
}

TEST_CASE("all addresses of a family can be served with one word") {
  const auto [word, address] = GENERATE(std::pair("*", "127.0.0.1"), std::pair("0.0.0.0", "127.0.0.3"),
                                        std::pair("::*", "::1"), std::pair("::", "::1"));
  RunningServer server({"--bind", word});
  CHECK(RawClient(server.port(), address).call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("an address that this machine does not have stops the broker, unless it is marked as optional") {
  const Ending ending = run_to_end({"--port", "0", "--bind", "203.0.113.1"});
  CHECK(ending.code == 1);
  CHECK(ending.output == "respublica: cannot listen on 203.0.113.1 port 0: Cannot assign requested address\n");
  RunningServer server({"--bind", "127.0.0.1", "-203.0.113.1"});
  CHECK(RawClient(server.port()).call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("a port in use stops the broker with one clear line") {
  RunningServer first({"--io-threads", "2"});
  const std::string port = std::to_string(first.port());
  const Ending second = run_to_end({"--port", port, "--io-threads", "2"});
  CHECK(second.code == 1);
  CHECK(second.output == "respublica: cannot listen on 127.0.0.1 port " + port + ": Address already in use\n");
  CHECK(RawClient(first.port()).call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("the port is free for the next broker at once, though clients were connected") {
  RunningServer first;
  RawClient client(first.port());
  client.call({"SUBSCRIBE", "news"});
  const std::string port = std::to_string(first.port());
  first.signal(SIGTERM);
  CHECK(first.wait().code == 0);
  RunningServer second({"--port", port});
  CHECK(second.port() == first.port());
}

TEST_CASE("protected mode refuses other machines' addresses as long as there is no password") {
  const std::optional<std::string> address = own_address();
  if (!address) {
    WARN("this machine has loopback addresses only: protected mode is not tested");
    return;
  }
  RunningServer server({"--bind", "*"});
  RawClient operating(server.port());
  CHECK(RawClient(server.port(), *address).read_to_end().starts_with("-DENIED Redis is running in protected mode"));
  CHECK(info(operating, "rejected_connections") == 1);
  CHECK(operating.call({"CONFIG", "SET", "requirepass", "secret"}) == "+OK\r\n");
  RawClient with_password(server.port(), *address);
  CHECK(with_password.call({"AUTH", "secret"}) == "+OK\r\n");
  CHECK(operating.call({"CONFIG", "SET", "requirepass", "", "protected-mode", "no"}) == "+OK\r\n");
  CHECK(RawClient(server.port(), *address).call({"PING"}) == "+PONG\r\n");
}

}  // namespace respublica::test
