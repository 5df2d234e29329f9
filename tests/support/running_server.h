#pragma once
// The real binary, for integration tests.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace respublica::test {

/// A directory below the system's temporary one, removed with all it holds at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// How a process ended: its exit code, or -signal.
struct Ending {
  int code = 0;
  std::string output;
};

/// Runs the broker with `arguments` until it ends by itself, and returns how it ended and what it printed.
Ending run_to_end(const std::vector<std::string>& arguments);

/// A broker on a free loopback port (`--port 0`), ready when the constructor returns; killed by the destructor if it
/// still runs. The binary is named by the environment variable RESPUBLICA. Fails the test when it does not get ready.
class RunningServer {
 public:
  explicit RunningServer(std::vector<std::string> arguments = {});
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer();

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  const std::filesystem::path& directory() const { return directory_.path(); }
  void signal(int number) const;
  /// Waits for its end.
  Ending wait();
  /// What it has printed so far.
  std::string output();
  /// Reads its output until `text` appears in it; fails the test if the process ends before.
  void await_output(const std::string& text);

 private:
  bool read_some();

  TemporaryDirectory directory_;
  pid_t pid_ = -1;
  int pipe_ = -1;
  int port_ = 0;
  std::string output_;
};

}  // namespace respublica::test
