#include "tests/support/broker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <utility>

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

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Child {
  pid_t pid;
  int output;
};

Child start(std::string program, const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
            const std::filesystem::path& directory) {
  std::vector<std::string> words = {std::move(program)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(variables);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::chdir(directory.c_str()) != 0) std::_Exit(126);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
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

}  // namespace

BrokerProcess::BrokerProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment)
    : BrokerProcess(binary(), arguments, environment) {}

BrokerProcess::BrokerProcess(std::string program, const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment) {
  const Child child = start(std::move(program), arguments, environment, directory_.path());
  pid_ = child.pid;
  pipe_ = child.output;
}

BrokerProcess::~BrokerProcess() {
  if (pid_ > 0 && std::uncaught_exceptions() == 0) {
    try {
      signal(SIGTERM);
      const Ending ending = wait();
      if (ending.code != 0) FAIL_CHECK("the broker ended with " << ending.code << ": " << ending.output);
    } catch (const std::exception& problem) {
      FAIL_CHECK("the broker does not end: " << problem.what());
    }
  }
  if (pid_ > 0) {
    // A test failed: what the broker said may tell why.
    signal(SIGKILL);
    const int code = ending_of(pid_);
    std::fprintf(stderr, "the broker ended with %d: %s\n", code, output().c_str());
  }
  ::close(pipe_);
}

void BrokerProcess::signal(int number) const { ::kill(pid_, number); }

bool BrokerProcess::read_some() {
  pollfd waiting{pipe_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) == 0) throw std::runtime_error("the broker says nothing; so far: " + output_);
  char buffer[4096];
  const ssize_t bytes = ::read(pipe_, buffer, sizeof(buffer));
  if (bytes <= 0) return false;
  output_.append(buffer, static_cast<std::size_t>(bytes));
  return true;
}

Ending BrokerProcess::wait() {
  while (read_some()) {
  }
  const Ending ending{ending_of(pid_), output_};
  pid_ = -1;
  return ending;
}

const std::string& BrokerProcess::output() {
  pollfd waiting{pipe_, POLLIN, 0};
  while (::poll(&waiting, 1, 0) > 0 && read_some()) {
  }
  return output_;
}

void BrokerProcess::await_output(const std::string& text) {
  while (true) {
    const std::size_t found = output_.find(text);
    if (found != std::string::npos && output_.find('\n', found) != std::string::npos) return;
    if (!read_some()) throw std::runtime_error("the broker ended before it said '" + text + "': " + output_);
  }
}

Ending run_to_end(const std::vector<std::string>& arguments) { return BrokerProcess(arguments).wait(); }

Ending run_log_tool(const std::vector<std::string>& arguments) {
  return BrokerProcess(binary() + "-log", arguments, {}).wait();
}

Ending run_dlq_tool(const std::vector<std::string>& arguments) {
  return BrokerProcess(binary() + "-dlq", arguments, {}).wait();
}

}  // namespace respublica::test
