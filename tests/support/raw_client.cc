#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "protocol/reply_parser.h"

namespace respublica::test {
namespace {

/// Only a broker that hangs meets this.
constexpr int kPatienceMs = 60'000;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

}  // namespace

std::string request(std::initializer_list<std::string_view> words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) {
    bytes += "$" + std::to_string(word.size()) + "\r\n";
    bytes += word;
    bytes += "\r\n";
  }
  return bytes;
}

RawClient::RawClient(int port, const std::string& address) : RawClient(port, address, 0) {}

RawClient RawClient::with_small_buffer(int port) { return RawClient(port, "127.0.0.1", 4096); }

RawClient::RawClient(int port, const std::string& address, int receive_buffer) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) fail("no address");
  descriptor_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer != 0) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const int connected = ::connect(descriptor_, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (connected != 0) fail("cannot connect");
}

RawClient RawClient::over_unix_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fail("cannot connect");
  return RawClient(descriptor, nullptr);
}

RawClient::RawClient(RawClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

RawClient::~RawClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::end_sending() { ::shutdown(descriptor_, SHUT_WR); }

void RawClient::abort() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::close(std::exchange(descriptor_, -1));
}

int RawClient::port() const {
  sockaddr_in own{};
  socklen_t length = sizeof(own);
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &length);
  return ntohs(own.sin_port);
}

std::string RawClient::address() const { return "127.0.0.1:" + std::to_string(port()); }

bool RawClient::fill() {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) == 0) throw std::runtime_error("nothing comes; so far: " + buffer_);
  char bytes[65536];
  const ssize_t received = ::recv(descriptor_, bytes, sizeof(bytes), 0);
  if (received <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(received));
  return true;
}

std::string RawClient::read_bytes(std::size_t count) {
  while (buffer_.size() < count) {
    if (!fill()) throw std::runtime_error("closed by the broker; so far: " + buffer_);
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::string RawClient::read_reply() {
  while (true) {
    if (const auto size = complete_reply_size(buffer_)) return read_bytes(*size);
    if (!fill()) throw std::runtime_error("closed by the broker; so far: " + buffer_);
  }
}

std::string RawClient::call(std::initializer_list<std::string_view> words) {
  send(request(words));
  return read_reply();
}

std::string RawClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, std::string());
}

}  // namespace respublica::test
