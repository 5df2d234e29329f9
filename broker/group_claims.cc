#include "broker/group_claims.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/group_delivery.h"
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
  /// What is claimed was delivered at `time_ms`.
  Claim(GroupEdit& edit, const GroupEdit::Place& place, const std::string& consumer, std::uint64_t time_ms,
        bool just_ids)
      : edit_(edit), place_(place), consumer_(edit.consumer(place, consumer)), time_ms_(time_ms) {
    claimed_.just_ids = just_ids;
  }

  /// Reads what it needs to know of keys; others may have had entries for so long.
  Result<void> look(std::uint64_t min_idle_ms) {
    const Result<KeyOrder*> order = edit_.key_order(place_);
    if (!order) return order.error();
    order_ = order.value();
    const std::uint64_t now = edit_.now_ms();
    asking_ = {consumer_.number, ClaimOrder::delivered(now - std::min(now, min_idle_ms)), {}};
    return {};
  }
  /// False: it has to wait for others of its key.
  bool may_take(StreamId id) const { return order_ == nullptr || order_->may_have(*place_.group, id, asking_); }

  /// The entry as this command has left it; none when it is not pending.
  std::optional<PendingEntry> find(StreamId id) const {
    if (gone_.contains(id)) return std::nullopt;
    if (const auto taken = taken_.find(id); taken != taken_.end()) {
      const auto deliveries = to_deliveries(entries_[taken->second].deliveries);
      return PendingEntry{id, ClaimOrder::delivered(time_ms_), time_ms_, deliveries, consumer_.number};
    }
    const PendingEntry* const pending = place_.group->pending().find(id);
    return pending == nullptr ? std::nullopt : std::optional(*pending);
  }

  /// False when the entry is gone from the stream: then it is pending no more, if it was.
  Result<bool> take(StreamId id, std::uint64_t deliveries) {
    GivenEntries& given = claimed_.given;
    const Result<bool> exists = edit_.read(*place_.stream, id, claimed_.just_ids ? nullptr : &given);
    if (!exists) return exists;
    if (!exists.value()) {
      if (place_.group->pending().find(id) != nullptr) gone_.insert(id);
      return false;
    }
    if (claimed_.just_ids) given.entries.push_back({id, std::nullopt, 0, 0, 0});
    if (order_ != nullptr) asking_.given.insert(id);
    const auto [taken, is_new] = taken_.emplace(id, entries_.size());
    if (is_new) entries_.push_back({to_entry_key(id), 0});
    entries_[taken->second].deliveries = deliveries;
    return true;
  }

  ClaimedEntries& claimed() { return claimed_; }
  const std::set<StreamId>& gone() const { return gone_; }

  DurableOutcome finish() {
    edit_.release(place_, {gone_.begin(), gone_.end()});
    if (!entries_.empty()) place_.group->gave(consumer_, edit_.now_ms());
    edit_.deliver(place_, consumer_, time_ms_, std::move(entries_));
    return answer_of(std::move(claimed_));
  }

 private:
  GroupEdit& edit_;
  const GroupEdit::Place place_;
  const Consumer& consumer_;
  const std::uint64_t time_ms_;
  ClaimedEntries claimed_;
  std::vector<GroupRecord::Entry> entries_;
  /// Where in entries_ they are: one that is named twice is claimed twice, and delivered once.
  std::map<StreamId, std::size_t> taken_;
  std::set<StreamId> gone_;
  /// Null: there is none.
  const KeyOrder* order_ = nullptr;
  KeyOrder::Asking asking_;
};

std::uint64_t claim_time(const ClaimEntries& command, std::uint64_t now_ms) {
  // What makes no sense is now, as in Redis.
  if (command.idle_ms) return *command.idle_ms > now_ms ? now_ms : now_ms - *command.idle_ms;
  return std::min(command.time_ms.value_or(now_ms), now_ms);
}

std::uint64_t deliveries_after(std::optional<std::uint64_t> set, const std::optional<PendingEntry>& pending,
                               bool just_ids) {
  if (set) return *set;
  const std::uint64_t before = pending ? pending->deliveries : 1;
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
  const GroupRule* const rule = edit.rule_of_failures(channel);
  Claim claim(edit, place, command.consumer, claim_time(command, edit.now_ms()), command.just_ids);
  if (const Result<void> looked = claim.look(command.min_idle_ms); !looked) {
    return refused(Refusal::log_unreadable, looked.error().message);
  }
  for (const StreamId id : command.ids) {
    const std::optional<PendingEntry> pending = claim.find(id);
    if ((!pending && !command.force) || !claim.may_take(id)) continue;
    const bool is_delivery = !command.just_ids && !command.deliveries;
    if (pending && is_delivery && rule != nullptr && rule->is_exhausted(pending->deliveries)) continue;
    const bool is_owned = pending && pending->consumer != kNobody;
    if (is_owned && command.min_idle_ms > 0 && !has_been_idle(*pending, command.min_idle_ms, edit.now_ms())) {
      // Redis looks whether the entry is there first.
      const Result<bool> exists = edit.read(*place.stream, id, nullptr);
      if (!exists) return refused(Refusal::log_unreadable, exists.error().message);
      if (exists.value()) continue;
    }
    const Result<bool> taken = claim.take(id, deliveries_after(command.deliveries, pending, command.just_ids));
    if (!taken) return refused(Refusal::log_unreadable, taken.error().message);
  }
  return claim.finish();
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimIdle& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  Claim claim(edit, place, command.consumer, edit.now_ms(), command.just_ids);
  if (const Result<void> looked = claim.look(command.min_idle_ms); !looked) {
    return refused(Refusal::log_unreadable, looked.error().message);
  }
  std::uint64_t looks = command.count > UINT64_MAX / kLooksPerEntry ? UINT64_MAX : command.count * kLooksPerEntry;
  // Entries of a virtual channel are read one by one.
  if (VirtualChannel::is_name(channel)) looks = std::min<std::uint64_t>(looks, kMostOfLook);
  std::uint64_t left = command.count;
  std::optional<Error> error;
  const GroupRule* const rule = command.just_ids ? nullptr : edit.rule_of_failures(channel);
  bool is_alone = false;
  place.group->pending().visit_from(command.from, [&](const PendingEntry& entry) {
    const bool is_last_chance = rule != nullptr && rule->is_last_chance(entry.deliveries);
    const bool is_idle = has_been_idle(entry, command.min_idle_ms, edit.now_ms());
    const bool waits = is_last_chance && is_idle && left != command.count;
    if (looks == 0 || left == 0 || is_alone || waits) {
      claim.claimed().next = entry.id;
      return false;
    }
    --looks;
    if ((rule != nullptr && rule->is_exhausted(entry.deliveries)) || !claim.may_take(entry.id)) return true;
    if (!is_idle) {
      const Result<bool> exists = edit.read(*place.stream, entry.id, nullptr);
      if (!exists) error = exists.error();
      if (!exists || exists.value()) return !error;
    }
    const Result<bool> taken = claim.take(entry.id, deliveries_after(std::nullopt, entry, command.just_ids));
    if (!taken) error = taken.error();
    is_alone = is_last_chance && taken && taken.value();
    --left;
    return !error;
  });
  if (error) return refused(Refusal::log_unreadable, error->message);
  claim.claimed().gone.assign(claim.gone().begin(), claim.gone().end());
  return claim.finish();
}

}  // namespace respublica
