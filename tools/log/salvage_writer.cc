#include "tools/log/salvage_writer.h"

#include <algorithm>

#include "broker/virtual_channel.h"
#include "storage/entry_window.h"

namespace respublica::logtool {
namespace {

/// A frame with the ends of channels is not made larger than this.
constexpr std::size_t kStateBytes = std::size_t{1} << 20;

}  // namespace

Result<void> SalvageWriter::record(const Record& record, const RecordPlace& place) {
  if (place.frame != source_frame_) {
    if (auto committed = commit(); !committed) return committed;
    source_frame_ = place.frame;
  }
  time_ms_ = std::max(time_ms_, place.time_ms);
  if (known_.standing(record, place) == KnownStreams::Standing::past) return {};
  const auto found = channels_.all().find(channel_of(record));
  // Not there: the channel was ended later.
  if (found == channels_.all().end()) return {};
  if (record.kind == Record::Kind::channel) written(found->first, found->second);
  if (record.kind != Record::Kind::append) return {};
  if (found->second.removals.covers(record.append.id, place.position)) return {};
  Written& channel = written(found->first, found->second);
  if (channel.entries > 0 && record.append.id <= channel.last_id) {
    ++left_out_;
  } else {
    add_entry(record.append, channel);
  }
  return {};
}

std::uint64_t SalvageWriter::entries_of(ChannelNumber number) const {
  const auto found = written_.find(number);
  return found == written_.end() ? 0 : found->second.entries;
}

Result<void> SalvageWriter::finish() {
  for (const auto& [number, channel] : channels_.all()) {
    // Of a channel without entries nothing is known but a number.
    if (channel.is_name_lost && !written_.contains(number)) continue;
    add_state(channel, written(number, channel));
    if (frame_.size() < kStateBytes) continue;
    if (auto committed = commit(); !committed) return committed;
  }
  if (auto committed = commit(); !committed) return committed;
  // All of it is known to be durable from now on.
  return written_.empty() ? Result<void>() : log_.mark_durable(time_ms_);
}

SalvageWriter::Written& SalvageWriter::written(ChannelNumber number, const SalvagedChannel& channel) {
  const auto [found, is_new] = written_.try_emplace(number);
  if (is_new) {
    found->second.number = {written_.size() - 1};
    frame_.add(ChannelRecord{found->second.number, *channel.name});
  }
  return found->second;
}

void SalvageWriter::add_entry(AppendRecord entry, Written& channel) {
  const LogPosition position = log_.end() + frame_.size();
  const bool begins =
      channel.window_entries == 0 || begins_window(position, channel.window_begin, channel.window_entries);
  entry.channel = channel.number;
  entry.back = begins ? 0 : position - channel.window_last;
  frame_.add(entry);
  if (begins) {
    channel.window_begin = position;
    channel.window_entries = 0;
  }
  channel.window_last = position;
  ++channel.window_entries;
  channel.last_id = entry.id;
  ++channel.entries;
  ++entries_;
}

void SalvageWriter::add_state(const SalvagedChannel& channel, const Written& written) {
  const CountersRecord counters{written.number, channel.last_id, channel.max_deleted,
                                std::max(channel.entries_added, written.entries)};
  const bool is_as_replayed = counters.last_id == written.last_id && counters.max_deleted == EntryKey{} &&
                              counters.entries_added == written.entries;
  if (!is_as_replayed) frame_.add(counters);
  if (channel.expires_ms) frame_.add(ExpiryRecord{written.number, channel.expires_ms});
  const bool is_virtual = channel.name && VirtualChannel::is_name(*channel.name);
  const auto ids = is_virtual ? SalvagedGroups::EntryIds::changed : SalvagedGroups::EntryIds::kept;
  for (const GroupRecord& record : channel.groups.records(written.number, ids)) frame_.add(record);
  for (const ProducerRecord& record : channel.producers.records(written.number)) frame_.add(record);
}

Result<void> SalvageWriter::commit() {
  if (frame_.empty()) return {};
  if (auto reserved = log_.reserve(frame_.size()); !reserved) return reserved;
  if (auto appended = log_.append(frame_, time_ms_); !appended) return appended;
  frame_.clear();
  return {};
}

}  // namespace respublica::logtool
