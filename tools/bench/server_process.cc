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
constexpr const char* kOrdersFile = "/disk-orders";

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

/// Pointers to the strings, and a null behind them, as exec takes them.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& each : strings) {
    pointers.push_back(each.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::optional<std::string>& disk_shim, const std::string& directory) {
  std::vector<std::string> variables;
  if (disk_shim) {
    variables = {"LD_PRELOAD=" + std::filesystem::absolute(*disk_shim).string(),
                 "RESPUBLICA_DISK_SHIM_BELOW=" + std::filesystem::canonical(directory).string(),
                 "RESPUBLICA_DISK_SHIM_ORDERS=" + directory + kOrdersFile};
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

/// In the child, after fork: only calls that are safe there.
[[noreturn]] void become_server(const char* directory, const char* output, const std::optional<int>& cpu,
                                char* const* arguments, char* const* environment) {
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
    execvpe(arguments[0], arguments, environment);
  }
  dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], std::strerror(errno));
  _exit(kExecFailed);
}

}  // namespace

ServerProcess::ServerProcess(const ServerProgram& program, const std::vector<std::string>& more_arguments)
    : label_(program.label),
      directory_(make_directory()),
      environment_(environment_with(program.disk_shim, directory_)),
      cpu_(program.cpu) {
  endpoint_.port = free_port();
  // A relative path must be found from the server's own directory too.
  const bool is_file = program.path.find('/') != std::string::npos;
  const std::string path = is_file ? std::filesystem::absolute(program.path).string() : program.path;
  words_ = {path, "--port", std::to_string(endpoint_.port), "--bind", endpoint_.host};
  words_.insert(words_.end(), program.arguments.begin(), program.arguments.end());
  words_.insert(words_.end(), more_arguments.begin(), more_arguments.end());
}

std::unique_ptr<ServerProcess> ServerProcess::start(const ServerProgram& program,
                                                    const std::vector<std::string>& more_arguments) {
  throw_if_interrupted();
  std::unique_ptr<ServerProcess> server(new ServerProcess(program, more_arguments));
  server->spawn();
  server->wait_until_ready();
  return server;
}

void ServerProcess::restart() {
  stop();
  spawn();
  wait_until_ready();
}

void ServerProcess::order_disk(const std::string& orders) const {
  const std::string path = directory_ + kOrdersFile;
  std::ofstream file(path + ".new");
  file << orders;
  file.close();
  // The library reads the file at any time: it is there whole or not at all.
  if (!file || std::rename((path + ".new").c_str(), path.c_str()) != 0) {
    throw BenchError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  }
}

void ServerProcess::spawn() {
  const std::vector<char*> arguments = pointers_to(words_);
  const std::vector<char*> environment = pointers_to(environment_);
  const std::string output = directory_ + kOutputFile;
  ended_ = false;
  const std::int64_t begin = monotonic_ns();
  pid_ = fork();
  if (pid_ == 0) {
    become_server(directory_.c_str(), output.c_str(), cpu_, arguments.data(), environment.data());
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

void ServerProcess::stop() {
  if (pid_ <= 0 || ended_) {
    return;
  }
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
  ended_ = true;
}

ServerProcess::~ServerProcess() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace respublica::bench
