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
#include "broker/silent_consumers.h"
#include "broker/virtual_channel.h"

namespace respublica {
namespace {

DurableOutcome refused(Refusal refusal, std::string detail = {}) {
  DurableOutcome outcome;
  outcome.refusal = refusal;
  outcome.detail = std::move(detail);
  return outcome;
}

DurableOutcome counted(std::uint64_t count) {
  DurableOutcome outcome;
  outcome.count = count;
  return outcome;
}

/// The ID that an entry gets, or why none.
struct NewId {
  StreamId id;
  Refusal refusal = Refusal::none;
};

NewId exactly(StreamId id, StreamId last) { return id > last ? NewId{id} : NewId{{}, Refusal::id_too_small}; }

NewId new_id(const RequestedId& requested, StreamId last, std::uint64_t now_ms) {
  if (last == kMaxStreamId) return {{}, Refusal::ids_exhausted};
  if (requested.kind == RequestedId::Kind::exact) return exactly(requested.id, last);
  const std::uint64_t ms = requested.kind == RequestedId::Kind::automatic ? now_ms : requested.id.ms;
  if (ms > last.ms) return {StreamId{ms, 0}};
  if (ms < last.ms && requested.kind == RequestedId::Kind::automatic_seq) return {{}, Refusal::id_too_small};
  const StreamId next = last.next().value_or(kMaxStreamId);
  // `ms-*` with no sequence left in that millisecond.
  if (requested.kind == RequestedId::Kind::automatic_seq && next.ms != ms) return {{}, Refusal::id_too_small};
  return {next};
}

}  // namespace

StreamBatch::StreamBatch(StreamTable& streams, const MessageLog& log, ChannelNumber next_number, LogTimes times,
                         std::uint64_t last_ms, GroupTable groups)
    : streams_(streams),
      log_(&log),
      next_number_(next_number),
      now_ms_(last_ms),
      times_(std::move(times)),
      reader_(*this),
      groups_(std::move(groups)),
      group_edit_(*this, groups_) {}

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
    const Result<std::size_t> read = log_->read(position, into.first(wanted));
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
  group_edit_.forget_orders(stream.number());
  wake(stream.name());
  changed_[stream.name()] = nullptr;
}

void StreamBatch::note(KeyEventClass kind, std::string_view event, const std::string& channel) {
  if (told_.has(kind) && !is_broker_name(channel)) events_.push_back({event, channel});
}

DurableOutcome StreamBatch::append_own(std::string channel, AppendEntry entry) {
  const DurableCommand& command = own_.emplace_back(DurableCommand{std::move(channel), std::move(entry)});
  const std::size_t begin = live_.size();
  DurableOutcome outcome = run(command.channel, std::get<AppendEntry>(command.change));
  for (std::size_t i = begin; i < live_.size(); ++i) live_[i].command = kNoCommand;
  return outcome;
}

void StreamBatch::tell(std::string channel, std::string fields) {
  AppendEntry message;
  message.fields = std::move(fields);
  const DurableCommand& command = own_.emplace_back(DurableCommand{std::move(channel), std::move(message)});
  live_.push_back({command.channel, {}, std::get<AppendEntry>(command.change).fields, kNoCommand});
}

std::vector<std::string_view> StreamBatch::own_channels() const {
  std::vector<std::string_view> channels;
  for (const DurableCommand& command : own_) channels.emplace_back(command.channel);
  return channels;
}

const DurableRule* StreamBatch::durable_rule_of(std::string_view channel) const {
  return rules_ == nullptr ? nullptr : rules_->find(channel);
}

const GroupRule* StreamBatch::rule_of(std::string_view channel) const {
  const DurableRule* const rule = durable_rule_of(channel);
  return rule == nullptr ? nullptr : &rule->groups;
}

DurableOutcome StreamBatch::run(const std::string& channel, const AppendEntry& command) {
  const Stream* found = find(channel);
  if (found == nullptr && command.missing == MissingStream::refuse) return {};
  if (const auto due_ms = command.timing.due_ms(now_ms_)) return delay_entry(group_edit_, channel, command, *due_ms);
  const NewId id = new_id(command.id, found != nullptr ? found->last_id() : kMinStreamId, now_ms_);
  if (id.refusal != Refusal::none) return refused(id.refusal);
  Stream& stream = found != nullptr ? edit(*found) : make(channel);

  AppendRecord record{stream.number(), to_entry_key(id.id), 0, command.fields};
  record.back = stream.windows().back_from(position_ + frame_.size());
  [[maybe_unused]] const bool applied = stream.apply(record, position_ + frame_.add(record));
  assert(applied);
  if (command.live == AppendEntry::Live::deliver) live_.push_back({channel, id.id, command.fields, commands_});
  note(KeyEventClass::stream, "xadd", channel);
  const StreamGroups* const groups = groups_.find(stream.number());
  if (groups != nullptr) wake(channel);
  act_on_new(group_edit_, stream, id.id, command);
  DurableOutcome outcome;
  outcome.id = id.id;
  // The entry is in; that the older ones cannot be read now is no reason to refuse it.
  if (command.trim) {
    const Result<std::uint64_t> trimmed = trim(stream, *command.trim, command.references);
    if (!trimmed) outcome.detail = trimmed.error().message;
  }
  // What groups may want is taken off by a commit of its own.
  if (command.limits.any() && (groups == nullptr || !makes_letters(stream))) {
    const Result<std::uint64_t> limited = limit(stream, command.limits);
    if (!limited) outcome.detail = limited.error().message;
  }
  return outcome;
}

DurableOutcome StreamBatch::run(const std::string& channel, const DeleteEntries& command) {
  const Stream* const stream = find(channel);
  if (stream == nullptr) return {};
  const Result<std::uint64_t> erased = erase(*stream, command.ids);
  if (!erased) return refused(Refusal::log_unreadable, erased.error().message);
  return counted(erased.value());
}

Result<std::uint64_t> StreamBatch::erase(const Stream& stream, std::vector<StreamId> ids) {
  DeleteRecord record{stream.number(), {}};
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (const StreamId id : ids) {
    const Result<bool> exists = group_edit_.read(stream, id, nullptr);
    if (!exists) return exists.error();
    if (exists.value()) record.ids.push_back(to_entry_key(id));
  }
  if (record.ids.empty()) return 0;
  change(stream, record);
  note(KeyEventClass::stream, "xdel", stream.name());
  return record.ids.size();
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
  if (stream == nullptr || !command.conditions.allow(stream->expires_ms(), command.at_ms)) return {};
  if (command.at_ms <= now_ms_) {
    drop(*stream);
    note(KeyEventClass::generic, "del", channel);
  } else {
    change(*stream, ExpiryRecord{stream->number(), command.at_ms});
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
