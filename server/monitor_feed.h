#pragma once
// MONITOR.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace respublica {

class IoThread;
class Session;

/// The clients of one io thread that have asked for MONITOR, by number. Who has left it, or has gone, is forgotten when
/// the list is looked through the next time.
///
/// Thread: empty(): any. All else: the io thread.
class MonitorList {
 public:
  bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }

  /// Adds a client that is not in the list.
  void add(std::uint64_t number) {
    numbers_.push_back(number);
    count_.store(numbers_.size(), std::memory_order_relaxed);
  }
  /// Looks through the list: forgets those for whom `stays` is false.
  template <typename F>
  void retain(F&& stays) {
    std::erase_if(numbers_, [&](std::uint64_t number) { return !stays(number); });
    count_.store(numbers_.size(), std::memory_order_relaxed);
  }

 private:
  std::vector<std::uint64_t> numbers_;
  std::atomic<std::size_t> count_{0};
};

/// The line that MONITOR shows for a command, without CRLF: `+<unix time> [<db> <address>] "<argument>" ...`.
std::string monitor_line(double unix_time, std::size_t database, std::string_view address,
                         std::span<const std::string_view> arguments);

/// Puts a client that is not in MONITOR into it.
/// Thread: the session's io thread.
void start_monitor(IoThread& io, Session& session);

/// Sends the line to every client in MONITOR, on all io threads that have one.
/// Thread: the session's io thread.
void feed_monitors(IoThread& io, Session& session, std::span<const std::string_view> arguments);

}  // namespace respublica
