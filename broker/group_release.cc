#include "broker/group_release.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/dead_letters.h"
#include "broker/stream_batch.h"

namespace respublica {
namespace {

using Mode = ReleaseEntries::Mode;

/// What the count becomes.
std::uint64_t deliveries_after(const ReleaseEntries& command, std::uint64_t before) {
  if (command.deliveries) return *command.deliveries;
  if (command.mode == Mode::fatal) return kFatalDeliveries;
  if (command.mode == Mode::silent && before > 0 && before != kFatalDeliveries) return before - 1;
  return before;
}

/// None: it is pending on.
std::optional<DeathReason> death_of(const GroupRule& rule, const ReleaseEntries& command, std::uint64_t before) {
  if (command.mode == Mode::dead) return DeathReason::by_operator;
  const bool is_set = command.deliveries.has_value();
  if (command.mode == Mode::fatal && !is_set) return DeathReason::rejected;
  if (!rule.is_exhausted(to_deliveries(deliveries_after(command, before)))) return std::nullopt;
  return is_set ? DeathReason::rejected : DeathReason::max_deliveries;
}

/// What the entries of one XNACK become.
class Release {
 public:
  Release(GroupEdit& edit, const GroupEdit::Place& place, const ReleaseEntries& command)
      : edit_(edit),
        place_(place),
        command_(command),
        rule_(dying_by(edit.rule_of_failures(place.stream->name()), command)) {}

  Result<void> add(StreamId id) {
    if (dead_.contains(id)) return {};
    const PendingEntry* const pending = place_.group->pending().find(id);
    std::uint64_t before = pending == nullptr ? 0 : pending->deliveries;
    bool is_pending = pending != nullptr;
    // It is dead already: only a new count gives it another life.
    if (is_pending && pending->order.is_held() && !command_.deliveries) return {};
    if (const auto found = released_.find(id); found != released_.end()) {
      before = found->second.deliveries;
      is_pending = true;
    }
    if (!is_pending) {
      if (!command_.force) return {};
      const Result<bool> exists = edit_.read(*place_.stream, id, nullptr);
      if (!exists) return exists.error();
      if (!exists.value()) return {};
    }
    ++count_;
    if (rule_ != nullptr) {
      if (const std::optional<DeathReason> reason = death_of(*rule_, command_, before)) return die(id, *reason);
    }
    if (!released_.contains(id)) order_.push_back(id);
    released_[id] = {deliveries_after(command_, before), due_ms(before)};
    return {};
  }

  DurableOutcome finish() {
    if (count_ == 0) return {};
    std::map<std::uint64_t, GroupRecord> records;
    for (const StreamId id : order_) {
      const auto found = released_.find(id);
      if (found == released_.end()) continue;
      GroupRecord& record = records[found->second.due_ms];
      record.kind = GroupRecord::Kind::give_back;
      record.time_ms = found->second.due_ms;
      record.entries.push_back({to_entry_key(id), found->second.deliveries});
    }
    for (auto& [due_ms, record] : records) edit_.change(place_, std::move(record));
    edit_.batch().wake(place_.stream->name());
    return counted(count_);
  }

 private:
  struct Released {
    std::uint64_t deliveries = 0;
    /// 0 = at once.
    std::uint64_t due_ms = 0;
  };

  Result<void> die(StreamId id, DeathReason reason) {
    if (place_.group->pending().find(id) == nullptr) {
      GroupRecord record;
      record.kind = GroupRecord::Kind::give_back;
      record.entries = {{to_entry_key(id), 0}};
      edit_.change(place_, std::move(record));
    }
    dead_.insert(id);
    released_.erase(id);
    return bury(edit_, place_, id, *rule_, reason, command_.reason);
  }

  std::uint64_t due_ms(std::uint64_t deliveries) const {
    std::uint64_t delay = command_.delay_ms.value_or(0);
    if (!command_.delay_ms && rule_ != nullptr && command_.mode == Mode::fail) {
      delay = static_cast<std::uint64_t>(rule_->retry_delay(to_deliveries(deliveries)).count());
    }
    return delay == 0 ? 0 : edit_.now_ms() + delay;
  }

  GroupEdit& edit_;
  const GroupEdit::Place place_;
  const ReleaseEntries& command_;
  const GroupRule* const rule_;
  std::map<StreamId, Released> released_;
  std::set<StreamId> dead_;
  /// Those of released_, in the order in which they were given back; some may be dead.
  std::vector<StreamId> order_;
  std::uint64_t count_ = 0;
};

}  // namespace

const GroupRule* dying_by(const GroupRule* rule, const ReleaseEntries& command) {
  static const GroupRule kUsual;
  return rule == nullptr && command.mode == Mode::dead ? &kUsual : rule;
}

std::vector<StreamId> may_die(const ConsumerGroup& group, const GroupRule& rule, const ReleaseEntries& command) {
  std::vector<StreamId> ids;
  for (const StreamId id : command.ids) {
    const PendingEntry* const pending = group.pending().find(id);
    if (pending == nullptr && !command.force) continue;
    if (death_of(rule, command, pending == nullptr ? 0 : pending->deliveries)) ids.push_back(id);
  }
  return ids;
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ReleaseEntries& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return GroupEdit::missing(channel, command.group);
  Release release(edit, place, command);
  for (const StreamId id : command.ids) {
    const Result<void> added = release.add(id);
    if (!added) return refused(Refusal::log_unreadable, added.error().message);
  }
  return release.finish();
}

}  // namespace respublica
