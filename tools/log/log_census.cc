#include "tools/log/log_census.h"

#include <algorithm>
#include <functional>

#include "tools/log/damage_text.h"

namespace respublica::logtool {

LogCensus::LogCensus(const KnownStreams& known) : known_(known), names_(known) {
  for (const auto& [number, entry] : known.streams()) channels_[number] = {number, 0, entry.stream->length()};
}

Result<void> LogCensus::segment(const SegmentFile& file) {
  ++(file.is_compact() ? compact_segments_ : segments_);
  file_bytes_ += file.bytes;
  return {};
}

Result<void> LogCensus::frame(const FrameHeader& header) {
  ++frames_;
  frame_bytes_ += header.frame_bytes();
  see_time(header.time_ms);
  return {};
}

Result<void> LogCensus::kept_frame(const FrameHeader& header) {
  see_time(header.time_ms);
  return {};
}

void LogCensus::see_time(std::uint64_t ms) {
  if (!first_ms_) first_ms_ = ms;
  last_ms_ = ms;
}

Result<void> LogCensus::record(const Record& record, const RecordPlace& place) {
  ++records_[record.kind];
  const ChannelNumber number = channel_of(record);
  if (known_.standing(record, place) != KnownStreams::Standing::news) {
    const auto known = channels_.find(number);
    if (known != channels_.end()) known->second.bytes += place.bytes;
    return {};
  }
  names_.see(record);
  if (record.kind == Record::Kind::drop) {
    channels_.erase(number);
    return {};
  }
  Channel& channel = channels_[number];
  channel.number = number;
  channel.bytes += place.bytes;
  std::uint64_t removed = 0;
  if (record.kind == Record::Kind::append) ++channel.entries;
  if (record.kind == Record::Kind::remove) removed = record.remove.ids.size();
  if (record.kind == Record::Kind::trim) removed = record.trim.removed;
  channel.entries -= std::min(removed, channel.entries);
  return {};
}

Result<void> LogCensus::damage(const Damage& damage) {
  if (damage.kind != Damage::Kind::tail) damages_.push_back(damage_text(damage, names_));
  return {};
}

std::uint64_t LogCensus::records() const {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : records_) sum += count;
  return sum;
}

std::uint64_t LogCensus::records(Record::Kind kind) const {
  const auto found = records_.find(kind);
  return found == records_.end() ? 0 : found->second;
}

std::uint64_t LogCensus::entries() const {
  std::uint64_t sum = 0;
  for (const auto& [number, channel] : channels_) sum += channel.entries;
  return sum;
}

std::vector<LogCensus::Channel> LogCensus::largest(std::size_t count) const {
  std::vector<Channel> all;
  for (const auto& [number, channel] : channels_) all.push_back(channel);
  std::ranges::stable_sort(all, std::greater(), &Channel::bytes);
  all.resize(std::min(count, all.size()));
  return all;
}

}  // namespace respublica::logtool
