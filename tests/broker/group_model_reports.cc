#include <algorithm>
#include <utility>

#include "broker/group_edit.h"
#include "tests/broker/group_commands.h"
#include "tests/broker/group_model.h"

namespace respublica::test {
namespace {

using Count = std::optional<std::uint64_t>;

StreamId first_id(const ModelStream& stream) {
  return stream.entries.empty() ? StreamId{} : stream.entries.begin()->first;
}

bool has_tombstones_from(const ModelStream& stream, StreamId id) {
  if (stream.entries.empty() || stream.max_deleted == StreamId{}) return false;
  return first_id(stream) <= stream.max_deleted && id <= stream.max_deleted;
}

Count lag(const ModelStream& stream, const ModelGroup& group) {
  if (stream.added == 0) return 0;
  const Count read = counts(stream, group) ? group.read : estimate(stream, group.last);
  return read ? Count(stream.added - *read) : std::nullopt;
}

}  // namespace

bool counts(const ModelStream& stream, const ModelGroup& group) {
  return group.read && group.last >= first_id(stream) && !has_tombstones_from(stream, group.last);
}

/// How many entries were added up to the ID.
Count estimate(const ModelStream& stream, StreamId id) {
  if (stream.added == 0) return 0;
  if (stream.entries.empty() && id <= stream.last_id) return stream.added;
  if (id != StreamId{} && id < stream.max_deleted) return std::nullopt;
  if (id == stream.last_id) return stream.added;
  if (id > stream.last_id) return std::nullopt;
  if (stream.max_deleted != StreamId{} && stream.max_deleted >= first_id(stream)) return std::nullopt;
  const std::uint64_t gone = stream.added - stream.entries.size();
  if (id < first_id(stream)) return gone;
  if (id == first_id(stream)) return gone + 1;
  return std::nullopt;
}

DurableOutcome GroupModel::decide(const std::string& channel, const CountPending& command) {
  const ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  PendingSummary summary;
  summary.count = of->pending.size();
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [id, pending] : of->pending) {
    if (!pending.consumer.empty()) ++counts[pending.consumer];
  }
  if (summary.count > 0) summary.first = of->pending.begin()->first;
  if (summary.count > 0) summary.last = of->pending.rbegin()->first;
  summary.consumers.assign(counts.begin(), counts.end());
  return answer_of(std::move(summary));
}

DurableOutcome GroupModel::decide(const std::string& channel, const ListPending& command) {
  const ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  PendingDetails details;
  for (const auto& [id, pending] : of->pending) {
    if (details.entries.size() == command.count) break;
    const bool is_wanted = !command.consumer || (pending.consumer == *command.consumer && !pending.consumer.empty());
    if (!command.range.contains(id) || !is_wanted || now_ms_ - pending.delivered_ms < command.min_idle_ms) continue;
    const bool is_owned = !pending.consumer.empty();
    details.entries.push_back(
        {id, pending.consumer, is_owned ? Count(now_ms_ - pending.delivered_ms) : std::nullopt, pending.deliveries});
  }
  return answer_of(std::move(details));
}

GroupDetails GroupModel::details(const std::string& channel) const {
  GroupDetails details;
  const ModelStream& of = streams_.at(channel);
  for (const auto& [name, group] : of.groups) {
    GroupDetail detail{name, group.consumers.size(), group.pending.size(), group.last, group.read, lag(of, group), {},
                       {}};
    for (const auto& [consumer_name, consumer] : group.consumers) {
      detail.members.push_back({consumer_name, 0, consumer.seen_ms, consumer.active_ms, {}});
    }
    for (const auto& [id, pending] : group.pending) {
      detail.entries.push_back({id, pending.consumer, pending.delivered_ms, pending.deliveries});
      for (ConsumerDetail& member : detail.members) {
        if (member.name != pending.consumer) continue;
        ++member.pending;
        member.entries.push_back({id, pending.delivered_ms, pending.deliveries});
      }
    }
    details.groups.push_back(std::move(detail));
  }
  return details;
}

DurableOutcome GroupModel::decide(const std::string& channel, const ShowGroupsInFull& command) {
  if (stream(channel) == nullptr) return refused(Refusal::no_such_stream);
  GroupDetails all = details(channel);
  const auto cut = [&command](auto& entries) {
    entries.resize(std::min(entries.size(), command.count == 0 ? entries.size() : command.count));
  };
  for (GroupDetail& detail : all.groups) {
    cut(detail.entries);
    for (ConsumerDetail& member : detail.members) cut(member.entries);
  }
  return answer_of(std::move(all));
}

DurableOutcome GroupModel::decide(const std::string& channel, const ShowGroups&) {
  if (stream(channel) == nullptr) return refused(Refusal::no_such_stream);
  GroupDetails all = details(channel);
  for (GroupDetail& detail : all.groups) {
    detail.entries.clear();
    detail.members.clear();
  }
  return answer_of(std::move(all));
}

DurableOutcome GroupModel::decide(const std::string& channel, const ShowConsumers& command) {
  if (stream(channel) == nullptr) return refused(Refusal::no_such_stream);
  if (group(channel, command.group) == nullptr) return GroupEdit::missing(channel, command.group);
  ConsumerDetails shown;
  for (GroupDetail& detail : details(channel).groups) {
    if (detail.name != command.group) continue;
    for (ConsumerDetail& member : detail.members) {
      member.entries.clear();
      shown.consumers.push_back(std::move(member));
    }
  }
  return answer_of(std::move(shown));
}

}  // namespace respublica::test
