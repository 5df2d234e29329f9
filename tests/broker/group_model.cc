#include "tests/broker/group_model.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "broker/group_edit.h"
#include "tests/broker/group_commands.h"

namespace respublica::test {
namespace {

using Count = std::optional<std::uint64_t>;

std::uint64_t most(std::uint64_t given) { return given == 0 ? std::numeric_limits<std::uint64_t>::max() : given; }

}  // namespace

void give(GivenEntries& given, StreamId id, const std::string& fields) {
  respublica::give(given, StoredEntry{id, fields, {}});
}

void give_id(GivenEntries& given, StreamId id) { given.entries.push_back({id, std::nullopt, 0, 0, 0}); }

void count_delivery(ModelPending& pending) {
  if (pending.deliveries != kFatal) ++pending.deliveries;
}

std::string GroupModel::run(const DurableCommand& command, std::uint64_t now_ms) {
  now_ms_ = now_ms;
  const DurableOutcome outcome =
      std::visit([&](const auto& change) { return decide(command.channel, change); }, command.change);
  return outcome.id ? format_stream_id(*outcome.id) : show(outcome);
}

ModelStream* GroupModel::stream(const std::string& channel) {
  const auto found = streams_.find(channel);
  return found == streams_.end() ? nullptr : &found->second;
}

ModelGroup* GroupModel::group(const std::string& channel, const std::string& name) {
  ModelStream* const of = stream(channel);
  if (of == nullptr) return nullptr;
  const auto found = of->groups.find(name);
  return found == of->groups.end() ? nullptr : &found->second;
}

ModelConsumer& GroupModel::consumer(ModelGroup& group, const std::string& name) const {
  ModelConsumer& consumer = group.consumers[name];
  consumer.seen_ms = now_ms_;
  return consumer;
}

void GroupModel::own(ModelPending& pending, const std::string& consumer, std::uint64_t delivered_ms) const {
  pending.consumer = consumer;
  pending.delivered_ms = delivered_ms;
  pending.given_back = 0;
  pending.due_ms = 0;
  if (pending.first_delivered_ms == 0) pending.first_delivered_ms = delivered_ms;
}

void GroupModel::give_back(ModelGroup& group, ModelPending& pending, std::uint64_t delay_ms) const {
  own(pending, "", 0);
  if (delay_ms != 0) {
    pending.due_ms = now_ms_ + delay_ms;
  } else {
    pending.given_back = group.next_given_back++;
  }
}

bool GroupModel::idle(const ModelPending& pending, std::uint64_t min_idle_ms) const {
  if (pending.due_ms != 0) return false;
  return pending.consumer.empty() || now_ms_ - pending.delivered_ms >= min_idle_ms;
}

StreamId GroupModel::next_id(const std::string& channel) const {
  const auto found = streams_.find(channel);
  const StreamId last = found == streams_.end() ? StreamId{} : found->second.last_id;
  return now_ms_ > last.ms ? StreamId{now_ms_, 0} : StreamId{last.ms, last.seq + 1};
}

void GroupModel::add(const std::string& channel, StreamId id, std::string fields) {
  ModelStream& to = streams_[channel];
  to.entries[id] = std::move(fields);
  to.last_id = id;
  ++to.added;
}

DurableOutcome GroupModel::decide(const std::string& channel, const AppendEntry& command) {
  const StreamId last = stream(channel) == nullptr ? StreamId{} : stream(channel)->last_id;
  StreamId id = command.id.id;
  if (command.id.kind == RequestedId::Kind::automatic) id = next_id(channel);
  if (id <= last) return refused(Refusal::id_too_small);
  add(channel, id, command.fields);
  DurableOutcome outcome;
  outcome.id = id;
  return outcome;
}

bool GroupModel::erase(ModelStream& stream, StreamId id) {
  if (stream.entries.erase(id) == 0) return false;
  stream.max_deleted = std::max(stream.max_deleted, id);
  return true;
}

DurableOutcome GroupModel::decide(const std::string& channel, const DeleteEntries& command) {
  std::uint64_t count = 0;
  if (ModelStream* const of = stream(channel)) {
    for (const StreamId id : command.ids) count += erase(*of, id) ? 1 : 0;
  }
  return counted(count);
}

DurableOutcome GroupModel::decide(const std::string& channel, const TrimStream& command) {
  std::uint64_t count = 0;
  ModelStream* const of = stream(channel);
  while (of != nullptr && of->entries.size() > command.rule.max_entries) {
    of->entries.erase(of->entries.begin());
    ++count;
  }
  return counted(count);
}

DurableOutcome GroupModel::decide(const std::string& channel, const SetStreamId& command) {
  ModelStream* const of = stream(channel);
  if (of == nullptr) return refused(Refusal::no_such_stream);
  if (command.last_id < of->max_deleted) return refused(Refusal::last_id_below_deleted);
  if (!of->entries.empty()) {
    if (command.last_id < of->entries.rbegin()->first) return refused(Refusal::last_id_too_small);
    if (command.entries_added.value_or(of->added) < of->entries.size()) {
      return refused(Refusal::entries_added_too_small);
    }
  }
  of->last_id = command.last_id;
  of->added = command.entries_added.value_or(of->added);
  of->max_deleted = command.max_deleted_id.value_or(of->max_deleted);
  return counted(1);
}

DurableOutcome GroupModel::decide(const std::string& channel, const DropStream&) {
  return counted(streams_.erase(channel));
}

DurableOutcome GroupModel::decide(const std::string& channel, const MakeGroup& command) {
  if (stream(channel) == nullptr && command.missing == MissingStream::refuse) return refused(Refusal::no_such_stream);
  if (group(channel, command.group) != nullptr) return refused(Refusal::group_exists);
  ModelStream& of = streams_[channel];
  ModelGroup& made = of.groups[command.group];
  made.last = command.after.value_or(of.last_id);
  made.read = command.entries_read;
  return {};
}

DurableOutcome GroupModel::decide(const std::string& channel, const SetGroup& command) {
  const ModelStream* const of = stream(channel);
  if (of == nullptr) return refused(Refusal::no_such_stream);
  ModelGroup* const moved = group(channel, command.group);
  if (moved == nullptr) return GroupEdit::missing(channel, command.group);
  moved->last = command.after.value_or(of->last_id);
  moved->read = command.entries_read;
  return {};
}

DurableOutcome GroupModel::decide(const std::string& channel, const DropGroup& command) {
  ModelStream* const of = stream(channel);
  if (of == nullptr) return refused(Refusal::no_such_stream);
  return counted(of->groups.erase(command.group));
}

DurableOutcome GroupModel::decide(const std::string& channel, const MakeConsumer& command) {
  if (stream(channel) == nullptr) return refused(Refusal::no_such_stream);
  ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  if (of->consumers.contains(command.consumer)) return {};
  consumer(*of, command.consumer);
  return counted(1);
}

DurableOutcome GroupModel::decide(const std::string& channel, const DropConsumer& command) {
  if (stream(channel) == nullptr) return refused(Refusal::no_such_stream);
  ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  if (of->consumers.erase(command.consumer) == 0) return {};
  const auto is_his = [&command](const auto& each) { return each.second.consumer == command.consumer; };
  if (rule(channel) == nullptr) return counted(std::erase_if(of->pending, is_his));
  std::uint64_t count = 0;
  for (auto& each : of->pending) {
    if (!is_his(each)) continue;
    give_back(*of, each.second, 0);
    ++count;
  }
  return counted(count);
}

bool GroupModel::Room::take(std::uint64_t size) {
  if (any && (entries == 0 || bytes == 0 || size > bytes)) return false;
  any = true;
  --entries;
  bytes -= std::min(bytes, size);
  return true;
}

DurableOutcome GroupModel::decide(const std::string&, const ReadGroup& command) {
  for (const ReadGroup::Place& place : command.places) {
    if (group(place.channel, command.group) == nullptr) return GroupEdit::missing(place.channel, command.group);
  }
  Room room{most(command.caps.entries), most(command.caps.bytes), false, false};
  GroupReading reading;
  for (const ReadGroup::Place& place : command.places) {
    if (room.full && !place.after) continue;
    ModelGroup& from = *group(place.channel, command.group);
    consumer(from, command.consumer);
    GivenEntries given;
    if (place.after) {
      given = read_pending(*stream(place.channel), from, command, *place.after, room);
    } else {
      std::optional<std::uint64_t> idle_ms = command.claim_idle_ms;
      const GroupRule* const by = rule(place.channel);
      if (!idle_ms && by != nullptr && by->redeliver) idle_ms = ms_of(by->ack_wait);
      if (idle_ms) given = claim(place.channel, from, command, *idle_ms, room);
      read_new(place.channel, from, command, room, given);
      if (given.entries.empty()) continue;
    }
    reading.channels.push_back({place.channel, std::move(given), command.claim_idle_ms && !place.after});
  }
  return answer_of(std::move(reading));
}

GivenEntries GroupModel::read_pending(const ModelStream& stream, ModelGroup& group, const ReadGroup& command,
                                      StreamId after, Room& room) const {
  GivenEntries given;
  for (auto each = group.pending.upper_bound(after); each != group.pending.end(); ++each) {
    if (given.entries.size() == most(command.count)) break;
    if (each->second.consumer != command.consumer) continue;
    const auto entry = stream.entries.find(each->first);
    if (!room.take(entry == stream.entries.end() ? 0 : entry->second.size())) break;
    if (entry == stream.entries.end()) {
      give_id(given, each->first);
      continue;
    }
    give(given, entry->first, entry->second);
    own(each->second, command.consumer, now_ms_);
    count_delivery(each->second);
  }
  return given;
}

GivenEntries GroupModel::claim(const std::string& channel, ModelGroup& group, const ReadGroup& command,
                               std::uint64_t idle_ms, Room& room) const {
  const ModelStream& stream = streams_.at(channel);
  std::vector<std::tuple<int, std::uint64_t, StreamId>> idle_first;
  for (const auto& [id, pending] : group.pending) {
    if (!idle(pending, idle_ms)) continue;
    const bool is_given_back = pending.given_back != 0;
    idle_first.emplace_back(is_given_back ? 0 : 1, is_given_back ? pending.given_back : pending.delivered_ms, id);
  }
  std::ranges::sort(idle_first);
  GivenEntries given;
  for (const auto& [rank, order, id] : idle_first) {
    if (given.entries.size() == most(command.count)) break;
    if (exhausted(channel, group.pending[id].deliveries)) continue;
    if (room.any && last_chance(channel, group.pending[id].deliveries)) break;
    const auto entry = stream.entries.find(id);
    if (entry == stream.entries.end()) {
      group.pending.erase(id);
      continue;
    }
    if (!room.take(entry->second.size())) break;
    ModelPending& pending = group.pending[id];
    give(given, id, entry->second);
    given.entries.back().idle_ms = rank == 0 ? now_ms_ : now_ms_ - pending.delivered_ms;
    given.entries.back().deliveries = pending.deliveries;
    room.full = last_chance(channel, pending.deliveries);
    own(pending, command.consumer, now_ms_);
    count_delivery(pending);
    group.consumers[command.consumer].active_ms = now_ms_;
    if (room.full) break;
  }
  return given;
}

void GroupModel::read_new(const std::string& channel, ModelGroup& group, const ReadGroup& command, Room& room,
                          GivenEntries& given) const {
  const ModelStream& stream = streams_.at(channel);
  for (auto entry = stream.entries.upper_bound(group.last); entry != stream.entries.end(); ++entry) {
    if (room.full || (room.any && last_chance(channel, 0))) break;
    if (given.entries.size() >= most(command.count) || !room.take(entry->second.size())) break;
    room.full = last_chance(channel, 0);
    const auto& [id, fields] = *entry;
    give(given, id, fields);
    group.read = counts(stream, group) ? Count(*group.read + 1) : estimate(stream, id);
    group.last = id;
    if (command.pending == ReadGroup::Pending::no) continue;
    ModelPending& pending = group.pending[id];
    own(pending, command.consumer, now_ms_);
    pending.deliveries = 1;
    group.consumers[command.consumer].active_ms = now_ms_;
  }
}

DurableOutcome GroupModel::decide(const std::string& channel, const Acknowledge& command) {
  std::uint64_t count = 0;
  if (ModelGroup* const of = group(channel, command.group)) {
    for (const StreamId id : command.ids) count += of->pending.erase(id);
  }
  return counted(count);
}

EntryFates::Fate GroupModel::erase(ModelStream& stream, StreamId id, References references) {
  for (auto& [name, group] : stream.groups) {
    if (references == References::drop) group.pending.erase(id);
    const bool is_referenced = group.last < id || group.pending.contains(id);
    if (references == References::acknowledged && is_referenced) return EntryFates::Fate::kept;
  }
  erase(stream, id);
  return EntryFates::Fate::deleted;
}

DurableOutcome GroupModel::decide(const std::string& channel, const AcknowledgeAndDelete& command) {
  EntryFates fates;
  ModelGroup* const of = group(channel, command.group);
  for (const StreamId id : command.ids) {
    const bool is_pending = of != nullptr && of->pending.erase(id) == 1;
    fates.fates.push_back(is_pending ? erase(*stream(channel), id, command.references) : EntryFates::Fate::not_there);
  }
  return answer_of(std::move(fates));
}

DurableOutcome GroupModel::decide(const std::string& channel, const DeleteReferenced& command) {
  EntryFates fates;
  ModelStream* const of = stream(channel);
  for (const StreamId id : command.ids) {
    const bool is_there = of != nullptr && of->entries.contains(id);
    fates.fates.push_back(is_there ? erase(*of, id, command.references) : EntryFates::Fate::not_there);
  }
  return answer_of(std::move(fates));
}

}  // namespace respublica::test
