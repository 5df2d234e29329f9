#pragma once
// Why entries die, and how many did.

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace respublica {

/// Why an entry is dead.
enum class DeathReason : std::uint8_t { max_deliveries, rejected, expired, maxlen, undelivered, by_operator };

/// As `dlq.reason` has them, in the order of DeathReason.
inline constexpr std::array<std::string_view, 6> kDeathReasons{"max-deliveries", "rejected",    "expired",
                                                               "maxlen",         "undelivered", "operator"};

inline std::string_view name_of(DeathReason reason) { return kDeathReasons[static_cast<std::size_t>(reason)]; }

/// What has become of dead letters since the broker began.
struct DeadLetterCounts {
  /// Written, by reason.
  std::array<std::uint64_t, kDeathReasons.size()> written{};
  /// Times that one could not be written: its entry stayed pending, or was not taken off.
  std::uint64_t failed = 0;
  /// Gone by DLQ REDRIVE and DLQ DISCARD.
  std::uint64_t redriven = 0;
  std::uint64_t discarded = 0;

  std::uint64_t total() const { return std::accumulate(written.begin(), written.end(), std::uint64_t{0}); }
};

}  // namespace respublica
