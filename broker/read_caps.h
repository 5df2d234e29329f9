#pragma once
// How much one command that reads may take of all its streams together.

#include <algorithm>
#include <cstdint>
#include <limits>

namespace respublica {

/// MAXCOUNT and MAXSIZE of XREAD and XREADGROUP: https://redis.io/docs/latest/commands/xread/. 0 = not limited.
struct ReadCaps {
  std::uint64_t entries = 0;
  /// Of names and values of fields, as they are kept.
  std::uint64_t bytes = 0;

  bool operator==(const ReadCaps&) const = default;
};

/// What is left of it while the streams are read.
///
/// Thread: its owner's.
class ReadBudget {
 public:
  explicit ReadBudget(ReadCaps caps) : entries_(left(caps.entries)), bytes_(left(caps.bytes)) {}

  /// Takes an entry with fields of so many bytes. False, and nothing taken, when that is too much; the first one of all
  /// never is.
  bool take(std::uint64_t bytes) {
    if (taken_any_ && (entries_ == 0 || bytes_ == 0 || bytes > bytes_)) return false;
    taken_any_ = true;
    if (entries_ != kNoLimit) --entries_;
    if (bytes_ != kNoLimit) bytes_ -= std::min(bytes_, bytes);
    return true;
  }
  bool taken_any() const { return taken_any_; }

 private:
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t left(std::uint64_t cap) { return cap == 0 ? kNoLimit : cap; }

  std::uint64_t entries_;
  std::uint64_t bytes_;
  bool taken_any_ = false;
};

}  // namespace respublica
