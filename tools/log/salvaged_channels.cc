#include "tools/log/salvaged_channels.h"

#include <algorithm>
#include <limits>

namespace respublica::logtool {
namespace {

/// The ID behind this one; none behind the greatest.
std::optional<EntryKey> next(EntryKey id) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  if (id.low != kMax) return EntryKey{id.high, id.low + 1};
  if (id.high != kMax) return EntryKey{id.high + 1, 0};
  return std::nullopt;
}

}  // namespace

SalvagedChannels::SalvagedChannels(const KnownStreams& known, LogPosition complete_from)
    : complete_from_(complete_from) {
  for (const auto& [number, entry] : known.streams()) {
    const Stream& stream = *entry.stream;
    SalvagedChannel& channel = channels_[number];
    channel.name = stream.name();
    channel.last_id = to_entry_key(stream.last_id());
    channel.max_deleted = to_entry_key(stream.max_deleted_id());
    channel.entries_added = stream.entries_added();
    channel.length = stream.length();
    channel.expires_ms = stream.expires_ms();
    channel.groups = SalvagedGroups(entry.groups.get());
    channel.producers = SalvagedProducers(entry.producers.get());
    const StreamWindows& windows = stream.windows();
    if (!windows.empty()) channel.last_append = windows[windows.size() - 1].last;
    numbers_[stream.name()] = number;
  }
}

std::optional<EntryGap> SalvagedChannels::take(const Record& record, LogPosition position) {
  if (record.kind == Record::Kind::append) return append(record.append, position);
  switch (record.kind) {
    case Record::Kind::channel:
      name(record.channel);
      break;
    case Record::Kind::append:
      break;
    case Record::Kind::remove: {
      SalvagedChannel& channel = channels_[record.remove.channel];
      for (const EntryKey id : record.remove.ids) {
        channel.removals.remove(id, position);
        channel.max_deleted = std::max(channel.max_deleted, id);
        channel.last_id = std::max(channel.last_id, id);
      }
      lose(channel, record.remove.ids.size());
      break;
    }
    case Record::Kind::trim: {
      SalvagedChannel& channel = channels_[record.trim.channel];
      channel.removals.remove_below(record.trim.first_kept, position);
      lose(channel, record.trim.removed);
      break;
    }
    case Record::Kind::counters: {
      SalvagedChannel& channel = channels_[record.counters.channel];
      const auto above = next(record.counters.last_id);
      if (record.counters.last_id < channel.last_id && above) channel.removals.remove_from(*above, position);
      channel.last_id = record.counters.last_id;
      channel.max_deleted = record.counters.max_deleted;
      channel.entries_added = record.counters.entries_added;
      break;
    }
    case Record::Kind::drop:
      end(record.drop.channel);
      break;
    case Record::Kind::expiry:
      channels_[record.expiry.channel].expires_ms = record.expiry.at_ms;
      break;
    case Record::Kind::group:
      channels_[record.group.channel].groups.take(record.group);
      break;
    case Record::Kind::producer:
      channels_[record.producer.channel].producers.take(record.producer);
      break;
  }
  return std::nullopt;
}

void SalvagedChannels::name(const ChannelRecord& record) {
  const auto former = numbers_.find(record.name);
  if (former != numbers_.end()) {
    if (former->second == record.channel) return;
    end(former->second);
  }
  channels_[record.channel].name = record.name;
  numbers_[std::string(record.name)] = record.channel;
}

void SalvagedChannels::end(ChannelNumber number) {
  const auto found = channels_.find(number);
  if (found == channels_.end()) return;
  if (found->second.name) numbers_.erase(*found->second.name);
  channels_.erase(found);
}

std::optional<EntryGap> SalvagedChannels::append(const AppendRecord& record, LogPosition position) {
  SalvagedChannel& channel = channels_[record.channel];
  std::optional<EntryGap> gap;
  const LogPosition before = {position.value - std::min(record.back, position.value)};
  if (record.back != 0 && before > channel.last_append && before >= complete_from_) {
    gap = EntryGap{record.channel, before, std::nullopt, record.id};
    if (channel.last_append > LogPosition{}) gap->after = channel.last_id;
  }
  if (record.id <= channel.last_id) {
    channel.removals.remove_from(record.id, position);
    channel.length.reset();
  }
  if (channel.length) ++*channel.length;
  channel.last_id = record.id;
  channel.last_append = position;
  ++channel.entries_added;
  return gap;
}

void SalvagedChannels::lose(SalvagedChannel& channel, std::uint64_t entries) {
  if (!channel.length) return;
  if (entries > *channel.length) {
    channel.length.reset();
  } else {
    *channel.length -= entries;
  }
}

void SalvagedChannels::name_all() {
  for (auto& [number, channel] : channels_) {
    if (channel.name) continue;
    std::string name = "salvaged:" + std::to_string(number.value);
    while (numbers_.contains(name)) name += '+';
    numbers_[name] = number;
    channel.name = std::move(name);
    channel.is_name_lost = true;
  }
}

}  // namespace respublica::logtool
