#include "server/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace respublica {

namespace {

/// In the process that was started: waits for the child to write to `pipe`, or to end.
[[noreturn]] void wait_for(pid_t child, int pipe) {
  char byte = 0;
  ssize_t size = 0;
  do size = ::read(pipe, &byte, 1);
  while (size < 0 && errno == EINTR);
  if (size == 1) std::_Exit(static_cast<int>(ExitCode::ok));
  int status = 0;
  ::waitpid(child, &status, 0);
  std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(ExitCode::cannot_start));
}

}  // namespace

Result<Background> Background::enter() {
  int ends[2];
  const bool piped = ::pipe2(ends, O_CLOEXEC) == 0;
  const pid_t child = piped ? ::fork() : -1;
  if (child < 0) return Error{fmt::format("cannot go into the background: {}", std::strerror(errno))};
  if (child > 0) {
    ::close(ends[1]);
    wait_for(child, ends[0]);
  }
  ::close(ends[0]);
  ::setsid();
  return Background(ends[1]);
}

void Background::ready() {
  if (pipe_ < 0) return;
  const int null = ::open("/dev/null", O_RDWR);
  if (null >= 0) {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
    if (null > STDERR_FILENO) ::close(null);
  }
  // Nobody reads it when the process that was started has been killed.
  [[maybe_unused]] const ssize_t written = ::write(pipe_, "", 1);
  ::close(std::exchange(pipe_, -1));
}

Background::~Background() {
  if (pipe_ >= 0) ::close(pipe_);
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
