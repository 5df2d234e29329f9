#pragma once
// What an entry of a channel of dead letters says.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/stream_id.h"

namespace respublica {

/// The names of the fields that stand before those of the entry that died.
namespace letter_field {
inline constexpr std::string_view kReason = "dlq.reason";
inline constexpr std::string_view kDetail = "dlq.detail";
inline constexpr std::string_view kChannel = "dlq.channel";
inline constexpr std::string_view kId = "dlq.id";
inline constexpr std::string_view kGroup = "dlq.group";
inline constexpr std::string_view kConsumer = "dlq.consumer";
inline constexpr std::string_view kDeliveries = "dlq.deliveries";
inline constexpr std::string_view kPublishedMs = "dlq.published-ms";
inline constexpr std::string_view kFirstDeliveredMs = "dlq.first-delivered-ms";
inline constexpr std::string_view kLastDeliveredMs = "dlq.last-delivered-ms";
inline constexpr std::string_view kDeadMs = "dlq.dead-ms";
inline constexpr std::string_view kDeaths = "dlq.deaths";
/// In place of the fields of an entry that was gone.
inline constexpr std::string_view kPayload = "dlq.payload";
inline constexpr std::string_view kMissing = "missing";
/// Of an entry that was added again: its ID before.
inline constexpr std::string_view kRedrivenFrom = "dlq.redriven-from";
}  // namespace letter_field

/// A dead letter, as the broker wrote it or a consumer did: its own fields come first, in any order. Views into the
/// fields that it was read from.
class DeadLetter {
 public:
  /// None when the fields, encoded as FieldsWriter does, are no dead letter: a reason, a channel and an ID are missing.
  static std::optional<DeadLetter> read(std::string_view fields);

  std::string_view reason() const { return reason_; }
  /// Where the entry died, and its ID there.
  std::string_view channel() const { return channel_; }
  StreamId id() const { return id_; }
  /// Empty: it died in no group.
  std::string_view group() const { return group_; }
  /// Milliseconds since 1970; 0 = it does not say.
  std::uint64_t dead_ms() const { return dead_ms_; }
  /// How often the entry has died in the group, this time included; at least 1.
  std::uint64_t deaths() const { return deaths_; }

  /// It has the fields of the entry.
  bool has_original() const { return original_ < count_; }
  /// The fields of the entry alone, encoded.
  std::string original() const;
  /// The same, for the entry to be added again: with the ID that it first had as `dlq.redriven-from` behind them.
  std::string revived() const;

 private:
  /// Takes a field if it is one of the letter's own that has not been there yet.
  bool take(std::string_view name, std::string_view value);
  /// The fields of the entry, with one more if it has a name.
  std::string original_with(std::string_view name, std::string_view value) const;

  std::string_view fields_;
  std::size_t count_ = 0;
  /// Which field is the first of the entry.
  std::size_t original_ = 0;
  std::string_view reason_;
  std::string_view channel_;
  StreamId id_;
  std::string_view group_;
  std::uint64_t dead_ms_ = 0;
  std::uint64_t deaths_ = 1;
  /// Which of the known fields have been there, a bit each.
  std::uint32_t seen_ = 0;
};

}  // namespace respublica
