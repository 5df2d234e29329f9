#include "tests/support/notify_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <stdexcept>

namespace respublica::test {

NotifySocket::NotifySocket(const std::filesystem::path& path) : path_(path.string()) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(address.sun_path)) throw std::runtime_error("too long a path: " + path_);
  path_.copy(address.sun_path, path_.size());
  descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("no notification socket at " + path_);
  }
}

NotifySocket::~NotifySocket() { ::close(descriptor_); }

std::string NotifySocket::next() {
  constexpr int kPatienceMs = 60'000;
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) == 0) throw std::runtime_error("the broker notifies nobody");
  char bytes[4096];
  const ssize_t size = ::recv(descriptor_, bytes, sizeof(bytes), 0);
  return std::string(bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
}

}  // namespace respublica::test
