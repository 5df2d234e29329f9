#pragma once
// What a durable rule says of the consumer groups of its channels.

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/consumer_group.h"

namespace respublica {

/// Limits on deliveries, and what becomes of entries that nobody can process. Redis has nothing of it: without a rule
/// none of it holds.
struct GroupRule {
  using Milliseconds = std::chrono::milliseconds;

  /// An entry that was delivered so often and is still pending when it would be delivered again is dead; 0 = never.
  std::uint64_t max_deliveries = 5;
  /// How long a consumer has an entry before it counts as failed.
  Milliseconds ack_wait{60'000};
  /// How long an entry that a consumer gave back as failed waits: after the first delivery, the second one, ...; the
  /// last one holds for all that follow. Empty: not at all.
  std::vector<Milliseconds> backoff{Milliseconds(1'000), Milliseconds(5'000), Milliseconds(30'000),
                                    Milliseconds(60'000)};
  /// Entries whose consumer has let ack_wait pass are given to whoever asks for new ones.
  bool redeliver = false;
  /// The channel of dead letters; `%channel` and `%group` stand for where the entry died.
  std::string dlq = "dlq";
  /// A consumer that has asked for nothing for so long is deleted, and others may have what it had; 0 = never.
  Milliseconds consumer_timeout{0};
  /// Entries that nobody was there for are copied to the dead letters: no subscriber, and no group of the channel.
  bool dlq_undelivered = false;
  /// Entries that the limits of the rule take off while a group has not acknowledged them become dead letters.
  bool dlq_trimmed = false;
  /// Entries with the same value of this field go to one consumer at a time, and in their order; empty: there is no
  /// order.
  std::string order_by;
  /// What becomes of the entries behind a dead one, of the same value.
  enum class OnDead : std::uint8_t {
    skip,
    /// Nobody is given them until the dead one is acknowledged, or given back.
    hold,
  };
  OnDead on_dead = OnDead::skip;

  bool operator==(const GroupRule&) const = default;

  /// An entry that was delivered so often is not delivered again.
  bool is_exhausted(Deliveries deliveries) const { return max_deliveries != 0 && deliveries >= max_deliveries; }
  /// The next delivery of an entry that was delivered so often is its last.
  bool is_last_chance(Deliveries deliveries) const {
    return max_deliveries != 0 && std::uint64_t{deliveries} + 1 == max_deliveries;
  }
  /// How long an entry waits that failed after so many deliveries.
  Milliseconds retry_delay(Deliveries deliveries) const;
  /// Where the dead letters of a group of a channel go.
  std::string dlq_of(std::string_view channel, std::string_view group) const;
  /// A glob (glob_pattern.h) of all channels that dlq_of() may name.
  std::string dlq_pattern() const;

 private:
  /// What stands for `%channel` and `%group`.
  using Names = std::array<std::pair<std::string_view, std::string_view>, 2>;
  template <typename Literal>
  std::string filled(const Names& names, Literal&& literal) const;
};

}  // namespace respublica
