#pragma once
// What has been written to the log last.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "storage/log_position.h"

namespace respublica {

/// The last bytes of the log, so that an entry which consumers wait for need not be read from the file that it has just
/// been written to.
///
/// Thread: its owner's.
class LogTail {
 public:
  /// What is kept at least, where as much has been added; twice that at most.
  static constexpr std::size_t kKeptBytes = 8192;

  /// `bytes` have been written at `position`. If that is not where the ones before have ended, as behind a frame that
  /// only says what is durable, those are forgotten.
  void add(LogPosition position, std::string_view bytes);

  /// Fills `into` with what stands at `position`. False when not all of that is here.
  bool read(LogPosition position, std::span<char> into) const;

 private:
  LogPosition begin_;
  std::string bytes_;
};

}  // namespace respublica
