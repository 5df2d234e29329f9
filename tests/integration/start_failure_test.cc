// What the system refuses at start.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

/// The calling thread, and the processes that it starts, get EMFILE for an epoll. False when the system does not let
/// us.
bool forbid_epoll() {
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_create1, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_CASE("an io thread that cannot be started stops the broker with one clear line") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_STACK, &before) == 0);
  // The stack of a thread is as large as this limit, and larger than the address space.
  const rlimit huge{rlim_t{1} << 48, before.rlim_max};
  if (::setrlimit(RLIMIT_STACK, &huge) != 0) {
    WARN("the stack is limited here");
    return;
  }
  const Ending ending = run_to_end({"--port", "0", "--io-threads", "8"});
  REQUIRE(::setrlimit(RLIMIT_STACK, &before) == 0);
  CHECK(ending.code == 1);
  CHECK(lines_of(ending.output).size() == 1);
  CHECK(ending.output.starts_with("respublica: cannot start io thread 0: "));
}

TEST_CASE("an io thread's loop that cannot be made stops the broker with one clear line") {
  std::optional<Ending> ending;
  // The filter ends with its thread.
  std::thread([&] {
    if (forbid_epoll()) ending = run_to_end({"--port", "0", "--io-threads", "8"});
  }).join();
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
