#pragma once
// One channel's entries, as of one commit.

#include <cstdint>
#include <optional>
#include <string>

#include "broker/shared_value.h"
#include "broker/stream_id.h"
#include "broker/stream_windows.h"
#include "storage/record.h"

namespace respublica {

/// A stream without its name.
struct StreamState {
  std::uint64_t length = 0;
  StreamId last_id;
  StreamId floor;
  StreamId max_deleted_id;
  /// How many more were added than are there.
  std::uint64_t entries_gone = 0;
  std::optional<std::uint64_t> expires_ms;
  StreamWindows windows;
};

/// What is known of a stream without a look into the log. Changed by the records of the log alone, through apply(): by
/// the sequencer as it decides them, and when the log is read at start.
///
/// Thread: a stream that has been put into StreamTable is never changed again, and any thread's; the sequencer changes
/// a copy.
class Stream {
 public:
  Stream(std::string name, ChannelNumber number) : name_(std::move(name)), number_(number) {}
  /// As it was.
  Stream(std::string name, ChannelNumber number, StreamState state);

  const std::string& name() const { return name_; }
  ChannelNumber number() const { return number_; }

  std::uint64_t length() const { return length_; }
  /// The greatest ID ever given to an entry, or set by XSETID.
  StreamId last_id() const { return last_id_; }
  StreamId max_deleted_id() const { return rare().max_deleted_id; }
  std::uint64_t entries_added() const { return length_ + rare().entries_gone; }
  /// Entries with a smaller ID have been trimmed off.
  StreamId floor() const { return rare().floor; }
  const StreamWindows& windows() const { return windows_; }

  /// Milliseconds since 1970 at which the stream goes; none = it stays.
  std::optional<std::uint64_t> expires_ms() const { return rare().expires_ms; }
  bool expired(std::uint64_t now_ms) const { return rare().expires_ms && *rare().expires_ms <= now_ms; }

  /// Takes over what a record of this channel says. `position` is where an append record stands. False when it
  /// contradicts what the records before it said: the log is damaged, and this object is not to be used.
  [[nodiscard]] bool apply(const AppendRecord& record, LogPosition position);
  [[nodiscard]] bool apply(const DeleteRecord& record);
  [[nodiscard]] bool apply(const TrimRecord& record);
  [[nodiscard]] bool apply(const CountersRecord& record);
  [[nodiscard]] bool apply(const ExpiryRecord& record);

 private:
  /// What most streams never have: a broker may have millions of them.
  struct Rare {
    StreamId floor;
    StreamId max_deleted_id;
    /// How many more were added than are there.
    std::uint64_t entries_gone = 0;
    std::optional<std::uint64_t> expires_ms;

    bool operator==(const Rare&) const = default;
  };
  static const Rare kNothingRare;

  const Rare& rare() const { return rare_ ? *rare_ : kNothingRare; }
  /// The same, to be changed.
  Rare& edit_rare() { return rare_.replace(rare()); }

  std::string name_;
  ChannelNumber number_;
  std::uint64_t length_ = 0;
  StreamId last_id_;
  /// None while it is as in a new stream.
  SharedValue<Rare> rare_;
  StreamWindows windows_;
};

inline StreamId to_stream_id(EntryKey key) { return {key.high, key.low}; }
inline EntryKey to_entry_key(StreamId id) { return {id.ms, id.seq}; }

}  // namespace respublica
