// What the system refuses at start.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/broker_process.h"
#include "tests/support/catch.h"
#include "tests/support/replies.h"

namespace respublica::test {
namespace {

/// The calling thread, and the processes that it starts, get `error` for that system call. False when the system does
/// not let us.
bool forbid(unsigned system_call, unsigned error) {
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, system_call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// How a broker ends that gets `error` for that system call; nothing when the system does not let us.
std::optional<Ending> run_without(unsigned system_call, unsigned error) {
  std::optional<Ending> ending;
  // The filter ends with its thread.
  std::thread([&] {
    if (forbid(system_call, error)) ending = run_to_end({"--port", "0", "--io-threads", "8"});
  }).join();
  return ending;
}

}  // namespace

TEST_CASE("an io thread that cannot be started stops the broker with one clear line") {
  // Threads are made with clone3; processes are not.
  const std::optional<Ending> ending = run_without(SYS_clone3, EAGAIN);
  if (!ending) {
    WARN("no seccomp here");
    return;
  }
  CHECK(ending->code == 1);
  CHECK(lines_of(ending->output).size() == 1);
  CHECK(ending->output.starts_with("respublica: cannot start io thread 0: "));
}

TEST_CASE("an io thread's loop that cannot be made stops the broker with one clear line") {
  const std::optional<Ending> ending = run_without(SYS_epoll_create1, EMFILE);
  if (!ending) {
    WARN("no seccomp here");
    return;
  }
  CHECK(ending->code == 1);
  CHECK(lines_of(ending->output).size() == 1);
  CHECK(ending->output.starts_with("respublica: cannot start: "));
  CHECK(ending->output.find("Too many open files") != std::string::npos);
}

}  // namespace respublica::test
