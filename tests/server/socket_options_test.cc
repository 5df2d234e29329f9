#include "server/socket_options.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "tests/server/setting_directory.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

/// A bound socket; closing it leaves its file behind.
int bind_socket(const std::filesystem::path& path, int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int descriptor = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  return descriptor;
}

}  // namespace

TEST_CASE("a unix socket that a killed broker left behind is replaced") {
  const SettingDirectory directory;
  const std::filesystem::path path = directory.path_of("broker.sock");
  ::close(bind_socket(path, SOCK_STREAM));
  const Result<int> listening = listen_unix(path, 0, 1);
  REQUIRE(listening);
  ::close(listening.value());
}

TEST_CASE("a unix socket in use is left alone, though it takes no stream connections") {
  const SettingDirectory directory;
  const std::filesystem::path path = directory.path_of("other.sock");
  const int other = bind_socket(path, SOCK_DGRAM);
  const Result<int> listening = listen_unix(path, 0, 1);
  REQUIRE_FALSE(listening);
  CHECK(listening.error().message.find("Address already in use") != std::string::npos);
  CHECK(std::filesystem::exists(path));
  ::close(other);
}

}  // namespace respublica
