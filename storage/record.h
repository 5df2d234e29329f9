#pragma once
// The bytes of a record: this file and record.cc alone know them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/group_record.h"
#include "storage/log_position.h"
#include "storage/producer_record.h"

namespace respublica {

/// The name that a number stands for. Written once, when the channel is made, before the first record of the number.
struct ChannelRecord {
  ChannelNumber channel;
  std::string_view name;
};

/// An entry.
struct AppendRecord {
  ChannelNumber channel;
  EntryKey id;
  /// Bytes back to the record of the channel's entry before this one, which is in the same window; 0 = begins a window.
  std::uint64_t back = 0;
  /// As FieldsWriter makes them.
  std::string_view fields;

  /// What the record takes in the log.
  std::uint64_t bytes() const;
};

/// Entries that were deleted one by one.
struct DeleteRecord {
  ChannelNumber channel;
  std::vector<EntryKey> ids;
};

/// All entries below `first_kept` were deleted; `removed` of them were still there.
struct TrimRecord {
  ChannelNumber channel;
  EntryKey first_kept;
  std::uint64_t removed = 0;
  /// Of the records of those that share a window with entries that stay.
  std::uint64_t part_bytes = 0;
};

/// What XSETID sets.
struct CountersRecord {
  ChannelNumber channel;
  EntryKey last_id;
  EntryKey max_deleted;
  std::uint64_t entries_added = 0;
};

/// The channel is gone, and its number.
struct DropRecord {
  ChannelNumber channel;
};

/// The channel goes at this time (milliseconds since 1970), or stays (none).
struct ExpiryRecord {
  ChannelNumber channel;
  std::optional<std::uint64_t> at_ms;
};

/// A record as it was read. `kind` says which member counts. Views point into what was read.
struct Record {
  enum class Kind : std::uint8_t { channel = 1, append, remove, trim, counters, drop, expiry, group, producer };
  Kind kind = Kind::channel;
  ChannelRecord channel;
  AppendRecord append;
  DeleteRecord remove;
  TrimRecord trim;
  CountersRecord counters;
  DropRecord drop;
  ExpiryRecord expiry;
  GroupRecord group;
  ProducerRecord producer;
};

/// Appends records to the payload of a frame.
///
///     checksum of all that follows (4) | bytes of the body (4) | body: kind (1) | channel (varint) | what the kind has
///
/// Thread: its owner's.
class RecordWriter {
 public:
  explicit RecordWriter(std::string& payload) : payload_(payload) {}

  /// Each returns where in the payload the record begins.
  std::size_t write(const ChannelRecord& record);
  std::size_t write(const AppendRecord& record);
  std::size_t write(const DeleteRecord& record);
  std::size_t write(const TrimRecord& record);
  std::size_t write(const CountersRecord& record);
  std::size_t write(const DropRecord& record);
  std::size_t write(const ExpiryRecord& record);
  std::size_t write(const GroupRecord& record);
  std::size_t write(const ProducerRecord& record);

 private:
  std::size_t begin(Record::Kind kind, ChannelNumber channel);
  std::size_t finish(std::size_t begin);

  std::string& payload_;
};

/// Reads the record at the front of `bytes`, which may be anything.
struct RecordRead {
  enum class Status : std::uint8_t {
    whole,
    /// More bytes are needed: `bytes` in all, as far as is known.
    cut_off,
    damaged,
  };
  Status status = Status::damaged;
  /// How long the record is.
  std::size_t bytes = 0;
};
RecordRead read_record(std::string_view bytes, Record& record);

/// The channel that a record is of.
ChannelNumber channel_of(const Record& record);

/// What a record says whose checksum is wrong, `bytes` in all: a hint for an operator, to be believed by nobody. False
/// when it says nothing.
bool read_damaged_record(std::string_view bytes, Record& record);

/// The fields of an entry, encoded: written once by whoever received them, stored and passed on as they are.
class FieldsWriter {
 public:
  explicit FieldsWriter(std::size_t fields);
  void add(std::string_view name, std::string_view value);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Whether these are exactly fields as FieldsWriter makes them.
bool are_fields(std::string_view bytes);

/// Reads what FieldsWriter wrote. The bytes may be anything: no more fields are read than they have room for.
class FieldsReader {
 public:
  explicit FieldsReader(std::string_view fields);

  /// Name and value pairs.
  std::size_t count() const { return count_; }
  struct Field {
    std::string_view name;
    std::string_view value;
  };
  /// The next pair; call it count() times at most.
  Field next();

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
};

}  // namespace respublica
