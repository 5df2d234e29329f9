#include "broker/entry_timers.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "broker/group_admin.h"
#include "broker/stream_batch.h"

namespace respublica {
namespace {

/// The entry is pending in the timer group of the stream until then.
void set_timer(GroupEdit& edit, const std::string& timers, StreamId id, std::uint64_t at_ms) {
  const std::string group(kTimerGroup);
  if (edit.find(timers, group).group == nullptr) {
    decide(edit, timers, MakeGroup{group, kMinStreamId, std::nullopt, MissingStream::make});
  }
  GroupRecord record;
  record.kind = GroupRecord::Kind::give_back;
  record.time_ms = at_ms;
  record.entries.push_back({to_entry_key(id), 0});
  edit.change(edit.find(timers, group), std::move(record));
}

bool is_delayed(std::string_view timers) { return timers.starts_with(kDelayedPrefix); }
std::string channel_of(std::string_view timers) { return std::string(timers.substr(timers.find(':') + 1)); }

std::vector<StreamId> ids_of(const GivenEntries& entries) {
  std::vector<StreamId> ids;
  for (const GivenEntries::Entry& entry : entries.entries) ids.push_back(entry.id);
  return ids;
}

/// Moves them from where they waited. An error, and nothing has changed, when there are no IDs for them.
Result<void> deliver(GroupEdit& edit, const Stream& timers, const GivenEntries& entries) {
  const std::string channel = channel_of(timers.name());
  if (!edit.batch().has_ids_left(channel, entries.entries.size())) {
    return Error{"no ID is left in the channel '" + channel + "'"};
  }
  const DurableRule* const rule = edit.batch().durable_rule_of(channel);
  for (const GivenEntries::Entry& entry : entries.entries) {
    AppendEntry append;
    append.fields = without_delay(entries.fields_of(entry));
    append.live = AppendEntry::Live::deliver;
    if (rule != nullptr) {
      append.limits = rule->limits();
      append.timing.ttl_ms = edit.batch().entry_rule_of(channel).own_ttl_ms(append.fields);
    }
    [[maybe_unused]] const DurableOutcome added = edit.batch().append_own(channel, std::move(append));
    assert(added.refusal == Refusal::none);
  }
  if (!entries.entries.empty()) edit.batch().erase_present(timers, ids_of(entries));
  return {};
}

/// Deletes those that are too old; of dead letters the ttl of their channel alone decides. An error, and nothing has
/// changed, when a dead letter cannot be written.
Result<void> expire(GroupEdit& edit, const Stream& stream, GivenEntries entries) {
  const DurableRule* const rule = edit.batch().durable_rule_of(stream.name());
  if (rule == nullptr || edit.batch().is_dlq(stream.name())) return {};
  const EntryRule times = edit.batch().entry_rule_of(stream.name());
  std::erase_if(entries.entries, [&](const GivenEntries::Entry& entry) {
    return !times.is_over(entry.id, entries.fields_of(entry), edit.now_ms());
  });
  StreamGroups* const groups = edit.table().find(stream.number());
  if (groups != nullptr) {
    Result<void> buried = bury_wanted(edit, stream, *groups, entries, rule->groups, DeathReason::expired);
    if (!buried) return buried;
  }
  edit.batch().wake(stream.name());
  if (!entries.entries.empty()) edit.batch().erase_present(stream, ids_of(entries));
  return {};
}

}  // namespace

DurableOutcome delay_entry(GroupEdit& edit, const std::string& channel, const AppendEntry& append,
                           std::uint64_t due_ms) {
  const std::string timers = std::string(kDelayedPrefix) + channel;
  AppendEntry waiting;
  waiting.fields = append.fields;
  DurableOutcome outcome = edit.batch().append_own(timers, std::move(waiting));
  if (outcome.id) set_timer(edit, timers, *outcome.id, due_ms);
  return outcome;
}

void act_on_new(GroupEdit& edit, const Stream& stream, StreamId id, const AppendEntry& append) {
  if (append.timing.ttl_ms) {
    set_timer(edit, std::string(kTtlPrefix) + stream.name(), id,
              std::min(id.ms, UINT64_MAX / 2) + *append.timing.ttl_ms);
  }
  if (!append.is_unheard) return;
  const GroupRule* const rule = edit.rule_of(stream.name());
  if (rule == nullptr || !rule->dlq_undelivered || edit.batch().is_dlq(stream.name())) return;
  const StreamGroups* const groups = edit.table().find(stream.number());
  if (groups != nullptr && !groups->all().empty()) return;
  // A failure is counted; the entry itself is there.
  [[maybe_unused]] const Result<void> buried =
      bury_copy(edit.batch(), stream, nullptr, {id, append.fields}, *rule, DeathReason::undelivered);
}

bool has_ttl_timer(GroupEdit& edit, std::string_view channel, StreamId id) {
  const GroupEdit::Place timers = edit.find(std::string(kTtlPrefix).append(channel), kTimerGroup);
  return timers.group != nullptr && timers.group->pending().find(id) != nullptr;
}

std::string timed_channel(const std::string& timers) { return is_delayed(timers) ? timers : channel_of(timers); }

std::vector<StreamId> due_ids(const ConsumerGroup& group, std::uint64_t now_ms) {
  std::vector<StreamId> ids;
  group.by_claim().visit_from({}, [&](const ConsumerGroup::Claimable& one) {
    if (one.order > ClaimOrder::not_before(now_ms)) return false;
    ids.push_back(one.id);
    return ids.size() < kLettersAtOnce;
  });
  return ids;
}

DurableOutcome ring(GroupEdit& edit, const std::string& timers, const SweepGroup& command) {
  const GroupEdit::Place place = edit.find(timers, command.group);
  if (place.group == nullptr) return {};
  std::vector<StreamId> ids = due_ids(*place.group, command.now_ms);
  // Without it there is nothing to do for them.
  if (const Stream* const stream = edit.batch().find(timed_channel(timers))) {
    const StreamGroups* const groups = is_delayed(timers) ? nullptr : edit.table().find(stream->number());
    const Result<Departure> due =
        departure_of(edit.batch().reader(), *stream, groups == nullptr ? 0 : groups->all().size(), ids);
    if (!due) return refused(Refusal::log_unreadable, due.error().message);
    ids.resize(due.value().looked);
    const Result<void> done =
        is_delayed(timers) ? deliver(edit, *stream, due.value().entries) : expire(edit, *stream, due.value().entries);
    if (!done) return refused(Refusal::log_unreadable, done.error().message);
  }
  edit.release(place, ids);
  const Stream* const left = edit.batch().find(timers);
  if (place.group->pending().empty() && left->length() == 0) edit.batch().drop(*left);
  return counted(ids.size());
}

}  // namespace respublica
