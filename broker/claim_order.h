#pragma once
// In which order pending entries may be claimed.

#include <algorithm>
#include <compare>
#include <cstdint>

namespace respublica {

/// Where a pending entry stands among those that may be claimed: entries that were given back come first, in the order
/// in which that happened, then those that were delivered, by time, and last those that nobody may have yet.
class ClaimOrder {
 public:
  ClaimOrder() = default;

  static ClaimOrder given_back(std::uint64_t count) { return ClaimOrder(count); }
  static ClaimOrder delivered(std::uint64_t ms) { return ClaimOrder(kDelivered + std::min(ms, kMostMs)); }
  static ClaimOrder not_before(std::uint64_t ms) { return ClaimOrder(kDelayed + std::min(ms, kMostMs)); }
  /// Nobody may have it, until somebody gives it back or acknowledges it.
  static ClaimOrder held() { return not_before(kMostMs); }

  bool is_given_back() const { return value_ < kDelivered; }
  bool is_delayed() const { return value_ >= kDelayed; }
  bool is_held() const { return *this == held(); }
  /// Of one that was given back.
  std::uint64_t count() const { return value_; }
  /// Milliseconds since 1970 of the delivery, or of the end of the delay.
  std::uint64_t ms() const { return value_ - (is_delayed() ? kDelayed : kDelivered); }

  auto operator<=>(const ClaimOrder&) const = default;

 private:
  static constexpr std::uint64_t kDelivered = 1ULL << 62;
  static constexpr std::uint64_t kDelayed = 1ULL << 63;
  static constexpr std::uint64_t kMostMs = kDelivered - 1;

  explicit ClaimOrder(std::uint64_t value) : value_(value) {}

  std::uint64_t value_ = 0;
};

}  // namespace respublica
