#pragma once
// Which streams go next.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/name_hash.h"

namespace respublica {

/// Streams that something is to happen to (most: they go), in the order of the times at which it does.
///
/// Thread: its owner's.
class ExpiryQueue {
 public:
  /// The stream goes at this time (milliseconds since 1970); none = it stays, or is gone.
  void set(const std::string& name, std::optional<std::uint64_t> at_ms);
  /// It has a time.
  bool has(const std::string& name) const { return times_.contains(name); }

  /// When the next one goes.
  std::optional<std::uint64_t> next() const;
  /// Those whose time is over, `limit` at most, the oldest first.
  std::vector<std::string> due(std::uint64_t now_ms, std::size_t limit) const;

 private:
  std::set<std::pair<std::uint64_t, std::string>> order_;
  boost::unordered_flat_map<std::string, std::uint64_t, NameHash, std::equal_to<>> times_;
};

}  // namespace respublica
