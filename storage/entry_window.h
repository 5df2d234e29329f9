#pragma once
// When an entry's record leads back to the one before it, and when it begins anew.

#include <cstdint>

#include "storage/log_position.h"

namespace respublica {

/// A window is begun every so many bytes of log, but not for fewer entries than this: few places are to be remembered
/// of a channel that is rarely written to.
inline constexpr std::uint64_t kWindowBytes = 64 * 1024;
inline constexpr std::uint16_t kMinWindowEntries = 4;
inline constexpr std::uint16_t kMaxWindowEntries = 1024;

/// Whether the entry at `position` begins a window, and does not join the one that begins at `begin` and has `entries`.
inline bool begins_window(LogPosition position, LogPosition begin, std::uint16_t entries) {
  return (position - begin >= kWindowBytes && entries >= kMinWindowEntries) || entries >= kMaxWindowEntries;
}

}  // namespace respublica
