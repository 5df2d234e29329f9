#pragma once
// What a change or a reading of a stream asks for, as plain values:
// https://redis.io/docs/latest/commands/?group=stream.

#include <cstdint>

#include "broker/stream_id.h"

namespace respublica {

/// Which entries of a stream go.
struct TrimRule {
  enum class Strategy : std::uint8_t {
    /// All but the newest `max_entries`.
    maxlen,
    /// Those with an ID below `min_id`.
    minid,
  };
  enum class Precision : std::uint8_t {
    exact,
    /// Some of them may stay, where that costs less.
    approximate,
  };

  Strategy strategy = Strategy::maxlen;
  Precision precision = Precision::exact;
  std::uint64_t max_entries = 0;
  StreamId min_id;
  /// How many entries may go at once; 0 = any number. Only with Precision::approximate.
  std::uint64_t limit = 0;

  bool operator==(const TrimRule&) const = default;
};

/// How much of a stream is kept; 0 = not limited.
struct StreamLimits {
  std::uint64_t entries = 0;
  /// Of records in the log.
  std::uint64_t bytes = 0;
  /// Milliseconds since an entry was written.
  std::uint64_t age_ms = 0;

  bool any() const { return entries != 0 || bytes != 0 || age_ms != 0; }
  bool operator==(const StreamLimits&) const = default;
};

/// The limit of an approximate rule that names none: a hundred of Redis's nodes.
inline constexpr std::uint64_t kDefaultTrimLimit = 10'000;

/// The ID that a new entry should get.
struct RequestedId {
  enum class Kind : std::uint8_t {
    /// The next one of now (`*`).
    automatic,
    /// The next one of the millisecond `id.ms` (`ms-*`).
    automatic_seq,
    /// `id`, which is not 0-0.
    exact,
  };

  Kind kind = Kind::automatic;
  StreamId id;

  bool operator==(const RequestedId&) const = default;
};

/// The IDs from `first` to `last`, both included; none when `last` is the smaller one.
struct IdRange {
  StreamId first = kMinStreamId;
  StreamId last = kMaxStreamId;

  bool contains(StreamId id) const { return first <= id && id <= last; }
  bool empty() const { return last < first; }

  bool operator==(const IdRange&) const = default;
};

}  // namespace respublica
