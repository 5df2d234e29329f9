#include "broker/group_reports.h"

#include <algorithm>
#include <utility>

#include "broker/stream_batch.h"

namespace respublica {
namespace {

std::string consumer_name(const ConsumerGroup& group, const PendingEntry& entry) {
  const Consumer* const consumer = group.find_consumer(entry.consumer);
  return consumer == nullptr ? std::string() : consumer->name;
}

/// What Redis shows as the time of the delivery: none of what was given back.
std::uint64_t delivered_ms(const PendingEntry& entry) {
  return entry.order.is_given_back() || entry.order.is_delayed() ? 0 : entry.order.ms();
}

ConsumerDetail detail_of(const Consumer& consumer) {
  ConsumerDetail detail;
  detail.name = consumer.name;
  detail.pending = consumer.pending.size();
  detail.seen_ms = consumer.seen_ms;
  if (consumer.active_ms != 0) detail.active_ms = consumer.active_ms;
  return detail;
}

Result<GroupDetail> detail_of(GroupEdit& edit, const Stream& stream, const ConsumerGroup& group) {
  GroupDetail detail;
  detail.name = group.name();
  detail.consumers = group.consumers().size();
  detail.pending = group.pending().size();
  detail.last_delivered = group.last_delivered();
  detail.entries_read = group.entries_read();
  // Nobody counts the entries of a virtual channel.
  if (VirtualChannel::is_name(stream.name())) return detail;
  const Result<bool> counts = edit.counts_on(stream, group);
  if (!counts) return counts.error();
  std::optional<std::uint64_t> read;
  if (stream.entries_added() == 0) {
    read = 0;
  } else if (counts.value()) {
    read = *group.entries_read();
  } else {
    const Result<std::optional<std::uint64_t>> counted = edit.entries_up_to(stream, group.last_delivered());
    if (!counted) return counted.error();
    read = counted.value();
  }
  // What was set by hand may be more than there are: Redis shows a negative number then.
  if (read) detail.lag = stream.entries_added() - *read;
  return detail;
}

void add_members(const ConsumerGroup& group, std::uint64_t most, GroupDetail& detail) {
  const auto more = [most](std::size_t size) { return most == 0 || size < most; };
  group.pending().visit_from({}, [&](const PendingEntry& entry) {
    detail.entries.push_back(
        {entry.id, consumer_name(group, entry), delivered_ms(entry), shown_deliveries(entry.deliveries)});
    return more(detail.entries.size());
  });
  for (const auto& [name, consumer] : group.consumers()) {
    ConsumerDetail member = detail_of(consumer);
    consumer.pending.visit_from({}, [&](StreamId id) {
      const PendingEntry& entry = *group.pending().find(id);
      member.entries.push_back({id, delivered_ms(entry), shown_deliveries(entry.deliveries)});
      return more(member.entries.size());
    });
    detail.members.push_back(std::move(member));
  }
}

/// `most` pending entries of each; none: without them.
DurableOutcome show_groups(GroupEdit& edit, const std::string& channel, std::optional<std::uint64_t> most) {
  const Stream* const stream = edit.batch().find(channel);
  if (!GroupEdit::exists({stream, nullptr}, channel)) return refused(Refusal::no_such_stream);
  GroupDetails details;
  const StreamGroups* const groups = stream == nullptr ? nullptr : edit.table().find(stream->number());
  if (groups == nullptr) return answer_of(std::move(details));
  for (const auto& [name, group] : groups->all()) {
    Result<GroupDetail> detail = detail_of(edit, *stream, group);
    if (!detail) return refused(Refusal::log_unreadable, detail.error().message);
    if (most) add_members(group, *most, detail.value());
    details.groups.push_back(std::move(detail.value()));
  }
  return answer_of(std::move(details));
}

}  // namespace

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const CountPending& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  PendingSummary summary;
  const ConsumerGroup& group = *place.group;
  summary.count = group.pending().size();
  if (summary.count > 0) {
    summary.first = group.pending().front().id;
    summary.last = group.pending().back().id;
  }
  for (const auto& [name, consumer] : group.consumers()) {
    if (!consumer.pending.empty()) summary.consumers.emplace_back(name, consumer.pending.size());
  }
  return answer_of(std::move(summary));
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ListPending& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  const ConsumerGroup& group = *place.group;
  const std::uint64_t now = edit.now_ms();
  PendingDetails details;
  const auto look = [&](const PendingEntry& entry) {
    if (entry.id > command.range.last || details.entries.size() >= command.count) return false;
    const bool is_owned = entry.consumer != kNobody;
    const std::uint64_t idle = now - std::min(now, delivered_ms(entry));
    if (idle < command.min_idle_ms) return true;
    details.entries.push_back({entry.id, consumer_name(group, entry), is_owned ? std::optional(idle) : std::nullopt,
                               shown_deliveries(entry.deliveries)});
    return true;
  };
  if (!command.consumer) {
    group.pending().visit_from(command.range.first, look);
  } else if (const Consumer* const consumer = group.find_consumer(*command.consumer)) {
    consumer->pending.visit_from(command.range.first, [&](StreamId id) { return look(*group.pending().find(id)); });
  }
  return answer_of(std::move(details));
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ShowGroups&) {
  return show_groups(edit, channel, std::nullopt);
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ShowConsumers& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (!GroupEdit::exists(place, channel)) return refused(Refusal::no_such_stream);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  ConsumerDetails details;
  details.now_ms = edit.now_ms();
  for (const auto& [name, consumer] : place.group->consumers()) details.consumers.push_back(detail_of(consumer));
  return answer_of(std::move(details));
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ShowGroupsInFull& command) {
  return show_groups(edit, channel, command.count);
}

}  // namespace respublica
