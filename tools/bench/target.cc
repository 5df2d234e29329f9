#include "tools/bench/target.h"

#include <fmt/format.h>

#include "tools/bench/bench_error.h"

namespace respublica::bench {

pid_t Target::need_pid(const std::string& scenario) const {
  if (!pid()) {
    throw BenchError(fmt::format("{} needs the server's process: give --pid", scenario));
  }
  return *pid();
}

ServerProcess& Target::need_process(const std::string& scenario) const {
  if (process_ == nullptr) {
    throw BenchError(fmt::format("{} needs a server that the bench starts: give --server or --compare", scenario));
  }
  return *process_;
}

}  // namespace respublica::bench
