#pragma once
// What a durable rule says of the time of its channels' entries, and what entries say of it themselves.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "broker/stream_id.h"

namespace respublica {

/// The reserved fields of entries, in the words that stand in them: decimal numbers.
inline constexpr std::string_view kTtlField = "ttl-ms";
inline constexpr std::string_view kDeliverAtField = "deliver-at";
inline constexpr std::string_view kDeliverInField = "deliver-in-ms";

/// What an entry says of its own time in reserved fields; those that its channel's rule does not know are fields as
/// any others.
struct EntryTiming {
  /// Milliseconds from its ID on, at least 1.
  std::optional<std::uint64_t> ttl_ms;
  /// Milliseconds since 1970.
  std::optional<std::uint64_t> deliver_at_ms;
  /// Milliseconds from now on.
  std::optional<std::uint64_t> deliver_in_ms;

  /// When it is to be delivered, milliseconds since 1970; none = at once.
  std::optional<std::uint64_t> due_ms(std::uint64_t now_ms) const;

  bool operator==(const EntryTiming&) const = default;
};

struct EntryRule {
  /// How long an entry is delivered, from the milliseconds of its ID on; 0 = for ever.
  std::chrono::milliseconds ttl{0};
  /// Entries may have a ttl of their own (kTtlField). With `ttl` they may, too.
  bool entry_ttl = false;
  /// Entries may wait (kDeliverAtField, kDeliverInField).
  bool delayed = false;
  /// Entries say nothing of their own time, whatever their fields are: dead letters have the fields of what died.
  bool ignores_fields = false;

  bool operator==(const EntryRule&) const = default;

  bool may_expire() const { return ttl.count() != 0 || entry_ttl; }
  /// The smallest ID that the channel's own ttl leaves at that time.
  StreamId first_alive(std::uint64_t now_ms) const;
  /// Reads the reserved fields; an error says which one makes no sense. `fields` are for FieldsReader.
  Result<EntryTiming> timing_of(std::string_view fields) const;
  /// The ttl that the entry has of its own; fields that make no sense say nothing.
  std::optional<std::uint64_t> own_ttl_ms(std::string_view fields) const;
  /// The entry is older than the channel lets it become, or than it says itself.
  bool is_over(StreamId id, std::string_view fields, std::uint64_t now_ms) const;
};

/// The fields without those that had the entry wait.
std::string without_delay(std::string_view fields);

}  // namespace respublica
