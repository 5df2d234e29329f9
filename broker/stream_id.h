#pragma once
// The ID of an entry: when it was added, and which one of that millisecond it is.

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace respublica {

/// `ms-seq`, ordered by both; see https://redis.io/docs/latest/develop/data-types/streams/#entry-ids. 0-0 is no
/// entry's.
struct StreamId {
  /// Milliseconds since 1970.
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  auto operator<=>(const StreamId&) const = default;

  /// The ID behind this one; none behind the greatest.
  std::optional<StreamId> next() const;
  /// The ID before this one; none before 0-0.
  std::optional<StreamId> previous() const;
};

inline constexpr StreamId kMinStreamId{};
inline constexpr StreamId kMaxStreamId{std::numeric_limits<std::uint64_t>::max(),
                                       std::numeric_limits<std::uint64_t>::max()};

/// "1526919030474-55".
std::string format_stream_id(StreamId id);

/// Reads `ms` or `ms-seq`, with `missing_seq` where there is no `-seq`. Each part is digits, at most 2^64-1.
std::optional<StreamId> parse_stream_id(std::string_view text, std::uint64_t missing_seq);

}  // namespace respublica
