#include "broker/sweep_schedule.h"

#include <algorithm>
#include <memory>

namespace respublica {
namespace {

/// The rule, if something is done with entries when their consumers have let ack-wait pass; in a channel of dead
/// letters none dies.
const GroupRule* rule_of_failures(const DurableRules& rules, const std::string& channel) {
  const DurableRule* const rule = rules.find(channel);
  if (rule == nullptr) return nullptr;
  const GroupRule& groups = rule->groups;
  return groups.redeliver || (groups.max_deliveries != 0 && !rules.is_dlq(channel)) ? &groups : nullptr;
}

/// When the first entry behind `from` is due, or the first delay is over; none = never.
std::optional<std::uint64_t> due_of(const ConsumerGroup& group, const GroupRule* rule, ClaimOrder from) {
  std::optional<std::uint64_t> due;
  const auto earlier = [&due](std::uint64_t ms) { due = due ? std::min(*due, ms) : ms; };
  const auto first = [&group](ClaimOrder order) {
    std::optional<ClaimOrder> found;
    group.by_claim().visit_from({order, {}}, [&found](const ConsumerGroup::Claimable& one) {
      found = one.order;
      return false;
    });
    return found;
  };
  const std::optional<ClaimOrder> delayed = first(ClaimOrder::not_before(0));
  if (delayed && !delayed->is_held()) earlier(delayed->ms());
  if (rule == nullptr) return due;
  const std::optional<ClaimOrder> next = first(from);
  if (!next || next->is_delayed()) return due;
  const auto ack_wait = static_cast<std::uint64_t>(rule->ack_wait.count());
  earlier(next->is_given_back() ? 0 : next->ms() + ack_wait);
  return due;
}

}  // namespace

void SweepSchedule::plan_all(const StreamTable& streams, GroupTable& groups, const DurableRules& rules) {
  plans_.clear();
  by_time_.clear();
  if (groups.all().empty()) return;
  for (std::size_t part = 0; part < StreamTable::kParts; ++part) {
    for (const auto& stream : streams.part(part)) {
      const StreamGroups* const of_stream = groups.find(stream->number());
      if (of_stream == nullptr) continue;
      for (const auto& [name, group] : of_stream->all()) plan({stream->name(), name, {}}, streams, groups, rules);
    }
  }
}

void SweepSchedule::plan(const TouchedGroup& touched, const StreamTable& streams, GroupTable& groups,
                         const DurableRules& rules) {
  const Name name{touched.channel, touched.group};
  const auto stream = streams.find(touched.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups.find(stream->number(), touched.group);
  if (group == nullptr) return forget(name);
  const auto [found, is_new] = plans_.try_emplace(name);
  Plan& plan = found->second;
  plan.from = is_new ? touched.from : std::min(plan.from, touched.from);
  const std::optional<std::uint64_t> due = due_of(*group, rule_of_failures(rules, touched.channel), plan.from);
  set_due(name, plan, due);
  if (!due && group->pending().empty()) forget(name);
}

std::optional<std::uint64_t> SweepSchedule::next() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

std::vector<DurableCommand> SweepSchedule::due(std::uint64_t now_ms, std::size_t most) {
  std::vector<DurableCommand> sweeps;
  for (const auto& [due_ms, name] : by_time_) {
    if (due_ms > now_ms || sweeps.size() == most) break;
    sweeps.push_back({name.first, SweepGroup{name.second, plans_[name].from, now_ms}});
  }
  return sweeps;
}

void SweepSchedule::swept(const DurableCommand& sweep, Done done, const StreamTable& streams, GroupTable& groups,
                          const DurableRules& rules) {
  const auto& command = std::get<SweepGroup>(sweep.change);
  const auto found = plans_.find(Name{sweep.channel, command.group});
  if (found == plans_.end()) return;
  const GroupRule* const rule = rule_of_failures(rules, sweep.channel);
  if (done == Done::all && rule != nullptr) {
    const auto ack_wait = static_cast<std::uint64_t>(rule->ack_wait.count());
    const std::uint64_t until = command.now_ms - std::min(command.now_ms, ack_wait);
    found->second.from = std::max(found->second.from, ClaimOrder::delivered(until + 1));
  }
  plan({sweep.channel, command.group, ClaimOrder::not_before(~0ULL)}, streams, groups, rules);
}

void SweepSchedule::put_off(const DurableCommand& sweep, std::uint64_t until_ms) {
  const auto found = plans_.find(Name{sweep.channel, std::get<SweepGroup>(sweep.change).group});
  if (found == plans_.end()) return;
  found->second.not_before_ms = until_ms;
  set_due(found->first, found->second, found->second.due_ms);
}

void SweepSchedule::set_due(const Name& name, Plan& plan, std::optional<std::uint64_t> due_ms) {
  if (due_ms) due_ms = std::max(*due_ms, plan.not_before_ms);
  if (plan.due_ms == due_ms) return;
  if (plan.due_ms) by_time_.erase({*plan.due_ms, name});
  plan.due_ms = due_ms;
  if (due_ms) by_time_.emplace(*due_ms, name);
}

void SweepSchedule::forget(const Name& name) {
  const auto found = plans_.find(name);
  if (found == plans_.end()) return;
  set_due(name, found->second, std::nullopt);
  plans_.erase(found);
}

}  // namespace respublica
