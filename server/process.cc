#include "server/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace respublica {

Result<void> become_daemon() {
  const pid_t child = ::fork();
  if (child < 0) return Error{fmt::format("cannot go into the background: {}", std::strerror(errno))};
  if (child > 0) std::_Exit(static_cast<int>(ExitCode::ok));
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  if (null >= 0) {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
    if (null > STDERR_FILENO) ::close(null);
  }
  return {};
}

Result<PidFile> PidFile::write(const std::string& path) {
  if (path.empty()) return PidFile(std::string());
  std::ofstream file(path, std::ios::trunc);
  file << ::getpid() << '\n';
  file.flush();
  if (!file) return Error{fmt::format("cannot write the pid file '{}': {}", path, std::strerror(errno))};
  return PidFile(path);
}

PidFile::~PidFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace respublica
