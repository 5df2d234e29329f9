#pragma once
// The bytes of a record of idempotent producers: this file and producer_record.cc alone know them.

#include <cstdint>
#include <string>

#include "storage/byte_codec.h"
#include "storage/fingerprint.h"
#include "storage/group_record.h"

namespace respublica {

/// What a channel knows of its idempotent producers has changed. `kind` says which members count.
struct ProducerRecord {
  enum class Kind : std::uint8_t {
    /// From here on IDs are tracked like this, and those tracked so far are not any more: duration_s, most.
    limit = 1,
    /// An idempotent ID led to an entry: producer, iid, entry, ahead_ms.
    track,
  };

  ChannelNumber channel;
  Kind kind = Kind::limit;
  /// For how many seconds an ID is tracked.
  std::uint64_t duration_s = 0;
  /// How many IDs of each producer are tracked.
  std::uint64_t most = 0;
  Fingerprint producer;
  Fingerprint iid;
  EntryKey entry;
  /// How many milliseconds the ID of the entry is ahead of the time at which it was added.
  std::uint64_t ahead_ms = 0;
};

/// Appends all but the channel.
void put_producer_record(std::string& out, const ProducerRecord& record);
/// Reads what put_producer_record() wrote; false when the bytes are none.
bool read_producer_record(ByteReader& reader, ProducerRecord& record);

void put_fingerprint(std::string& out, const Fingerprint& fingerprint);
Fingerprint read_fingerprint(ByteReader& reader);

}  // namespace respublica
