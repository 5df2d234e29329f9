#include "broker/stream.h"

#include <algorithm>
#include <utility>

namespace respublica {

const Stream::Rare Stream::kNothingRare{};

Stream::Stream(std::string name, ChannelNumber number, StreamState state)
    : name_(std::move(name)),
      number_(number),
      length_(state.length),
      last_id_(state.last_id),
      windows_(std::move(state.windows)) {
  const Rare rare{state.floor, state.max_deleted_id, state.entries_gone, state.expires_ms};
  if (rare != kNothingRare) rare_ = SharedValue(rare);
}

bool Stream::apply(const AppendRecord& record, LogPosition position) {
  const StreamId id = to_stream_id(record.id);
  if (id <= last_id_ || !windows_.append(id, position, record.back, record.bytes())) return false;
  // XSETID may have led an empty stream back to smaller IDs.
  if (length_ == 0 && floor() != kMinStreamId) edit_rare().floor = kMinStreamId;
  last_id_ = id;
  ++length_;
  return true;
}

bool Stream::apply(const DeleteRecord& record) {
  for (const EntryKey key : record.ids) {
    const StreamId id = to_stream_id(key);
    const std::optional<std::size_t> window = windows_.find(id);
    if (id < floor() || !window || !windows_.remove(*window, id)) return false;
    --length_;
    Rare& rare = edit_rare();
    ++rare.entries_gone;
    rare.max_deleted_id = std::max(rare.max_deleted_id, id);
  }
  return true;
}

bool Stream::apply(const TrimRecord& record) {
  const StreamId first_kept = to_stream_id(record.first_kept);
  Rare& rare = edit_rare();
  rare.floor = first_kept;
  rare.entries_gone += record.removed;
  length_ -= record.removed;
  return windows_.trim(first_kept, record.removed, record.part_bytes);
}

bool Stream::apply(const CountersRecord& record) {
  const StreamId last = to_stream_id(record.last_id);
  if (last < last_id_ && !windows_.rewind(last)) return false;
  last_id_ = last;
  const StreamId max_deleted = to_stream_id(record.max_deleted);
  if (max_deleted != max_deleted_id()) edit_rare().max_deleted_id = max_deleted;
  // Of an empty stream the count may be set to anything; of another one never below its length.
  if (record.entries_added != entries_added()) edit_rare().entries_gone = record.entries_added - length_;
  return true;
}

bool Stream::apply(const ExpiryRecord& record) {
  if (record.at_ms != expires_ms()) edit_rare().expires_ms = record.at_ms;
  return true;
}

}  // namespace respublica
