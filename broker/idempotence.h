#pragma once
// How a producer names its messages, so that one that comes twice is added once:
// https://redis.io/docs/latest/develop/data-types/streams/idempotency/

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/fingerprint.h"

namespace respublica {

/// Of which producer a message is, and which one of its messages. What they were called is not kept, but a fingerprint,
/// so that each takes the same room.
struct IdempotentId {
  Fingerprint producer;
  Fingerprint iid;
};

/// IDMP: both have names.
IdempotentId named_id(std::string_view producer, std::string_view iid);
/// IDMPAUTO: the message is what is in it. Field, value, field, value...; their order does not matter.
IdempotentId content_id(std::string_view producer, std::span<const std::string_view> fields);

/// How the IDs of a stream's producers are tracked.
struct IdempotenceLimits {
  static constexpr std::uint32_t kMostSeconds = 86'400;
  static constexpr std::uint32_t kMostIds = 10'000;

  /// An ID is tracked for so long, 1 to kMostSeconds.
  std::uint32_t duration_s = 100;
  /// Of each producer only the newest, 1 to kMostIds, are.
  std::uint32_t most = 100;

  bool operator==(const IdempotenceLimits&) const = default;
};

}  // namespace respublica
