#include "broker/group_admin.h"

#include <utility>

#include "broker/stream_batch.h"

namespace respublica {
namespace {

using Kind = GroupRecord::Kind;

/// Where a group is to go on, and so many entries it has been given by then; in a virtual channel nobody counts.
GroupRecord place_record(Kind kind, const GroupEdit& edit, const Stream& stream, const std::optional<StreamId>& after,
                         const std::optional<std::uint64_t>& entries_read) {
  GroupRecord record;
  record.kind = kind;
  record.last_delivered = to_entry_key(after.value_or(edit.last_id(stream)));
  if (!VirtualChannel::is_name(stream.name())) record.entries_read = entries_read;
  return record;
}

/// With a rule nothing is lost with a consumer: others may have what it had.
void give_back(GroupEdit& edit, const GroupEdit::Place& place, const Consumer& consumer) {
  GroupRecord record;
  record.kind = Kind::give_back;
  consumer.pending.for_each([&](StreamId id) {
    record.entries.push_back({to_entry_key(id), place.group->pending().find(id)->deliveries});
  });
  edit.change(place, std::move(record));
  edit.batch().wake(place.stream->name());
}

}  // namespace

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MakeGroup& command) {
  GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group != nullptr) return refused(Refusal::group_exists);
  if (!GroupEdit::exists(place, channel) && command.missing == MissingStream::refuse) {
    return refused(Refusal::no_such_stream);
  }
  if (place.stream == nullptr) place.stream = &edit.batch().make(channel);
  GroupRecord record = place_record(Kind::make, edit, *place.stream, command.after, command.entries_read);
  const StreamGroups* const others = edit.table().find(place.stream->number());
  record.group = others == nullptr ? 1 : others->next_number();
  record.name = command.group;
  edit.change(place, std::move(record));
  edit.batch().touch(*place.stream);
  edit.batch().note(KeyEventClass::stream, "xgroup-create", channel);
  return {};
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const SetGroup& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (!GroupEdit::exists(place, channel)) return refused(Refusal::no_such_stream);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  edit.change(place, place_record(Kind::move, edit, *place.stream, command.after, command.entries_read));
  edit.batch().note(KeyEventClass::stream, "xgroup-setid", channel);
  return {};
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DropGroup& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (!GroupEdit::exists(place, channel)) return refused(Refusal::no_such_stream);
  if (place.group == nullptr) return {};
  GroupRecord record;
  record.kind = Kind::drop;
  edit.change(place, std::move(record));
  edit.batch().touch(*place.stream);
  edit.batch().note(KeyEventClass::stream, "xgroup-destroy", channel);
  edit.batch().wake(channel);
  return counted(1);
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MakeConsumer& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (!GroupEdit::exists(place, channel)) return refused(Refusal::no_such_stream);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  if (place.group->find_consumer(command.consumer) != nullptr) return {};
  edit.consumer(place, command.consumer);
  return counted(1);
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DropConsumer& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (!GroupEdit::exists(place, channel)) return refused(Refusal::no_such_stream);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  const Consumer* const consumer = place.group->find_consumer(command.consumer);
  if (consumer == nullptr) return {};
  const std::uint64_t pending = consumer->pending.size();
  drop_consumer(edit, place, *consumer);
  return counted(pending);
}

void drop_consumer(GroupEdit& edit, const GroupEdit::Place& place, const Consumer& consumer) {
  const std::string& channel = place.stream->name();
  if (!consumer.pending.empty() && edit.rule_of(channel) != nullptr) give_back(edit, place, consumer);
  GroupRecord record;
  record.kind = Kind::drop_consumer;
  record.consumer = consumer.number;
  edit.change(place, std::move(record));
  edit.batch().note(KeyEventClass::stream, "xgroup-delconsumer", channel);
}

}  // namespace respublica
