#pragma once
// The names of subscriptions that begin in the past: `$since:<from>:<channel>`.

#include <cstdint>
#include <optional>
#include <string_view>

#include "broker/stream_id.h"

namespace respublica {

inline constexpr std::string_view kSincePrefix = "$since:";

inline bool is_since_name(std::string_view name) { return name.starts_with(kSincePrefix); }

/// What such a name asks for: the entries of `channel` from `first` on.
struct SinceName {
  StreamId first;
  std::string_view channel;
};

/// Reads `$since:<from>:<channel>`, where <from> has no colon and <channel> may have some. <from> is
///
///     ms-seq              the entries behind that ID
///     digits              those of that millisecond since 1970 and later: 0 = all
///     N(ms|s|m|h|d)       those of that duration before `now_ms`, and later
///
/// None when it is anything else, or no ID is behind the one given.
std::optional<SinceName> parse_since_name(std::string_view name, std::uint64_t now_ms);

}  // namespace respublica
