#include "tools/log/consistency.h"

#include <algorithm>

namespace respublica::logtool {
namespace {

constexpr const char* kSecondName = "a channel gets a second name";
constexpr const char* kNoFields = "the fields of an entry are not as fields are";

}  // namespace

Consistency::Consistency(const KnownStreams& known) : known_(known), next_number_(known.first_number().value) {
  for (const auto& [number, entry] : known.streams()) {
    const Stream& stream = *entry.stream;
    const StreamWindows& windows = stream.windows();
    const LogPosition last = windows.empty() ? LogPosition{} : windows[windows.size() - 1].last;
    channels_[number] = {stream.name(), to_entry_key(stream.last_id()), last, stream.length(), false};
  }
}

std::optional<std::string> Consistency::check(const FrameHeader& header) {
  const bool is_time_right = header.time_ms >= time_ms_;
  const bool is_durable_right = header.durable >= durable_;
  time_ms_ = std::max(time_ms_, header.time_ms);
  durable_ = std::max(durable_, header.durable);
  if (!is_complete_) return std::nullopt;
  if (!is_time_right) return "the frame is older than the one before it";
  if (!is_durable_right) return "less is durable than in the frame before";
  return std::nullopt;
}

std::optional<std::string> Consistency::check(const Record& record, const RecordPlace& place) {
  if (!is_complete_) return std::nullopt;
  if (known_.standing(record, place) != KnownStreams::Standing::news) return check_past(record, place.position);
  if (record.kind == Record::Kind::channel) return name(record.channel);
  const auto found = channels_.find(channel_of(record));
  if (found == channels_.end()) return "a record is of a channel that does not exist";
  if (record.kind == Record::Kind::drop) {
    channels_.erase(found);
    return std::nullopt;
  }
  return apply(record, place.position, found->second);
}

std::optional<std::string> Consistency::check_past(const Record& record, LogPosition position) {
  if (record.kind == Record::Kind::append && !are_fields(record.append.fields)) return kNoFields;
  if (record.kind != Record::Kind::channel) return std::nullopt;
  const auto found = channels_.find(record.channel.channel);
  if (found != channels_.end() && found->second.name != record.channel.name) return kSecondName;
  // A stream that was made while the checkpoint was being written.
  if (position >= known_.position()) next_number_ = std::max(next_number_, record.channel.channel.value + 1);
  return std::nullopt;
}

std::optional<std::string> Consistency::name(const ChannelRecord& record) {
  const auto found = channels_.find(record.channel);
  if (found != channels_.end()) {
    if (found->second.name == record.name) return std::nullopt;
    return kSecondName;
  }
  const bool is_next = record.channel.value == next_number_;
  next_number_ = std::max(next_number_, record.channel.value + 1);
  channels_[record.channel].name = record.name;
  if (!is_next) return "the number of a new channel is not the next one";
  return std::nullopt;
}

std::optional<std::string> Consistency::apply(const Record& record, LogPosition position, Channel& channel) {
  switch (record.kind) {
    case Record::Kind::append:
      return append(record.append, position, channel);
    case Record::Kind::remove:
      return take_off(record.remove.ids.size(), channel);
    case Record::Kind::trim:
      return take_off(record.trim.removed, channel);
    case Record::Kind::counters:
      if (record.counters.last_id < channel.last_id) channel.is_rewound = true;
      channel.last_id = record.counters.last_id;
      break;
    case Record::Kind::channel:
    case Record::Kind::drop:
    case Record::Kind::expiry:
    // Their records are checked by EntryCheck.
    case Record::Kind::group:
    case Record::Kind::producer:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> Consistency::append(const AppendRecord& record, LogPosition position, Channel& channel) {
  const bool is_id_right = record.id > channel.last_id;
  const std::uint64_t distance = position - channel.last_append;
  const bool is_tied = channel.is_rewound ? record.back >= distance : record.back == distance;
  const bool is_back_right = record.back == 0 || (channel.last_append > LogPosition{} && is_tied);
  channel.last_id = record.id;
  channel.last_append = position;
  channel.is_rewound = channel.is_rewound && record.back != 0;
  ++channel.entries;
  if (!is_id_right) return "the ID of an entry is not above those before it";
  if (!is_back_right) return "an entry is not tied to the one before it";
  if (!are_fields(record.fields)) return kNoFields;
  return std::nullopt;
}

std::optional<std::string> Consistency::take_off(std::uint64_t entries, Channel& channel) {
  const bool is_right = entries <= channel.entries;
  channel.entries -= std::min(entries, channel.entries);
  if (!is_right) return "more entries are deleted than there are";
  return std::nullopt;
}

}  // namespace respublica::logtool
