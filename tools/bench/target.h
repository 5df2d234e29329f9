#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "tools/bench/client_connection.h"
#include "tools/bench/server_process.h"

namespace respublica::bench {

/// The server that a scenario runs against: one that the bench started, or one that runs already.
class Target {
 public:
  explicit Target(std::unique_ptr<ServerProcess> process)
      : endpoint_(process->endpoint()), process_(std::move(process)) {}
  Target(Endpoint endpoint, std::optional<pid_t> pid) : endpoint_(std::move(endpoint)), pid_(pid) {}

  const Endpoint& endpoint() const { return endpoint_; }
  /// Where CPU time and memory are read. None: they cannot be measured.
  std::optional<pid_t> pid() const { return process_ ? process_->pid() : pid_; }
  /// Set if the bench started the server.
  ServerProcess* process() const { return process_.get(); }

  /// For a scenario that cannot do without: the server's process. Throws BenchError if it is not known.
  pid_t need_pid(const std::string& scenario) const;
  /// For a scenario that cannot do without: the server that the bench started. Throws BenchError if it did not.
  ServerProcess& need_process(const std::string& scenario) const;

 private:
  Endpoint endpoint_;
  std::optional<pid_t> pid_;
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace respublica::bench
