// Clients that epoll does not take.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// The calling thread, and the processes that it starts, cannot add descriptors from `first` on to any epoll: ENOSPC,
/// as with fs.epoll.max_user_watches. False when the system does not let us.
bool forbid_watching(unsigned first) {
  constexpr auto kArguments = offsetof(seccomp_data, args);
  std::array<sock_filter, 8> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_ctl, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArguments + sizeof(__u64)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EPOLL_CTL_ADD, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArguments + 2 * sizeof(__u64)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSPC),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// Null when the system does not let us.
std::unique_ptr<RunningServer> start_unable_to_watch(unsigned first, const std::vector<std::string>& arguments) {
  std::unique_ptr<RunningServer> server;
  // The filter ends with its thread.
  std::thread([&] {
    if (forbid_watching(first)) server = std::make_unique<RunningServer>(arguments);
  }).join();
  return server;
}

}  // namespace

TEST_CASE("a client that cannot be watched is closed and counted, and the broker goes on") {
  const bool over_unix = GENERATE(false, true);
  const auto server = start_unable_to_watch(80, {"--io-threads", over_unix ? "2" : "1", "--unixsocket", "broker.sock"});
  if (!server) {
    WARN("no seccomp here");
    return;
  }
  const auto connect = [&] {
    return over_unix ? RawClient::over_unix_socket(server->directory() / "broker.sock") : RawClient(server->port());
  };
  RawClient first = connect();
  CHECK(first.call({"PING"}) == "+PONG\r\n");
  std::vector<RawClient> served;
  const auto is_served = [&] {
    served.push_back(connect());
    // A client that is closed may be so before it can say anything.
    try {
      return served.back().call({"PING"}) == "+PONG\r\n";
    } catch (const std::runtime_error&) {
      served.pop_back();
      return false;
    }
  };
  while (is_served()) REQUIRE(served.size() < 80);
  CHECK_FALSE(is_served());
  CHECK(info(first, "rejected_connections") == 2);
  CHECK(info(first, "connected_clients") == static_cast<long>(served.size()) + 1);
  const std::string output = server->output();
  CHECK(output.find("cannot accept clients") != std::string::npos);
  CHECK(output.find("cannot accept clients") == output.rfind("cannot accept clients"));
  served.pop_back();
  await_info(first, "connected_clients", static_cast<long>(served.size()) + 1);
  CHECK(is_served());
}

}  // namespace respublica::test
