#pragma once
// The bytes of a record of consumer groups: this file and group_record.cc alone know them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/byte_codec.h"
#include "storage/log_position.h"

namespace respublica {

/// A channel's number in the log: given out when its name is first written, never again.
struct ChannelNumber {
  std::uint64_t value = 0;
  auto operator<=>(const ChannelNumber&) const = default;
};

/// What the ID of an entry is to the log: two numbers.
struct EntryKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const EntryKey&) const = default;
};

/// What has become of a consumer group. `kind` says which members count.
struct GroupRecord {
  enum class Kind : std::uint8_t {
    /// The group is made: name, place.
    make = 1,
    /// It goes on from another place.
    move,
    /// It is gone.
    drop,
    /// A consumer is made: consumer, name, time_ms.
    make_consumer,
    /// It is gone, and what it had pending is pending no more.
    drop_consumer,
    /// Entries are pending with a consumer since time_ms: consumer, time_ms, entries.
    deliver,
    /// Entries are pending with nobody, and nobody is given them before time_ms (0 = at once): time_ms, entries.
    give_back,
    /// Entries are pending no more: entries, without their deliveries.
    release,
    /// Pending entries have become dead letters before: entries, with how often in place of their deliveries.
    died,
  };

  struct Entry {
    EntryKey id;
    /// How often it was delivered so far; of `died`: how often it has died.
    std::uint64_t deliveries = 0;
    bool operator==(const Entry&) const = default;
  };

  ChannelNumber channel;
  Kind kind = Kind::make;
  /// Given out when a group of the channel is made, from 1 on, never again.
  std::uint64_t group = 0;
  /// Given out when a consumer of the group is made, from 1 on, never again.
  std::uint64_t consumer = 0;
  std::string_view name;
  /// It has been given what comes up to here; so many entries of the channel, if that is known.
  EntryKey last_delivered;
  std::optional<std::uint64_t> entries_read;
  std::uint64_t time_ms = 0;
  std::vector<Entry> entries;
};

/// Appends all but the channel.
void put_group_record(std::string& out, const GroupRecord& record);
/// Reads what put_group_record() wrote; false when the bytes are none.
bool read_group_record(ByteReader& reader, GroupRecord& record);

}  // namespace respublica
