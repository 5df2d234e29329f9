#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/client_connection.h"

namespace respublica::bench {

/// How to start a server: a program that takes redis-server's `--port N --bind ADDRESS`.
struct ServerProgram {
  std::string label;                   ///< its name in the report
  std::string path;                    ///< a file, or a name that is looked up in PATH
  std::vector<std::string> arguments;  ///< beyond port and bind
  std::optional<int> cpu;              ///< the only CPU that it may use
  /// A library, loaded into it, that makes its disk slow as order_disk() says (tests/support/disk_fault_shim.c).
  std::optional<std::string> disk_shim = {};
};

/// A server that this run started: on a free loopback port, in its own temporary directory, its output in a file
/// there. The destructor kills it and removes the directory; should the bench itself be killed, the kernel kills the
/// server too.
///
/// Errors: BenchError with the server's last output. Thread: one.
class ServerProcess {
 public:
  /// Starts it and waits until it answers PING.
  static std::unique_ptr<ServerProcess> start(const ServerProgram& program,
                                              const std::vector<std::string>& more_arguments);

  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  pid_t pid() const { return pid_; }
  const Endpoint& endpoint() const { return endpoint_; }
  /// Ends it with SIGTERM, starts it again in the same directory and waits until it answers PING.
  void restart();
  /// From now on the library of the program does to the server's files what `orders` says.
  void order_disk(const std::string& orders) const;
  /// From exec to the first answer to PING, of its last start.
  double startup_ms() const { return startup_ms_; }

  /// "NAME died (signal 11)...: its last output" if it is not running any more.
  std::optional<std::string> obituary();

 private:
  ServerProcess(const ServerProgram& program, const std::vector<std::string>& more_arguments);
  void spawn();
  void wait_until_ready();
  void stop();
  std::string last_output() const;

  std::string label_;
  std::string directory_;
  Endpoint endpoint_;
  std::vector<std::string> words_;        ///< the command line
  std::vector<std::string> environment_;  ///< the whole one
  std::optional<int> cpu_;
  pid_t pid_ = -1;
  int exit_status_ = 0;
  bool ended_ = false;
  double startup_ms_ = 0;
};

}  // namespace respublica::bench
