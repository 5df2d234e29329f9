#pragma once
// client-output-buffer-limit: how much may wait for one client.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace respublica {

struct ClientState;
struct Settings;

/// One class's limits, in logical bytes; 0 = none.
struct OutputLimit {
  std::uint64_t hard = 0;
  std::uint64_t soft = 0;
  /// How long the soft limit may be exceeded without a break.
  std::chrono::seconds soft_time{0};

  bool exceeds_hard(std::size_t bytes) const { return hard != 0 && bytes > hard; }
  bool exceeds_soft(std::size_t bytes) const { return soft != 0 && bytes > soft; }
};

/// The limit for a client: class pubsub while it has a subscription, else normal.
OutputLimit output_limit_of(const ClientState& client, const Settings& settings);

/// Output of at most this many bytes exceeds no limit of any class.
std::size_t smallest_output_limit(const Settings& settings);

}  // namespace respublica
