#include "broker/group_edit.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

#include "broker/stream_batch.h"

namespace respublica {
namespace {

/// From where on entries may have come that a sweep looks at; none = nowhere.
std::optional<ClaimOrder> swept_from(const GroupEdit& edit, std::string_view channel, const GroupRecord& record) {
  using Kind = GroupRecord::Kind;
  if (record.kind == Kind::deliver && edit.rule_of(channel) != nullptr) return ClaimOrder::delivered(record.time_ms);
  if (record.kind != Kind::give_back) return std::nullopt;
  if (record.time_ms != 0) return ClaimOrder::not_before(record.time_ms);
  // Nobody is given what was delivered too often, though nobody has it: it is dead.
  const GroupRule* const rule = edit.rule_of_failures(channel);
  const auto is_dead = [rule](const GroupRecord::Entry& entry) {
    return rule->is_exhausted(to_deliveries(entry.deliveries));
  };
  const bool any = rule != nullptr && std::ranges::any_of(record.entries, is_dead);
  return any ? std::optional(ClaimOrder()) : std::nullopt;
}

void give(GivenEntries& given, StreamId id, std::string_view fields) {
  GivenEntries::Entry one;
  one.id = id;
  one.begin = given.fields.size();
  one.bytes = fields.size();
  given.fields.append(fields);
  given.entries.push_back(one);
}

}  // namespace

DurableOutcome answer_of(GroupAnswer answer) {
  DurableOutcome outcome;
  outcome.groups = std::make_shared<const GroupAnswer>(std::move(answer));
  return outcome;
}

void give(GivenEntries& given, const StoredEntry& entry) { give(given, entry.id, entry.fields); }
void give(GivenEntries& given, const VirtualEntry& entry) { give(given, entry.id, fields_with_origin(entry)); }

GroupEdit::GroupEdit(StreamBatch& batch, GroupTable& groups) : batch_(batch), groups_(groups), first_reader_(batch) {}

std::uint64_t GroupEdit::now_ms() const { return batch_.now_ms(); }

const GroupRule* GroupEdit::rule_of(std::string_view channel) const { return batch_.rule_of(channel); }

const GroupRule* GroupEdit::rule_of_failures(std::string_view channel) const {
  return batch_.is_dlq(channel) ? nullptr : batch_.rule_of(channel);
}

GroupEdit::Place GroupEdit::find(std::string_view channel, std::string_view group) {
  Place place{batch_.find(channel), nullptr};
  if (place.stream != nullptr) place.group = groups_.find(place.stream->number(), group);
  return place;
}

bool GroupEdit::exists(const Place& place, std::string_view channel) {
  return place.stream != nullptr || VirtualChannel::is_name(channel);
}

StreamId GroupEdit::last_id(const Stream& stream) const {
  return VirtualChannel::is_name(stream.name()) ? batch_.last_virtual_id() : stream.last_id();
}

DurableOutcome GroupEdit::missing(const std::string& channel, const std::string& group) {
  DurableOutcome outcome = answer_of(MissingGroup{channel, group});
  outcome.refusal = Refusal::no_such_group;
  return outcome;
}

void GroupEdit::change(const Place& place, GroupRecord record) {
  record.channel = place.stream->number();
  if (place.group != nullptr) record.group = place.group->number();
  batch_.frame().add(record);
  if (const std::optional<ClaimOrder> from = swept_from(*this, place.stream->name(), record)) {
    touched_.push_back({place.stream->name(), place.group->name(), *from});
  }
  [[maybe_unused]] const bool applied = groups_.apply(record);
  assert(applied);
  if (!orders_.empty()) follow(place, {record.channel.value, record.group}, record);
}

Result<KeyOrder*> GroupEdit::key_order(const Place& place) {
  const GroupRule* const rule = rule_of(place.stream->name());
  if (rule == nullptr || rule->order_by.empty()) return nullptr;
  const GroupNumber number{place.stream->number().value, place.group->number()};
  if (const auto found = orders_.find(number); found != orders_.end()) return &found->second;
  KeyOrder order(rule->order_by);
  std::optional<Error> error;
  place.group->pending().visit_from({}, [&](const PendingEntry& entry) {
    if (const Result<void> learned = learn(*place.stream, entry.id, order); !learned) error = learned.error();
    return !error;
  });
  if (error) return *error;
  return &orders_.emplace(number, std::move(order)).first->second;
}

Result<void> GroupEdit::learn(const Stream& stream, StreamId id, KeyOrder& order) {
  if (order.knows(id)) return {};
  GivenEntries entry;
  const Result<bool> exists = read(stream, id, &entry);
  if (!exists) return exists.error();
  if (!exists.value()) return {};
  if (const auto key = order.key_of(entry.fields_of(entry.entries.front()))) order.add(id, *key);
  return {};
}

void GroupEdit::follow(const Place& place, const GroupNumber& number, const GroupRecord& record) {
  using Kind = GroupRecord::Kind;
  const auto found = orders_.find(number);
  if (found == orders_.end()) return;
  if (record.kind == Kind::drop) {
    orders_.erase(found);
    return;
  }
  for (const GroupRecord::Entry& entry : record.entries) {
    if (record.kind == Kind::release) {
      found->second.remove(to_stream_id(entry.id));
    } else if (!learn(*place.stream, to_stream_id(entry.id), found->second)) {
      // It is looked at anew when it is needed.
      orders_.erase(found);
      return;
    }
  }
  // What was behind them may be had now.
  if (record.kind != Kind::deliver && !record.entries.empty()) batch_.wake(place.stream->name());
}

void GroupEdit::forget_orders(ChannelNumber stream) {
  std::erase_if(orders_, [stream](const auto& order) { return order.first.first == stream.value; });
}

const Consumer& GroupEdit::consumer(const Place& place, const std::string& name) {
  const Consumer* found = place.group->find_consumer(name);
  if (found == nullptr) {
    GroupRecord record;
    record.kind = GroupRecord::Kind::make_consumer;
    record.consumer = place.group->next_consumer();
    record.name = name;
    record.time_ms = now_ms();
    change(place, record);
    batch_.note(KeyEventClass::stream, "xgroup-createconsumer", place.stream->name());
    if (rule_of(place.stream->name()) != nullptr) {
      touched_.push_back({place.stream->name(), place.group->name(), ClaimOrder::not_before(~0ULL)});
    }
    found = place.group->find_consumer(name);
  }
  place.group->saw(*found, now_ms());
  return *found;
}

void GroupEdit::deliver(const Place& place, const Consumer& consumer, std::uint64_t time_ms,
                        std::vector<GroupRecord::Entry> entries) {
  if (entries.empty()) return;
  GroupRecord record;
  record.kind = GroupRecord::Kind::deliver;
  record.consumer = consumer.number;
  record.time_ms = time_ms;
  record.entries = std::move(entries);
  change(place, std::move(record));
}

void GroupEdit::release(const Place& place, const std::vector<StreamId>& ids) {
  if (ids.empty()) return;
  GroupRecord record;
  record.kind = GroupRecord::Kind::release;
  record.entries.reserve(ids.size());
  for (const StreamId id : ids) record.entries.push_back({to_entry_key(id), 0});
  change(place, std::move(record));
}

Result<bool> GroupEdit::read(const Stream& stream, StreamId id, GivenEntries* given) {
  if (const auto channel = VirtualChannel::named(stream.name())) return read_virtual(*channel, id, given);
  bool exists = false;
  const Result<void> read = batch_.reader().forward(stream, {id, id}, [&](const StoredEntry& entry) {
    exists = true;
    if (given != nullptr) give(*given, entry);
    return false;
  });
  if (!read) return read.error();
  return exists;
}

Result<bool> GroupEdit::read_virtual(const VirtualChannel& channel, StreamId id, GivenEntries* given) {
  bool exists = false;
  VirtualReader reader = batch_.virtual_reader();
  const Result<void> read = reader.forward(channel, {id, id}, [&](const VirtualEntry& entry) {
    exists = batch_.has(entry);
    if (exists && given != nullptr) give(*given, entry);
    return false;
  });
  if (!read) return read.error();
  return exists;
}

Result<StreamId> GroupEdit::first_id(const Stream& stream) {
  if (stream.length() == 0) return kMinStreamId;
  const StreamWindow& window = stream.windows()[0];
  if (window.live > 0 && !window.deleted && stream.floor() <= window.first) return window.first;
  const std::uint64_t gone = stream.entries_added() - stream.length();
  const bool is_known = first_.id != kMinStreamId && first_.stream == stream.number();
  if (is_known && first_.gone == gone && first_.floor == stream.floor()) return first_.id;
  StreamId first;
  // None that was not there before is below the one that was first.
  const StreamId from = is_known ? first_.id : kMinStreamId;
  const Result<void> read = first_reader_.forward(stream, {from, kMaxStreamId}, [&first](const StoredEntry& entry) {
    first = entry.id;
    return false;
  });
  if (!read) return read.error();
  first_ = {stream.number(), gone, stream.floor(), first};
  return first;
}

Result<std::optional<std::uint64_t>> GroupEdit::entries_up_to(const Stream& stream, StreamId id) {
  using Count = std::optional<std::uint64_t>;
  const std::uint64_t added = stream.entries_added();
  if (added == 0) return Count(0);
  if (stream.length() == 0 && id <= stream.last_id()) return Count(added);
  if (id != kMinStreamId && id < stream.max_deleted_id()) return Count();
  if (id == stream.last_id()) return Count(added);
  if (id > stream.last_id()) return Count();
  const Result<StreamId> first = first_id(stream);
  if (!first) return first.error();
  if (stream.max_deleted_id() != kMinStreamId && stream.max_deleted_id() >= first.value()) return Count();
  if (id < first.value()) return Count(added - stream.length());
  if (id == first.value()) return Count(added - stream.length() + 1);
  return Count();
}

Result<bool> GroupEdit::counts_on(const Stream& stream, const ConsumerGroup& group) {
  if (!group.entries_read()) return false;
  const StreamId deleted = stream.max_deleted_id();
  const Result<StreamId> first = first_id(stream);
  if (!first) return first.error();
  if (group.last_delivered() < first.value()) return false;
  if (stream.length() == 0 || deleted == kMinStreamId || first.value() > deleted) return true;
  return deleted < group.last_delivered();
}

}  // namespace respublica
