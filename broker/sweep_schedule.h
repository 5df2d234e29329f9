#pragma once
// When which consumer group is to be swept.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/consumer_group.h"
#include "broker/durable_command.h"
#include "broker/durable_rules.h"
#include "broker/group_edit.h"
#include "broker/group_table.h"
#include "broker/stream_table.h"

namespace respublica {

/// Knows for each group of a channel with a rule, and for each that delays entries, when the next entry is due. An
/// entry is looked at once for each time that it is delivered: a million that are not due cost nothing.
///
/// Thread: the sequencer.
class SweepSchedule {
 public:
  /// Looks at all groups anew: at start, and when the rules have changed.
  void plan_all(const StreamTable& streams, GroupTable& groups, const DurableRules& rules);
  void plan(const TouchedGroup& touched, const StreamTable& streams, GroupTable& groups, const DurableRules& rules);

  /// When the next group is due, milliseconds since 1970; none = never.
  std::optional<std::uint64_t> next() const;
  /// The sweeps that are due, at most `most`. Each is to be reported with swept().
  std::vector<DurableCommand> due(std::uint64_t now_ms, std::size_t most);
  /// The group has been looked at as `sweep` said; `is_done` = up to its time.
  enum class Done : std::uint8_t { all, part };
  void swept(const DurableCommand& sweep, Done done, const StreamTable& streams, GroupTable& groups,
             const DurableRules& rules);
  /// It could not be done, and is not tried again before then, milliseconds since 1970.
  void put_off(const DurableCommand& sweep, std::uint64_t until_ms);

 private:
  /// Of the channel, and of the group.
  using Name = std::pair<std::string, std::string>;
  struct Plan {
    /// Entries before it have been looked at, by their order.
    ClaimOrder from;
    std::optional<std::uint64_t> due_ms;
    /// It is not due before.
    std::uint64_t not_before_ms = 0;
  };

  void set_due(const Name& name, Plan& plan, std::optional<std::uint64_t> due_ms);
  void forget(const Name& name);

  std::map<Name, Plan> plans_;
  std::set<std::pair<std::uint64_t, Name>> by_time_;
};

}  // namespace respublica
