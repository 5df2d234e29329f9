#include "broker/group_sweep.h"

#include <algorithm>

#include "broker/dead_letters.h"
#include "broker/entry_timers.h"
#include "broker/stream_batch.h"
#include "broker/virtual_channel.h"

namespace respublica {
namespace {

/// Calls visit(const PendingEntry&) for those that the sweep looks at, until it returns false.
template <typename Visit>
void visit_due(const ConsumerGroup& group, const GroupRule* rule, const SweepGroup& command, Visit&& visit) {
  using Claimable = ConsumerGroup::Claimable;
  bool goes_on = true;
  const auto look = [&](const Claimable& one, ClaimOrder last) {
    if (one.order > last) return false;
    goes_on = visit(*group.pending().find(one.id));
    return goes_on;
  };
  const ClaimOrder delay_over = ClaimOrder::not_before(command.now_ms);
  group.by_claim().visit_from({ClaimOrder::not_before(0), {}},
                              [&](const Claimable& one) { return look(one, delay_over); });
  if (!goes_on || rule == nullptr) return;
  const auto ack_wait = static_cast<std::uint64_t>(rule->ack_wait.count());
  if (command.now_ms < ack_wait) return;
  const ClaimOrder failed = ClaimOrder::delivered(command.now_ms - ack_wait);
  group.by_claim().visit_from({command.from, {}}, [&](const Claimable& one) { return look(one, failed); });
}

}  // namespace

std::vector<StreamId> dying(const ConsumerGroup& group, const GroupRule& rule, const SweepGroup& command) {
  std::vector<StreamId> ids;
  visit_due(group, &rule, command, [&](const PendingEntry& entry) {
    if (rule.is_exhausted(entry.deliveries)) ids.push_back(entry.id);
    return ids.size() < kSweptAtOnce;
  });
  return ids;
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const SweepGroup& command) {
  if (is_timers(channel)) return ring(edit, channel, command);
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return {};
  const GroupRule* const rule = edit.rule_of(channel);
  const GroupRule* const deaths = edit.rule_of_failures(channel);
  std::vector<StreamId> dead;
  GroupRecord over;
  over.kind = GroupRecord::Kind::give_back;
  bool is_claimable = false;
  visit_due(*place.group, rule, command, [&](const PendingEntry& entry) {
    if (deaths != nullptr && deaths->is_exhausted(entry.deliveries)) {
      dead.push_back(entry.id);
    } else if (entry.order.is_delayed()) {
      over.entries.push_back({to_entry_key(entry.id), entry.deliveries});
    } else {
      is_claimable = rule->redeliver;
    }
    return dead.size() + over.entries.size() < kSweptAtOnce;
  });
  const std::uint64_t count = dead.size() + over.entries.size();
  for (const StreamId id : dead) {
    const Result<void> buried = bury(edit, place, id, *deaths, DeathReason::max_deliveries, {});
    if (!buried) return refused(Refusal::log_unreadable, buried.error().message);
  }
  if (!over.entries.empty()) edit.change(place, std::move(over));
  if (is_claimable || count > dead.size()) edit.batch().wake(channel);
  return counted(count);
}

}  // namespace respublica
