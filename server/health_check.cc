#include "server/health_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace respublica {
namespace {

constexpr timeval kPatience{2, 0};

std::string reason() { return std::strerror(errno); }

/// A connection that blocks. Owns its descriptor.
class BlockingConnection {
 public:
  explicit BlockingConnection(int family) : descriptor_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  }
  BlockingConnection(BlockingConnection&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  BlockingConnection(const BlockingConnection&) = delete;
  BlockingConnection& operator=(const BlockingConnection&) = delete;
  BlockingConnection& operator=(BlockingConnection&&) = delete;
  ~BlockingConnection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool connect(const sockaddr* address, socklen_t size) { return ::connect(descriptor_, address, size) == 0; }

  /// Sends `text` and reads one line of the answer, without its end.
  Result<std::string> ask(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) return Error{"cannot send: " + reason()};
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    constexpr std::size_t kMaxLine = 4096;
    std::string line;
    char byte = 0;
    while (line.size() < kMaxLine) {
      const ssize_t size = ::recv(descriptor_, &byte, 1, 0);
      if (size == 0) return Error{"the connection was closed"};
      if (size < 0)
        return Error{errno == EAGAIN ? std::string("no answer within 2 seconds") : "cannot read: " + reason()};
      if (byte == '\n') return line;
      if (byte != '\r') line += byte;
    }
    return Error{"the answer is not a Redis reply"};
  }

 private:
  int descriptor_;
};

Result<BlockingConnection> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"the path of the unix socket is too long"};
  path.copy(address.sun_path, path.size());
  BlockingConnection connection(AF_UNIX);
  if (!connection.connect(reinterpret_cast<const sockaddr*>(&address), sizeof address)) {
    return Error{"cannot connect to " + path + ": " + reason()};
  }
  return connection;
}

/// The address to connect to for an entry of `bind`: for "all addresses", this machine's own.
std::string reachable(const std::string& entry) {
  const std::string address = entry.starts_with('-') ? entry.substr(1) : entry;
  if (address == "*" || address == "0.0.0.0") return "127.0.0.1";
  if (address == "::*" || address == "::") return "::1";
  return address;
}

Result<BlockingConnection> connect_tcp(const std::string& host, int port) {
  const addrinfo hints{.ai_flags = AI_NUMERICSERV,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_STREAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* found = nullptr;
  const std::string place = host + " port " + std::to_string(port);
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) return Error{"cannot connect to " + place + ": " + ::gai_strerror(failure)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, ::freeaddrinfo);
  BlockingConnection connection(found->ai_family);
  if (!connection.connect(found->ai_addr, found->ai_addrlen)) {
    return Error{"cannot connect to " + place + ": " + reason()};
  }
  return connection;
}

Result<BlockingConnection> connect(const Settings& settings) {
  if (settings.port != 0 && !settings.bind.empty()) return connect_tcp(reachable(settings.bind.front()), settings.port);
  if (!settings.unixsocket.empty()) return connect_unix(settings.unixsocket);
  return Error{"the settings name neither a port nor a unix socket"};
}

}  // namespace

Result<void> ping_broker(const Settings& settings) {
  Result<BlockingConnection> connection = connect(settings);
  if (!connection) return connection.error();
  if (!settings.requirepass.empty()) {
    const std::string& password = settings.requirepass;
    const Result<std::string> login =
        connection.value().ask(fmt::format("*2\r\n$4\r\nAUTH\r\n${}\r\n{}\r\n", password.size(), password));
    if (!login) return login.error();
    if (login.value() != "+OK") return Error{"AUTH was answered with " + login.value()};
  }
  const Result<std::string> answer = connection.value().ask("*1\r\n$4\r\nPING\r\n");
  if (!answer) return answer.error();
  if (answer.value() == "+PONG" || answer.value().starts_with("-NOAUTH")) return {};
  return Error{"PING was answered with " + answer.value()};
}

int check_health(const Settings& settings) {
  const Result<void> health = ping_broker(settings);
  if (health) return 0;
  fmt::print(stderr, "respublica: {}\n", health.error().message);
  return 1;
}

}  // namespace respublica
