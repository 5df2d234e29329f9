#pragma once
// What the records of the log make of the streams of a checkpoint, at start.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/checkpoint.h"
#include "broker/group_table.h"
#include "broker/producer_table.h"
#include "broker/stream.h"
#include "storage/record.h"

namespace respublica {

/// Takes the records of a log from the position of a checkpoint on.
///
/// Thread: its owner's.
class LogReplay {
 public:
  /// Of an empty checkpoint at the beginning of the log: the log alone.
  explicit LogReplay(Checkpoint checkpoint);

  LogPosition from() const { return from_; }
  /// An error when the record contradicts those before it, or the checkpoint.
  Result<void> apply(const Record& record, LogPosition position);

  /// The number of the next channel.
  ChannelNumber next_number() const { return {next_number_}; }
  /// The streams as they are in the end, in no order. Once.
  std::vector<std::shared_ptr<const Stream>> take_streams();
  /// Their consumer groups. Once.
  GroupTable take_groups() { return std::move(groups_); }
  /// Their idempotent producers. Once.
  ProducerTable take_producers() { return std::move(producers_); }

 private:
  struct Replayed {
    std::shared_ptr<Stream> stream;
    LogPosition as_of;
  };

  /// Null when there is none.
  Replayed* find(ChannelNumber channel);
  void put(Replayed replayed);
  Result<void> name(const ChannelRecord& record, LogPosition position);
  /// An error when a channel that is not there must be there.
  Result<void> is_dropped(std::uint64_t number, LogPosition position) const;
  Result<void> apply_to(Stream& stream, const Record& record, LogPosition position);

  LogPosition from_;
  /// The checkpoint knows nothing of records behind it.
  LogPosition known_until_;
  /// The number that the next channel had at `from`: those below it are in the checkpoint, or were dropped before the
  /// part of it was written that they would be in.
  std::uint64_t first_number_ = 0;
  std::uint64_t next_number_ = 0;
  /// Null where one was dropped.
  std::vector<Replayed> streams_;
  GroupTable groups_;
  ProducerTable producers_;
  /// Where they are by their numbers.
  boost::unordered_flat_map<std::uint64_t, std::size_t> places_;
};

}  // namespace respublica
