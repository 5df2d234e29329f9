#pragma once
// The real binary as a process.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace respublica::test {

/// How a process ended: its exit code, or -signal.
struct Ending {
  int code = 0;
  std::string output;
};

/// A process of the broker in a temporary directory of its own. The binary is named by the environment variable
/// RESPUBLICA. The destructor ends it in order, if it still runs, and fails the test when its exit code is not 0: so
/// every test also checks that the broker ends well, and sanitizers have their say.
class BrokerProcess {
 public:
  /// `environment` ("NAME=value") is added to the test's own.
  explicit BrokerProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});
  /// Another program, by its path.
  BrokerProcess(std::string program, const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment);
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;
  ~BrokerProcess();

  pid_t pid() const { return pid_; }
  const std::filesystem::path& directory() const { return directory_.path(); }
  void signal(int number) const;
  /// Waits for its end.
  Ending wait();
  /// What it has printed so far, on standard output and standard error.
  const std::string& output();
  /// Reads its output until `text` and the end of that line appear; fails the test if the process ends before.
  void await_output(const std::string& text);

 private:
  bool read_some();

  TemporaryDirectory directory_;
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string output_;
};

/// Runs the broker until it ends by itself, and returns how it ended and what it printed.
Ending run_to_end(const std::vector<std::string>& arguments);
/// The same with respublica-log, which stands beside the broker.
Ending run_log_tool(const std::vector<std::string>& arguments);
/// And with respublica-dlq.
Ending run_dlq_tool(const std::vector<std::string>& arguments);

}  // namespace respublica::test
