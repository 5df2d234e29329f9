#include "broker/log_replay.h"

#include <algorithm>
#include <string>
#include <utility>

namespace respublica {

LogReplay::LogReplay(Checkpoint checkpoint)
    : from_(checkpoint.header.position),
      known_until_(checkpoint.header.until),
      first_number_(checkpoint.header.next_number),
      next_number_(checkpoint.header.next_number) {
  streams_.reserve(checkpoint.streams.size());
  places_.reserve(checkpoint.streams.size());
  for (Checkpoint::Entry& entry : checkpoint.streams) {
    known_until_ = std::max(known_until_, entry.as_of);
    if (entry.groups != nullptr) groups_.put(entry.stream->number(), std::move(entry.groups));
    if (entry.producers != nullptr) producers_.put(entry.stream->number(), std::move(entry.producers));
    put({std::move(entry.stream), entry.as_of});
  }
}

Result<void> LogReplay::apply(const Record& record, LogPosition position) {
  if (record.kind == Record::Kind::channel) return name(record.channel, position);
  const ChannelNumber channel = channel_of(record);
  Replayed* const found = find(channel);
  if (found == nullptr) return is_dropped(channel.value, position);
  if (position < found->as_of) return {};
  if (record.kind == Record::Kind::drop) {
    found->stream = nullptr;
    groups_.drop(channel);
    producers_.drop(channel);
    places_.erase(channel.value);
    return {};
  }
  return apply_to(*found->stream, record, position);
}

LogReplay::Replayed* LogReplay::find(ChannelNumber channel) {
  const auto place = places_.find(channel.value);
  return place == places_.end() ? nullptr : &streams_[place->second];
}

void LogReplay::put(Replayed replayed) {
  places_.emplace(replayed.stream->number().value, streams_.size());
  streams_.push_back(std::move(replayed));
}

Result<void> LogReplay::name(const ChannelRecord& record, LogPosition position) {
  const std::uint64_t number = record.channel.value;
  if (number > next_number_) return Error{"the number of a new channel is not the next one"};
  const bool is_new = number == next_number_;
  if (is_new) ++next_number_;
  if (const Replayed* const found = find(record.channel)) {
    // Named again in another segment, or made while the checkpoint was being written.
    if (found->stream->name() == record.name) return {};
    return Error{"a channel has the name of another one, '" + found->stream->name() + "'"};
  }
  if (!is_new) return is_dropped(number, position);
  put({std::make_shared<Stream>(std::string(record.name), record.channel), {}});
  return {};
}

Result<void> LogReplay::is_dropped(std::uint64_t number, LogPosition position) const {
  if (number < first_number_ && position < known_until_) return {};
  return Error{"a record is of a channel that does not exist"};
}

Result<void> LogReplay::apply_to(Stream& stream, const Record& record, LogPosition position) {
  bool fits = false;
  switch (record.kind) {
    case Record::Kind::append:
      fits = stream.apply(record.append, position);
      break;
    case Record::Kind::remove:
      fits = stream.apply(record.remove);
      break;
    case Record::Kind::trim:
      fits = stream.apply(record.trim);
      break;
    case Record::Kind::counters:
      fits = stream.apply(record.counters);
      break;
    case Record::Kind::expiry:
      fits = stream.apply(record.expiry);
      break;
    case Record::Kind::group:
      fits = groups_.apply(record.group);
      break;
    case Record::Kind::producer:
      fits = producers_.apply(record.producer);
      break;
    case Record::Kind::channel:
    case Record::Kind::drop:
      break;
  }
  if (fits) return {};
  return Error{"a record of channel '" + stream.name() + "' contradicts the records before it"};
}

std::vector<std::shared_ptr<const Stream>> LogReplay::take_streams() {
  std::vector<std::shared_ptr<const Stream>> streams;
  streams.reserve(places_.size());
  for (Replayed& replayed : streams_) {
    if (replayed.stream != nullptr) streams.push_back(std::move(replayed.stream));
  }
  streams_.clear();
  places_.clear();
  return streams;
}

}  // namespace respublica
