#pragma once
// What an io thread counts, for INFO.

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace respublica {

/// A counter that one thread raises and any thread reads.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// One command's counters. Latencies fall into buckets of powers of two: bucket b counts calls of less than 2^b
/// nanoseconds (and not less than half of that).
struct CommandCounters {
  static constexpr std::size_t kBuckets = 40;

  Counter calls;
  Counter nanoseconds;
  Counter rejected_calls;
  Counter failed_calls;
  std::array<Counter, kBuckets> latency;

  /// Counts `count` calls that took `total_ns` together.
  void record(std::uint64_t count, std::uint64_t total_ns) {
    calls.add(count);
    nanoseconds.add(total_ns);
    const auto bucket = static_cast<std::size_t>(std::bit_width(total_ns / count));
    latency[bucket < kBuckets ? bucket : kBuckets - 1].add(count);
  }
};

/// Thread: written by its io thread, read by any.
struct IoCounters {
  explicit IoCounters(std::size_t commands) : per_command(std::make_unique<CommandCounters[]>(commands)) {}

  Counter connections_received;
  Counter rejected_connections;
  Counter commands_processed;
  Counter net_input_bytes;
  Counter net_output_bytes;
  Counter messages_published;
  Counter messages_delivered;
  Counter output_limit_disconnections;
  Counter query_limit_disconnections;
  Counter reads_processed;
  Counter writes_processed;
  Counter loop_turns;
  Counter error_replies;
  /// Right now, not since start.
  Counter clients;

  std::unique_ptr<CommandCounters[]> per_command;

  /// Counts an error reply by its code, the sentence's first word ("ERR", "NOAUTH").
  void count_error(std::string_view sentence) EXCLUDES(errors_mutex);
  std::map<std::string, std::uint64_t, std::less<>> errors() const EXCLUDES(errors_mutex);
  void reset_errors() EXCLUDES(errors_mutex);

  mutable Mutex errors_mutex;
  std::map<std::string, std::uint64_t, std::less<>> errors_by_code GUARDED_BY(errors_mutex);
};

}  // namespace respublica
