#include "broker/group_claims.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "broker/stream_batch.h"

namespace respublica {
namespace {

/// XAUTOCLAIM looks at ten times as many entries as it may give.
constexpr std::uint64_t kLooksPerEntry = 10;

bool has_been_idle(const PendingEntry& entry, std::uint64_t min_idle_ms, std::uint64_t now_ms) {
  if (entry.order.is_delayed()) return false;
  return entry.order.is_given_back() || now_ms - std::min(now_ms, entry.order.ms()) >= min_idle_ms;
}

/// Gathers what one command claims for one consumer.
class Claim {
 public:
  Claim(GroupEdit& edit, const GroupEdit::Place& place, const std::string& consumer, bool just_ids)
      : edit_(edit), place_(place), consumer_(edit.consumer(place, consumer)) {
    claimed_.just_ids = just_ids;
  }

  /// False when the entry is gone from the stream: then it is pending no more, if it was.
  Result<bool> take(StreamId id, std::uint64_t deliveries) {
    GivenEntries& given = claimed_.given;
    const Result<bool> exists = edit_.read(*place_.stream, id, claimed_.just_ids ? nullptr : &given);
    if (!exists) return exists;
    if (!exists.value()) {
      if (place_.group->pending().find(id) != nullptr) gone_.push_back(id);
      return false;
    }
    if (claimed_.just_ids) given.entries.push_back({id, std::nullopt, 0, 0, 0});
    entries_.push_back({to_entry_key(id), deliveries});
    return true;
  }

  ClaimedEntries& claimed() { return claimed_; }
  const std::vector<StreamId>& gone() const { return gone_; }

  DurableOutcome finish(std::uint64_t time_ms) {
    edit_.release(place_, gone_);
    if (!entries_.empty()) place_.group->gave(consumer_, edit_.now_ms());
    edit_.deliver(place_, consumer_, time_ms, std::move(entries_));
    return answer_of(std::move(claimed_));
  }

 private:
  GroupEdit& edit_;
  const GroupEdit::Place place_;
  const Consumer& consumer_;
  ClaimedEntries claimed_;
  std::vector<GroupRecord::Entry> entries_;
  std::vector<StreamId> gone_;
};

std::uint64_t claim_time(const ClaimEntries& command, std::uint64_t now_ms) {
  if (command.idle_ms) return now_ms - std::min(now_ms, *command.idle_ms);
  return std::min(command.time_ms.value_or(now_ms), now_ms);
}

std::uint64_t deliveries_after(std::optional<std::uint64_t> set, const PendingEntry* pending, bool just_ids) {
  if (set) return *set;
  const std::uint64_t before = pending == nullptr ? 1 : pending->deliveries;
  return just_ids ? before : before + 1;
}

}  // namespace

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimEntries& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  if (command.last_id && *command.last_id > place.group->last_delivered()) {
    GroupRecord record;
    record.kind = GroupRecord::Kind::move;
    record.last_delivered = to_entry_key(*command.last_id);
    record.entries_read = place.group->entries_read();
    edit.change(place, std::move(record));
  }
  Claim claim(edit, place, command.consumer, command.just_ids);
  std::vector<StreamId> ids = command.ids;
  for (auto id = ids.begin(); id != ids.end(); ++id) {
    // One that is named twice is claimed once: it has just been delivered.
    if (std::find(ids.begin(), id, *id) != id) continue;
    const PendingEntry* const pending = place.group->pending().find(*id);
    if (pending == nullptr && !command.force) continue;
    const bool is_owned = pending != nullptr && pending->consumer != kNobody;
    if (is_owned && command.min_idle_ms > 0 && !has_been_idle(*pending, command.min_idle_ms, edit.now_ms())) {
      // Redis looks whether the entry is there first.
      const Result<bool> exists = edit.read(*place.stream, *id, nullptr);
      if (!exists) return refuse_group(Refusal::log_unreadable, exists.error().message);
      if (exists.value()) continue;
    }
    const Result<bool> taken = claim.take(*id, deliveries_after(command.deliveries, pending, command.just_ids));
    if (!taken) return refuse_group(Refusal::log_unreadable, taken.error().message);
  }
  return claim.finish(claim_time(command, edit.now_ms()));
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimIdle& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  Claim claim(edit, place, command.consumer, command.just_ids);
  std::vector<PendingEntry> looked_at;
  const std::uint64_t looks = command.count > UINT64_MAX / kLooksPerEntry ? UINT64_MAX : command.count * kLooksPerEntry;
  // One more than is looked at: where the next call begins.
  place.group->pending().visit_from(command.from, [&looked_at, looks](const PendingEntry& entry) {
    looked_at.push_back(entry);
    return looked_at.size() <= looks;
  });
  std::uint64_t left = command.count;
  std::size_t at = 0;
  for (; at < looked_at.size() && at < looks && left > 0; ++at) {
    const PendingEntry& entry = looked_at[at];
    if (!has_been_idle(entry, command.min_idle_ms, edit.now_ms())) {
      const Result<bool> exists = edit.read(*place.stream, entry.id, nullptr);
      if (!exists) return refuse_group(Refusal::log_unreadable, exists.error().message);
      if (exists.value()) continue;
    }
    const Result<bool> taken = claim.take(entry.id, deliveries_after(std::nullopt, &entry, command.just_ids));
    if (!taken) return refuse_group(Refusal::log_unreadable, taken.error().message);
    --left;
  }
  if (at < looked_at.size()) claim.claimed().next = looked_at[at].id;
  claim.claimed().gone = claim.gone();
  return claim.finish(edit.now_ms());
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ReleaseEntries& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  GroupRecord record;
  record.kind = GroupRecord::Kind::give_back;
  if (command.delay_ms && *command.delay_ms > 0) record.time_ms = edit.now_ms() + *command.delay_ms;
  for (const StreamId id : command.ids) {
    const PendingEntry* const pending = place.group->pending().find(id);
    if (pending == nullptr) {
      if (!command.force) continue;
      const Result<bool> exists = edit.read(*place.stream, id, nullptr);
      if (!exists) return refuse_group(Refusal::log_unreadable, exists.error().message);
      if (!exists.value()) continue;
    }
    std::uint64_t deliveries = pending == nullptr ? 0 : pending->deliveries;
    using Mode = ReleaseEntries::Mode;
    if (pending != nullptr && command.mode == Mode::silent && deliveries > 0) --deliveries;
    if (pending != nullptr && command.mode == Mode::fatal) deliveries = kFatalDeliveries;
    record.entries.push_back({to_entry_key(id), command.deliveries.value_or(deliveries)});
  }
  if (record.entries.empty()) return {};
  const std::uint64_t count = record.entries.size();
  edit.change(place, std::move(record));
  edit.batch().wake(channel);
  return count_of(count);
}

}  // namespace respublica
