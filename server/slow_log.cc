#include "server/slow_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace respublica {
namespace {

constexpr std::size_t kMaxArguments = 32;
constexpr std::size_t kMaxArgumentBytes = 128;

std::vector<std::string> shortened(std::span<const std::string_view> arguments) {
  std::vector<std::string> kept;
  const std::size_t count = std::min(arguments.size(), kMaxArguments);
  kept.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (arguments.size() > kMaxArguments && i == kMaxArguments - 1) {
      kept.push_back(fmt::format("... ({} more arguments)", arguments.size() - kMaxArguments + 1));
    } else if (arguments[i].size() > kMaxArgumentBytes) {
      kept.push_back(fmt::format("{}... ({} more bytes)", arguments[i].substr(0, kMaxArgumentBytes),
                                 arguments[i].size() - kMaxArgumentBytes));
    } else {
      kept.emplace_back(arguments[i]);
    }
  }
  return kept;
}

}  // namespace

void SlowLog::add(std::span<const std::string_view> arguments, std::int64_t unix_seconds, std::int64_t microseconds,
                  std::string address, std::string client_name, std::size_t max_entries) {
  std::vector<std::string> kept = shortened(arguments);
  MutexLock lock(mutex_);
  entries_.push_front(
      Entry{next_id_++, unix_seconds, microseconds, std::move(kept), std::move(address), std::move(client_name)});
  while (entries_.size() > max_entries) entries_.pop_back();
}

std::vector<SlowLog::Entry> SlowLog::newest(std::size_t count) const {
  MutexLock lock(mutex_);
  return {entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(std::min(count, entries_.size()))};
}

std::size_t SlowLog::size() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

void SlowLog::clear() {
  MutexLock lock(mutex_);
  entries_.clear();
}

}  // namespace respublica
