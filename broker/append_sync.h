#pragma once

#include <cstdint>

namespace respublica {

/// When what was written to the log is synced, in the words of redis.conf's appendfsync.
enum class AppendSync : std::uint8_t {
  /// Before anybody is told of it.
  always,
  /// Once a second.
  everysec,
  /// When the system sees fit.
  no,
};

}  // namespace respublica
