#pragma once
// SLOWLOG: the commands that took longest.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace respublica {

/// The last slow commands, newest first. Long arguments are shortened as Redis does (32 arguments of 128 bytes).
/// https://redis.io/docs/latest/commands/slowlog-get/
/// Thread: any, guarded by its mutex.
class SlowLog {
 public:
  struct Entry {
    std::uint64_t id;
    std::int64_t unix_seconds;
    std::int64_t microseconds;
    std::vector<std::string> arguments;
    std::string address;
    std::string client_name;
  };

  /// `max_entries` is slowlog-max-len.
  void add(std::span<const std::string_view> arguments, std::int64_t unix_seconds, std::int64_t microseconds,
           std::string address, std::string client_name, std::size_t max_entries) EXCLUDES(mutex_);
  /// The newest `count` entries.
  std::vector<Entry> newest(std::size_t count) const EXCLUDES(mutex_);
  std::size_t size() const EXCLUDES(mutex_);
  void clear() EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::uint64_t next_id_ GUARDED_BY(mutex_) = 0;
  std::deque<Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace respublica
