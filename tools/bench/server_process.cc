#include "tools/bench/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tools/bench/bench_error.h"
#include "tools/bench/interruption.h"
#include "tools/bench/process_usage.h"

namespace respublica::bench {

namespace {

constexpr auto kReadyTimeout = std::chrono::seconds(30);
constexpr auto kReadyPoll = std::chrono::microseconds(200);
constexpr auto kStopTimeout = std::chrono::seconds(5);
constexpr auto kStopPoll = std::chrono::milliseconds(2);
constexpr std::size_t kOutputTail = 2000;
constexpr int kExecFailed = 127;
constexpr const char* kOutputFile = "/output";

/// A TCP port of the loopback interface that nobody listens on at this moment.
std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = fd >= 0 && bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0;
  if (fd >= 0) {
    close(fd);
  }
  if (!found) {
    throw BenchError(fmt::format("cannot find a free port: {}", std::strerror(errno)));
  }
  return ntohs(address.sin_port);
}

std::string make_directory() {
  std::string path = (std::filesystem::temp_directory_path() / "respublica-bench-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    throw BenchError(fmt::format("cannot make a temporary directory {}: {}", path, std::strerror(errno)));
  }
  return path;
}

/// In the child, after fork: only calls that are safe there.
[[noreturn]] void become_server(const char* directory, const char* output, const std::optional<int>& cpu,
                                char* const* arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);  // Ctrl-C at the terminal reaches the bench, which then stops the server in order
  if (cpu) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(static_cast<std::size_t>(*cpu), &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
  }
  const int file = open(output, O_CREAT | O_WRONLY | O_APPEND, 0600);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  if (chdir(directory) == 0) {
    execvp(arguments[0], arguments);
  }
  dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], std::strerror(errno));
  _exit(kExecFailed);
}

}  // namespace

ServerProcess::ServerProcess(std::string label) : label_(std::move(label)), directory_(make_directory()) {}

std::unique_ptr<ServerProcess> ServerProcess::start(const ServerProgram& program,
                                                    const std::vector<std::string>& more_arguments) {
  throw_if_interrupted();
  std::unique_ptr<ServerProcess> server(new ServerProcess(program.label));
  server->spawn(program, more_arguments);
  server->wait_until_ready();
  return server;
}

void ServerProcess::spawn(const ServerProgram& program, const std::vector<std::string>& more_arguments) {
  endpoint_.port = free_port();
  // A relative path must be found from the server's own directory too.
  const bool is_file = program.path.find('/') != std::string::npos;
  const std::string path = is_file ? std::filesystem::absolute(program.path).string() : program.path;
  std::vector<std::string> words = {path, "--port", std::to_string(endpoint_.port), "--bind", endpoint_.host};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  words.insert(words.end(), more_arguments.begin(), more_arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const std::string output = directory_ + kOutputFile;
  const std::int64_t begin = monotonic_ns();
  pid_ = fork();
  if (pid_ == 0) {
    become_server(directory_.c_str(), output.c_str(), program.cpu, arguments.data());
  }
  if (pid_ < 0) {
    throw BenchError(fmt::format("cannot fork: {}", std::strerror(errno)));
  }
  startup_ms_ = -static_cast<double>(begin) / 1e6;
}

void ServerProcess::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + kReadyTimeout;
  while (!ClientConnection::answers_ping(endpoint_)) {
    throw_if_interrupted();
    if (const auto reason = obituary()) {
      throw BenchError(*reason);
    }
    if (std::chrono::steady_clock::now() > deadline) {
      throw BenchError(
          fmt::format("{} does not answer PING on {}; its last output:\n{}", label_, endpoint_.name(), last_output()));
    }
    std::this_thread::sleep_for(kReadyPoll);
  }
  startup_ms_ += static_cast<double>(monotonic_ns()) / 1e6;
}

std::optional<std::string> ServerProcess::obituary() {
  if (!ended_ && waitpid(pid_, &exit_status_, WNOHANG) == pid_) {
    ended_ = true;
  }
  if (!ended_) {
    return std::nullopt;
  }
  const std::string how = WIFSIGNALED(exit_status_) ? fmt::format("signal {}", WTERMSIG(exit_status_))
                          : WEXITSTATUS(exit_status_) == kExecFailed
                              ? "it could not be started"
                              : fmt::format("exit code {}", WEXITSTATUS(exit_status_));
  return fmt::format("{} died ({}); its last output:\n{}", label_, how, last_output());
}

std::string ServerProcess::last_output() const {
  std::ifstream stream(directory_ + kOutputFile);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return text.size() > kOutputTail ? "..." + text.substr(text.size() - kOutputTail) : text;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0 && !ended_) {
    kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kStopTimeout;
    while (waitpid(pid_, &exit_status_, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) {
        kill(pid_, SIGKILL);
        waitpid(pid_, &exit_status_, 0);
        break;
      }
      std::this_thread::sleep_for(kStopPoll);
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace respublica::bench
