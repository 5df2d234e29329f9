#include "server/socket_options.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace respublica {
namespace {

void set_option(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof(value));
}

Error with_reason(std::string what) { return Error{fmt::format("{}: {}", what, std::strerror(errno))}; }

struct Resolved {
  addrinfo* list = nullptr;
  ~Resolved() {
    if (list != nullptr) ::freeaddrinfo(list);
  }
};

/// Whether other sockets may listen on the same port.
enum class Sharing : std::uint8_t { exclusive, shared };

Result<int> open_tcp(const std::string& address, int port, int backlog, Sharing sharing) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  Resolved resolved;
  const std::string what = fmt::format("cannot listen on {} port {}", address, port);
  const int failure = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &resolved.list);
  if (failure != 0) return Error{fmt::format("{}: {}", what, ::gai_strerror(failure))};
  const int descriptor =
      ::socket(resolved.list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, resolved.list->ai_protocol);
  if (descriptor < 0) return with_reason(what);
  set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (sharing == Sharing::shared) set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  if (resolved.list->ai_family == AF_INET6) set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (::bind(descriptor, resolved.list->ai_addr, resolved.list->ai_addrlen) != 0 ||
      ::listen(descriptor, backlog) != 0) {
    Error error = with_reason(what);
    ::close(descriptor);
    return error;
  }
  return descriptor;
}

}  // namespace

Result<int> listen_tcp(const std::string& address, int port, int backlog) {
  return open_tcp(address, port, backlog, Sharing::shared);
}

Result<void> check_port_free(const std::string& address, int port) {
  const Result<int> alone = open_tcp(address, port, 1, Sharing::exclusive);
  if (!alone) return alone.error();
  ::close(alone.value());
  return {};
}

namespace {

/// A broker that was killed leaves its socket behind; one that runs must not lose it. Only a refused connection proves
/// that nobody listens.
void remove_stale_socket(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const bool stale =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 && errno == ECONNREFUSED;
  ::close(descriptor);
  if (stale) ::unlink(path.c_str());
}

}  // namespace

Result<int> listen_unix(const std::string& path, unsigned permissions, int backlog) {
  const std::string what = fmt::format("cannot listen on unix socket {}", path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return Error{what + ": the path is too long"};
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return with_reason(what);
  remove_stale_socket(path, address);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(descriptor, backlog) != 0) {
    Error error = with_reason(what);
    ::close(descriptor);
    return error;
  }
  if (permissions != 0) ::chmod(path.c_str(), static_cast<mode_t>(permissions));
  return descriptor;
}

int bound_port(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  // The port stands in the same place for both families.
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void set_client_options(int descriptor, int keepalive_seconds) {
  int family = 0;
  socklen_t length = sizeof(family);
  ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &length);
  if (family == AF_UNIX) return;
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (keepalive_seconds <= 0) return;
  // As Redis: first probe after the interval, then every third of it, dead after three.
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_seconds);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, keepalive_seconds / 3));
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace respublica
