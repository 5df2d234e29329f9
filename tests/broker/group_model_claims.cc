// How entries change hands: XCLAIM, XAUTOCLAIM, XNACK.

#include <algorithm>
#include <set>

#include "broker/group_edit.h"
#include "tests/broker/group_commands.h"
#include "tests/broker/group_model.h"

namespace respublica::test {
namespace {

std::uint64_t deliveries_after(const ReleaseEntries& command, std::uint64_t before) {
  if (command.deliveries) return *command.deliveries;
  if (command.mode == ReleaseEntries::Mode::fatal) return kFatal;
  const bool is_taken_back = command.mode == ReleaseEntries::Mode::silent && before > 0 && before != kFatal;
  return is_taken_back ? before - 1 : before;
}

}  // namespace

DurableOutcome GroupModel::decide(const std::string& channel, const ClaimEntries& command) {
  ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  if (command.last_id) of->last = std::max(of->last, *command.last_id);
  ModelConsumer& claimer = consumer(*of, command.consumer);
  std::uint64_t delivered_ms = command.time_ms.value_or(now_ms_);
  if (command.idle_ms) delivered_ms = now_ms_ - *command.idle_ms;
  if (delivered_ms > now_ms_) delivered_ms = now_ms_;
  ClaimedEntries claimed;
  claimed.just_ids = command.just_ids;
  const bool is_counted = !command.just_ids && !command.deliveries;
  for (const StreamId id : command.ids) {
    const auto found = of->pending.find(id);
    if (found != of->pending.end() && is_counted && exhausted(channel, found->second.deliveries)) continue;
    const auto entry = stream(channel)->entries.find(id);
    if (entry == stream(channel)->entries.end()) {
      of->pending.erase(id);
      continue;
    }
    const bool is_new = !of->pending.contains(id);
    if (is_new && !command.force) continue;
    ModelPending& pending = of->pending[id];
    if (is_new) pending.deliveries = 1;
    if (!pending.consumer.empty() && !idle(pending, command.min_idle_ms)) continue;
    own(pending, command.consumer, delivered_ms);
    if (command.deliveries) {
      pending.deliveries = *command.deliveries;
    } else if (!command.just_ids) {
      count_delivery(pending);
    }
    claimer.active_ms = now_ms_;
    command.just_ids ? give_id(claimed.given, id) : give(claimed.given, id, entry->second);
  }
  return answer_of(std::move(claimed));
}

DurableOutcome GroupModel::decide(const std::string& channel, const ClaimIdle& command) {
  ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  ModelConsumer& claimer = consumer(*of, command.consumer);
  ClaimedEntries claimed;
  std::uint64_t looks = command.count * 10;
  std::uint64_t left = command.count;
  auto each = of->pending.lower_bound(command.from);
  bool is_alone = false;
  for (; each != of->pending.end() && looks > 0 && left > 0 && !is_alone; --looks) {
    const StreamId id = each->first;
    const bool is_last = !command.just_ids && last_chance(channel, each->second.deliveries);
    if (is_last && idle(each->second, command.min_idle_ms) && left != command.count) break;
    const auto entry = stream(channel)->entries.find(id);
    const bool is_dying = !command.just_ids && exhausted(channel, each->second.deliveries);
    if (!is_dying && entry == stream(channel)->entries.end()) {
      claimed.gone.push_back(id);
      each = of->pending.erase(each);
      --left;
      continue;
    }
    ModelPending& pending = (each++)->second;
    if (is_dying || !idle(pending, command.min_idle_ms)) continue;
    own(pending, command.consumer, now_ms_);
    if (!command.just_ids) count_delivery(pending);
    claimer.active_ms = now_ms_;
    command.just_ids ? give_id(claimed.given, id) : give(claimed.given, id, entry->second);
    is_alone = is_last;
    --left;
  }
  if (each != of->pending.end()) claimed.next = each->first;
  return answer_of(std::move(claimed));
}

std::string GroupModel::death(const std::string& channel, const ReleaseEntries& command,
                              std::uint64_t deliveries) const {
  if (command.mode == ReleaseEntries::Mode::dead) return "operator";
  if (rule(channel) == nullptr) return "";
  const bool is_set = command.deliveries.has_value();
  if (command.mode == ReleaseEntries::Mode::fatal && !is_set) return "rejected";
  if (!exhausted(channel, deliveries_after(command, deliveries))) return "";
  return is_set ? "rejected" : "max-deliveries";
}

std::uint64_t GroupModel::delay(const std::string& channel, const ReleaseEntries& command,
                                std::uint64_t deliveries) const {
  if (command.delay_ms) return *command.delay_ms;
  if (rule(channel) == nullptr || command.mode != ReleaseEntries::Mode::fail) return 0;
  const auto& backoff = rule(channel)->backoff;
  if (backoff.empty()) return 0;
  const std::uint64_t failure = std::clamp<std::uint64_t>(deliveries, 1, backoff.size());
  return ms_of(backoff[failure - 1]);
}

DurableOutcome GroupModel::decide(const std::string& channel, const ReleaseEntries& command) {
  ModelGroup* const of = group(channel, command.group);
  if (of == nullptr) return GroupEdit::missing(channel, command.group);
  std::uint64_t count = 0;
  std::set<StreamId> dead;
  std::set<StreamId> given_back;
  for (const StreamId id : command.ids) {
    const bool is_there = of->pending.contains(id) || (command.force && stream(channel)->entries.contains(id));
    if (!is_there || dead.contains(id)) continue;
    ++count;
    ModelPending& pending = of->pending[id];
    if (const std::string reason = death(channel, command, pending.deliveries); !reason.empty()) {
      die(channel, command.group, id, reason, command.reason);
      dead.insert(id);
      continue;
    }
    const std::uint64_t delay_ms = delay(channel, command, pending.deliveries);
    pending.deliveries = deliveries_after(command, pending.deliveries);
    // One that is named twice is where it was named first.
    if (given_back.insert(id).second) give_back(*of, pending, delay_ms);
  }
  return counted(count);
}

}  // namespace respublica::test
