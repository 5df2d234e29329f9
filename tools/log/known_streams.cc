#include "tools/log/known_streams.h"

#include <algorithm>
#include <optional>

namespace respublica::logtool {
namespace {

/// The window that has the position; none when there is none.
std::optional<std::size_t> window_at(const StreamWindows& windows, LogPosition position) {
  std::size_t low = 0;
  std::size_t high = windows.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (windows[middle].begin <= position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0 || windows[low - 1].last < position) return std::nullopt;
  return low - 1;
}

}  // namespace

KnownStreams::KnownStreams(const Checkpoint& checkpoint)
    : position_(checkpoint.header.position),
      first_number_{checkpoint.header.next_number},
      known_until_(std::max(checkpoint.header.position, checkpoint.header.until)) {
  for (const Checkpoint::Entry& entry : checkpoint.streams) {
    known_until_ = std::max(known_until_, entry.as_of);
    streams_.emplace(entry.stream->number(), entry);
  }
}

KnownStreams::Standing KnownStreams::standing(const Record& record, const RecordPlace& place) const {
  const ChannelNumber number = channel_of(record);
  const auto found = streams_.find(number);
  if (found == streams_.end()) {
    return number < first_number_ && place.position < known_until_ ? Standing::past : Standing::news;
  }
  if (place.position >= found->second.as_of) return Standing::news;
  if (record.kind != Record::Kind::append) return Standing::past;
  return live_window(record.append, place) != nullptr ? Standing::live : Standing::past;
}

const StreamWindow* KnownStreams::live_window(const AppendRecord& record, const RecordPlace& place) const {
  const auto found = streams_.find(record.channel);
  if (found == streams_.end() || place.position >= found->second.as_of) return nullptr;
  const Stream& stream = *found->second.stream;
  const StreamId id = to_stream_id(record.id);
  // An ID that came again after XSETID is in two places; its window is that of the place.
  const auto index = place.is_placed ? window_at(stream.windows(), place.position) : stream.windows().find(id);
  if (!index || id < stream.floor() || id > stream.last_id()) return nullptr;
  const StreamWindow& window = stream.windows()[*index];
  const bool is_live = window.live > 0 && id >= window.first && !window.has_deleted(id);
  return is_live ? &window : nullptr;
}

}  // namespace respublica::logtool
