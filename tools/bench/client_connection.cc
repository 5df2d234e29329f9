#include "tools/bench/client_connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "tools/bench/bench_error.h"
#include "tools/bench/interruption.h"
#include "tools/bench/printable.h"
#include "tools/bench/reply_length.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kReplyTimeoutSeconds = 60;
constexpr int kPingTimeoutMicroseconds = 100'000;
constexpr std::size_t kExcerpt = 200;

[[noreturn]] void fail(const std::string& what) { throw BenchError(fmt::format("{}: {}", what, std::strerror(errno))); }

void set_timeout(int fd, timeval timeout) {
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

int open_socket(const Endpoint& endpoint, int family) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    fail(fmt::format("cannot open a socket to {}", endpoint.name()));
  }
  return fd;
}

void prepare_socket(int fd, SocketChoices choices) {
  if (choices.receive_buffer > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &choices.receive_buffer, sizeof choices.receive_buffer);
  }
  set_timeout(fd, {.tv_sec = kReplyTimeoutSeconds, .tv_usec = 0});
}

void connect_socket(int fd, const Endpoint& endpoint, const sockaddr* address, socklen_t size) {
  if (connect(fd, address, size) != 0) {
    const int error = errno;
    close(fd);
    errno = error;
    fail(fmt::format("cannot connect to {}", endpoint.name()));
  }
}

int connect_unix(const Endpoint& endpoint, SocketChoices choices) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (endpoint.unix_socket.size() >= sizeof address.sun_path) {
    throw BenchError(fmt::format("the path of the unix socket is too long: {}", endpoint.unix_socket));
  }
  std::memcpy(address.sun_path, endpoint.unix_socket.data(), endpoint.unix_socket.size());
  const int fd = open_socket(endpoint, AF_UNIX);
  prepare_socket(fd, choices);
  connect_socket(fd, endpoint, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return fd;
}

int connect_tcp(const Endpoint& endpoint, SocketChoices choices) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (error != 0) {
    throw BenchError(fmt::format("unknown host {}: {}", endpoint.host, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  const int fd = open_socket(endpoint, found->ai_family);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  prepare_socket(fd, choices);
  connect_socket(fd, endpoint, found->ai_addr, found->ai_addrlen);
  return fd;
}

int connect_to(const Endpoint& endpoint, SocketChoices choices) {
  return endpoint.unix_socket.empty() ? connect_tcp(endpoint, choices) : connect_unix(endpoint, choices);
}

}  // namespace

std::string Endpoint::name() const { return unix_socket.empty() ? fmt::format("{}:{}", host, port) : unix_socket; }

std::string encode_command(std::initializer_list<std::string_view> arguments) {
  std::string bytes = fmt::format("*{}\r\n", arguments.size());
  for (const std::string_view argument : arguments) {
    bytes += fmt::format("${}\r\n{}\r\n", argument.size(), argument);
  }
  return bytes;
}

ClientConnection ClientConnection::open(const Endpoint& endpoint, ProtocolVersion version, SocketChoices choices) {
  throw_if_interrupted();
  ClientConnection connection(connect_to(endpoint, choices));
  if (!endpoint.password.empty()) {
    connection.command({"AUTH", endpoint.password});
  }
  if (version == ProtocolVersion::resp3) {
    connection.command({"HELLO", "3"});
  }
  return connection;
}

bool ClientConnection::answers_ping(const Endpoint& endpoint) {
  try {
    ClientConnection connection(connect_to(endpoint, {}));
    set_timeout(connection.fd_, {.tv_sec = 0, .tv_usec = kPingTimeoutMicroseconds});
    return connection.command({"PING"}) == "+PONG\r\n";
  } catch (const BenchError&) {
    return false;  // not yet listening, or not yet ready to answer
  }
}

ClientConnection::ClientConnection(ClientConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)), taken_(std::exchange(other.taken_, 0)) {}

ClientConnection& ClientConnection::operator=(ClientConnection&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(unread_, other.unread_);
  std::swap(taken_, other.taken_);
  return *this;
}

ClientConnection::~ClientConnection() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

void ClientConnection::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      throw_if_interrupted();
      fail("cannot send to the server");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void ClientConnection::read_more() {
  unread_.erase(0, std::exchange(taken_, 0));
  const std::size_t before = unread_.size();
  unread_.resize(before + kReadSize);
  const ssize_t received = recv(fd_, unread_.data() + before, kReadSize, 0);
  const int error = errno;
  unread_.resize(before + static_cast<std::size_t>(received > 0 ? received : 0));
  if (received > 0) {
    return;
  }
  throw_if_interrupted();
  if (received == 0) {
    throw BenchError("the server closed the connection");
  }
  errno = error;
  fail(error == EAGAIN ? "no reply from the server in time" : "cannot read from the server");
}

std::string ClientConnection::read_reply() {
  while (true) {
    const std::string_view waiting = std::string_view(unread_).substr(taken_);
    const auto length = reply_length(waiting);
    if (!length) {
      throw BenchError(length.error().message);
    }
    if (length.value()) {
      std::string reply(waiting.substr(0, *length.value()));
      taken_ += reply.size();
      if (taken_ == unread_.size()) {
        std::string().swap(unread_);  // thousands of connections are prepared: none keeps a buffer
        taken_ = 0;
      }
      return reply;
    }
    read_more();
  }
}

void ClientConnection::skip_replies(std::size_t count) {
  for (; count > 0; --count) {
    const std::string reply = read_reply();
    if (reply.front() == '-') {
      throw BenchError(fmt::format("the server answers {}", printable(reply)));
    }
  }
}

std::string ClientConnection::command(std::initializer_list<std::string_view> arguments) {
  send_all(encode_command(arguments));
  std::string reply = read_reply();
  if (reply.front() == '-' || reply.front() == '!') {
    throw BenchError(fmt::format("{} is answered with {}", *arguments.begin(), printable(reply.substr(0, kExcerpt))));
  }
  return reply;
}

void ClientConnection::make_non_blocking() {
  if (has_unread()) {
    throw BenchError(fmt::format("the server sent more than it was asked for: {}",
                                 printable(std::string_view(unread_).substr(taken_, kExcerpt))));
  }
  if (fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) {
    fail("cannot make a socket non-blocking");
  }
}

}  // namespace respublica::bench
