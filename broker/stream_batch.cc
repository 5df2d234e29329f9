#include "broker/stream_batch.h"

#include <algorithm>
#include <cassert>

#include "broker/entry_timers.h"
#include "broker/group_acknowledgement.h"
#include "broker/group_admin.h"
#include "broker/group_claims.h"
#include "broker/group_delivery.h"
#include "broker/group_release.h"
#include "broker/group_reports.h"
#include "broker/group_sweep.h"
#include "broker/letter_moves.h"
#include "broker/silent_consumers.h"
#include "broker/virtual_channel.h"

namespace respublica {
namespace {

/// Idempotent IDs that go with one batch: as a rule more than come with one.
constexpr std::size_t kForgottenAtOnce = 4096;

}  // namespace

StreamBatch::StreamBatch(StreamTable& streams, const MessageLog& log, ChannelNumber next_number, LogTimes times,
                         std::uint64_t last_ms, GroupTable groups, ProducerTable producers)
    : streams_(streams),
      log_(&log),
      next_number_(next_number),
      now_ms_(last_ms),
      times_(std::move(times)),
      reader_(*this),
      groups_(std::move(groups)),
      group_edit_(*this, groups_),
      producers_(std::move(producers)) {}

StreamBatch::StreamBatch(StreamTable& streams)
    : streams_(streams), log_(nullptr), reader_(*this), group_edit_(*this, groups_) {}

void StreamBatch::begin(LogPosition position, std::uint64_t now_ms, Room room) {
  frame_.clear();
  room_ = room;
  // What stands before this frame was written by the time of the one before it.
  times_.add(now_ms_, position);
  position_ = position;
  now_ms_ = now_ms;
  number_before_ = next_number_;
  commands_ = 0;
  own_.clear();
  producers_.forget_expired(now_ms, kForgottenAtOnce);
}

DurableOutcome StreamBatch::decide(const DurableCommand& command) {
  DurableOutcome outcome = decide_again(command);
  ++commands_;
  return outcome;
}

DurableOutcome StreamBatch::decide_again(const DurableCommand& command) {
  return std::visit([this, &command](const auto& change) { return run(command.channel, change); }, command.change);
}

DurableOutcome StreamBatch::refuse(Refusal refusal) {
  ++commands_;
  return refused(refusal);
}

bool StreamBatch::unchanged(const StreamWatch& watch) {
  // Drops it when its time is over.
  find(watch.name());
  const auto changed = changed_.find(watch.name());
  if (changed != changed_.end() && !(watch.expired() && changed->second == nullptr)) return false;
  return !watch.changed();
}

void StreamBatch::publish(const Shown& shown) {
  if (!frame_.empty()) tail_.add(position_, frame_.bytes());
  for (auto& [name, stream] : changed_) {
    if (stream == nullptr) {
      streams_.erase(name);
    } else {
      streams_.put(stream);
    }
    shown(name, stream.get());
  }
  changed_.clear();
  live_.clear();
  events_.clear();
}

void StreamBatch::discard() {
  changed_.clear();
  live_.clear();
  events_.clear();
  next_number_ = number_before_;
}

Result<std::size_t> StreamBatch::read(LogPosition position, std::span<char> into) const {
  std::size_t from_log = 0;
  if (position < position_) {
    const std::uint64_t before_frame = position_ - position;
    const std::size_t wanted = into.size() < before_frame ? into.size() : static_cast<std::size_t>(before_frame);
    const bool is_recent = tail_.read(position, into.first(wanted));
    const Result<std::size_t> read = is_recent ? wanted : log_->read(position, into.first(wanted));
    if (!read || read.value() < before_frame) return read;
    from_log = wanted;
    position = position_;
  }
  const std::string_view bytes = frame_.bytes();
  const std::uint64_t skip = position - position_;
  if (skip >= bytes.size()) return from_log;
  const std::span<char> rest = into.subspan(from_log);
  return from_log + bytes.copy(rest.data(), rest.size(), static_cast<std::size_t>(skip));
}

const Stream* StreamBatch::find(std::string_view name) {
  const Stream* found = nullptr;
  if (const auto changed = changed_.find(name); changed != changed_.end()) {
    found = changed->second.get();
  } else if (std::shared_ptr<const Stream> stream = streams_.find(name)) {
    // The table keeps it: only this thread replaces streams.
    found = stream.get();
  }
  if (found != nullptr && found->expired(now_ms_)) {
    if (room_ == Room::none) return nullptr;
    note(KeyEventClass::expired, "expired", found->name());
    drop(*found);
    return nullptr;
  }
  return found;
}

bool StreamBatch::has(const VirtualEntry& entry) const {
  const auto changed = changed_.find(entry.channel);
  if (changed == changed_.end()) return true;
  return changed->second != nullptr && has_entry(*changed->second, entry.channel_id, LogPosition{entry.id.seq});
}

Stream& StreamBatch::edit(const Stream& stream) {
  const auto changed = changed_.find(stream.name());
  if (changed != changed_.end()) return *changed->second;
  auto copy = std::make_shared<Stream>(stream);
  Stream& edited = *copy;
  changed_.emplace(stream.name(), std::move(copy));
  return edited;
}

Stream& StreamBatch::make(const std::string& name) {
  auto stream = std::make_shared<Stream>(name, next_number_);
  ++next_number_.value;
  frame_.add(ChannelRecord{stream->number(), name});
  Stream& made = *stream;
  changed_[name] = std::move(stream);
  note(KeyEventClass::made, "new", name);
  return made;
}

void StreamBatch::drop(const Stream& stream) {
  frame_.add(DropRecord{stream.number()});
  groups_.drop(stream.number());
  producers_.drop(stream.number());
  group_edit_.forget_orders(stream.number());
  wake(stream.name());
  changed_[stream.name()] = nullptr;
}

void StreamBatch::note(KeyEventClass kind, std::string_view event, const std::string& channel) {
  if (told_.has(kind) && !is_broker_name(channel)) events_.push_back({event, channel});
}

DurableOutcome StreamBatch::run(const std::string& channel, const DeleteEntries& command) {
  const Stream* const stream = find(channel);
  if (stream == nullptr) return {};
  const Result<std::uint64_t> erased = erase(*stream, command.ids);
  if (!erased) return refused(Refusal::log_unreadable, erased.error().message);
  return counted(erased.value());
}

DurableOutcome StreamBatch::run(const std::string& channel, const TrimStream& command) {
  const Stream* stream = find(channel);
  if (stream == nullptr) return {};
  const Result<std::uint64_t> removed = trim(*stream, command.rule, command.references);
  if (!removed) return refused(Refusal::log_unreadable, removed.error().message);
  return counted(removed.value());
}

DurableOutcome StreamBatch::run(const std::string& channel, const SetStreamId& command) {
  const Stream* stream = find(channel);
  if (stream == nullptr) return refused(Refusal::no_such_stream);
  if (command.last_id < stream->max_deleted_id()) return refused(Refusal::last_id_below_deleted);
  if (stream->length() > 0) {
    StreamId newest;
    const Result<void> read = reader_.backward(*stream, {}, [&newest](const StoredEntry& entry) {
      newest = entry.id;
      return false;
    });
    if (!read) return refused(Refusal::log_unreadable, read.error().message);
    if (command.last_id < newest) return refused(Refusal::last_id_too_small);
    if (command.entries_added && *command.entries_added < stream->length()) {
      return refused(Refusal::entries_added_too_small);
    }
  }
  const CountersRecord record{stream->number(), to_entry_key(command.last_id),
                              to_entry_key(command.max_deleted_id.value_or(stream->max_deleted_id())),
                              command.entries_added.value_or(stream->entries_added())};
  change(*stream, record);
  group_edit_.forget_first();
  note(KeyEventClass::stream, "xsetid", channel);
  return counted(1);
}

DurableOutcome StreamBatch::run(const std::string& channel, const DropStream& command) {
  const Stream* stream = find(channel);
  if (stream == nullptr) return {};
  drop(*stream);
  if (command.cause == DropStream::Cause::deleted) note(KeyEventClass::generic, "del", channel);
  return counted(1);
}

DurableOutcome StreamBatch::run(const std::string& channel, const ExpireStream& command) {
  const Stream* stream = find(channel);
  const std::uint64_t at_ms = command.is_ahead ? std::max(command.at_ms, now_ms_ + 1) : command.at_ms;
  if (stream == nullptr || !command.conditions.allow(stream->expires_ms(), at_ms)) return {};
  if (at_ms <= now_ms_) {
    drop(*stream);
    note(KeyEventClass::generic, "del", channel);
  } else {
    change(*stream, ExpiryRecord{stream->number(), at_ms});
    note(KeyEventClass::generic, "expire", channel);
  }
  return counted(1);
}

DurableOutcome StreamBatch::run(const std::string& channel, const KeepStream&) {
  const Stream* stream = find(channel);
  if (stream == nullptr || !stream->expires_ms()) return {};
  change(*stream, ExpiryRecord{stream->number(), std::nullopt});
  note(KeyEventClass::generic, "persist", channel);
  return counted(1);
}

DurableOutcome StreamBatch::run(const std::string& channel, const LimitStream& command) {
  const Stream* stream = find(channel);
  if (stream == nullptr) return {};
  const Result<std::uint64_t> removed = limit(*stream, command.limits);
  if (!removed) return refused(Refusal::log_unreadable, removed.error().message);
  return counted(removed.value());
}

DurableOutcome StreamBatch::run(const std::string& channel, const DropExpired&) {
  find(channel);
  return {};
}

DurableOutcome StreamBatch::run(const std::string&, const ShowStreams& command) {
  auto shown = std::make_shared<StreamTable>();
  const auto show = [this, &shown](const std::shared_ptr<const Stream>& stream) {
    if (stream != nullptr && !stream->expired(now_ms_)) shown->put(stream);
  };
  // Streams in changed_ may go on changing: they are copied.
  const auto show_changed = [&shown](const std::shared_ptr<Stream>& stream) {
    if (stream != nullptr) shown->put(std::make_shared<const Stream>(*stream));
  };
  for (const std::string& name : command.names) {
    const auto changed = changed_.find(name);
    changed != changed_.end() ? show_changed(changed->second) : show(streams_.find(name));
  }
  if (command.names.empty()) {
    for (const std::shared_ptr<const Stream>& stream : streams_.all()) {
      if (!changed_.contains(stream->name())) show(stream);
    }
    for (const auto& [name, stream] : changed_) show_changed(stream);
  }
  DurableOutcome outcome;
  outcome.shown = std::move(shown);
  return outcome;
}

template <typename GroupCommand>
DurableOutcome StreamBatch::run(const std::string& channel, const GroupCommand& command) {
  return respublica::decide(group_edit_, channel, command);
}

}  // namespace respublica
