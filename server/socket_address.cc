#include "server/socket_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace respublica {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  const sockaddr_in& v4() const { return reinterpret_cast<const sockaddr_in&>(storage); }
  const sockaddr_in6& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage); }
  const sockaddr_un& unix_path() const { return reinterpret_cast<const sockaddr_un&>(storage); }
};

bool read_address(int descriptor, AddressOf which, Address& address) {
  auto* raw = reinterpret_cast<sockaddr*>(&address.storage);
  return (which == AddressOf::peer ? ::getpeername(descriptor, raw, &address.length)
                                   : ::getsockname(descriptor, raw, &address.length)) == 0;
}

std::string unix_socket_path(int descriptor) {
  Address local;
  if (!read_address(descriptor, AddressOf::local, local) || local.length <= sizeof(sa_family_t)) return "/unixsocket";
  return local.unix_path().sun_path;
}

}  // namespace

std::string socket_address(int descriptor, AddressOf which) {
  Address address;
  if (!read_address(descriptor, which, address)) return "?:0";
  char text[INET6_ADDRSTRLEN] = "?";
  switch (address.storage.ss_family) {
    case AF_INET:
      ::inet_ntop(AF_INET, &address.v4().sin_addr, text, sizeof(text));
      return fmt::format("{}:{}", text, ntohs(address.v4().sin_port));
    case AF_INET6:
      ::inet_ntop(AF_INET6, &address.v6().sin6_addr, text, sizeof(text));
      return fmt::format("[{}]:{}", text, ntohs(address.v6().sin6_port));
    case AF_UNIX:
      return unix_socket_path(descriptor) + ":0";
    default:
      return "?:0";
  }
}

bool is_local_peer(int descriptor) {
  Address address;
  if (!read_address(descriptor, AddressOf::peer, address)) return false;
  switch (address.storage.ss_family) {
    case AF_UNIX:
      return true;
    case AF_INET:
      return (ntohl(address.v4().sin_addr.s_addr) >> 24) == 127;
    case AF_INET6:
      return IN6_IS_ADDR_LOOPBACK(&address.v6().sin6_addr) ||
             (IN6_IS_ADDR_V4MAPPED(&address.v6().sin6_addr) && address.v6().sin6_addr.s6_addr[12] == 127);
    default:
      return false;
  }
}

}  // namespace respublica
