#include "tools/bench/interruption.h"

#include <atomic>
#include <csignal>

#include "tools/bench/bench_error.h"

namespace respublica::bench {

namespace {

std::atomic<bool> caught{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_signal(int) { caught.store(true, std::memory_order_relaxed); }

}  // namespace

void catch_interruptions() {
  struct sigaction action {};
  action.sa_handler = on_signal;  // no SA_RESTART: a blocked recv or epoll_wait returns at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() { return caught.load(std::memory_order_relaxed); }

void throw_if_interrupted() {
  if (interrupted()) {
    throw BenchError("interrupted");
  }
}

}  // namespace respublica::bench
