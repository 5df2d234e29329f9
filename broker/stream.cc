#include "broker/stream.h"

#include <algorithm>

namespace respublica {

bool Stream::apply(const AppendRecord& record, LogPosition position) {
  const StreamId id = to_stream_id(record.id);
  if (id <= last_id_ || !windows_.append(id, position, record.back)) return false;
  // XSETID may have led an empty stream back to smaller IDs.
  if (length_ == 0) floor_ = kMinStreamId;
  last_id_ = id;
  ++length_;
  ++entries_added_;
  return true;
}

bool Stream::apply(const DeleteRecord& record) {
  for (const EntryKey key : record.ids) {
    const StreamId id = to_stream_id(key);
    const std::optional<std::size_t> window = windows_.find(id);
    if (id < floor_ || !window || !windows_.remove(*window, id)) return false;
    --length_;
    max_deleted_id_ = std::max(max_deleted_id_, id);
  }
  return true;
}

bool Stream::apply(const TrimRecord& record) {
  floor_ = to_stream_id(record.first_kept);
  length_ -= record.removed;
  return windows_.trim(floor_, record.removed);
}

bool Stream::apply(const CountersRecord& record) {
  const StreamId last = to_stream_id(record.last_id);
  if (last < last_id_ && !windows_.rewind(last)) return false;
  last_id_ = last;
  max_deleted_id_ = to_stream_id(record.max_deleted);
  entries_added_ = record.entries_added;
  return true;
}

bool Stream::apply(const ExpiryRecord& record) {
  expires_ms_ = record.at_ms;
  return true;
}

}  // namespace respublica
