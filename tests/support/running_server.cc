#include "tests/support/running_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

/// Only a broker that hangs meets this.
constexpr int kPatienceMs = 60'000;

std::string binary() {
  const char* path = std::getenv("RESPUBLICA");
  if (path == nullptr) throw std::runtime_error("RESPUBLICA names no broker to test");
  return path;
}

struct Child {
  pid_t pid;
  int output;
};

Child start(const std::vector<std::string>& arguments, const std::filesystem::path& directory) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const std::string path = binary();
  std::vector<char*> words = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::chdir(directory.c_str()) != 0) std::_Exit(126);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execv(path.c_str(), words.data());
    std::_Exit(127);
  }
  ::close(ends[1]);
  return {pid, ends[0]};
}

int ending_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Appends what can be read; false at the end.
bool append_output(int pipe, std::string& output) {
  pollfd waiting{pipe, POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) == 0) throw std::runtime_error("the broker says nothing; so far: " + output);
  char buffer[4096];
  const ssize_t bytes = ::read(pipe, buffer, sizeof(buffer));
  if (bytes <= 0) return false;
  output.append(buffer, static_cast<std::size_t>(bytes));
  return true;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "respublica-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Ending run_to_end(const std::vector<std::string>& arguments) {
  const TemporaryDirectory directory;
  const Child child = start(arguments, directory.path());
  Ending ending;
  while (append_output(child.output, ending.output)) {
  }
  ::close(child.output);
  ending.code = ending_of(child.pid);
  return ending;
}

RunningServer::RunningServer(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--port", "0"});
  const Child child = start(arguments, directory_.path());
  pid_ = child.pid;
  pipe_ = child.output;
  const std::string ready = "Ready to accept connections";
  await_output(ready);
  const std::size_t line = output_.find(ready);
  while (output_.find('\n', line) == std::string::npos && read_some()) {
  }
  const std::string key = "port=";
  port_ = std::atoi(output_.c_str() + output_.find(key, line) + key.size());
}

RunningServer::~RunningServer() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ending_of(pid_);
  }
  ::close(pipe_);
}

void RunningServer::signal(int number) const { ::kill(pid_, number); }

bool RunningServer::read_some() { return append_output(pipe_, output_); }

Ending RunningServer::wait() {
  while (read_some()) {
  }
  const Ending ending{ending_of(pid_), output_};
  pid_ = -1;
  return ending;
}

std::string RunningServer::output() {
  pollfd waiting{pipe_, POLLIN, 0};
  while (::poll(&waiting, 1, 0) > 0 && read_some()) {
  }
  return output_;
}

void RunningServer::await_output(const std::string& text) {
  while (output_.find(text) == std::string::npos) {
    if (!read_some()) throw std::runtime_error("the broker ended before it said '" + text + "': " + output_);
  }
}

}  // namespace respublica::test
