#pragma once
// When rules act on channels, though nobody asks for anything.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/durable_command.h"
#include "broker/durable_rules.h"
#include "broker/expiry_queue.h"
#include "broker/group_table.h"
#include "broker/stream_table.h"
#include "broker/waiting_reads.h"

namespace respublica {

/// What rules act on, as it is at the moment.
struct RuleScene {
  const StreamTable& streams;
  GroupTable& groups;
  const DurableRules& rules;
  const WaitingReads& waiting;
};

/// Knows one time for each channel and option, none later than what it is for. Consumers that go on asking cost a look
/// at the consumers of their channel in each `consumer-timeout`; entries that are younger than their `ttl`, nothing.
///
/// Thread: the sequencer.
class RuleTimes {
 public:
  /// A start does not know who asked for something before it: nobody counts as silent since before then.
  void start(std::uint64_t now_ms) { start_ms_ = now_ms; }
  /// Looks at all channels anew: at start, and when the rules have changed.
  void plan_all(const RuleScene& scene);
  /// A group of the channel has got a consumer.
  void joined(const std::string& channel, std::uint64_t now_ms, const DurableRules& rules);
  /// The stream is as a commit has left it; null: it is gone.
  void changed(const std::string& channel, const Stream* stream, std::uint64_t now_ms, const RuleScene& scene);
  /// A read has waited until now, and got nothing: its consumer was there.
  static void waited(const DurableCommand& read, std::uint64_t now_ms, const RuleScene& scene);
  /// The limits of the channel's rule are to take something off, and it may become dead letters.
  void trim(const std::string& channel, std::uint64_t now_ms) { beyond_.set(channel, now_ms); }

  /// When the next channel is due, milliseconds since 1970; none = never.
  std::optional<std::uint64_t> next() const;
  /// What is due, up to a bound. Each is to be reported with acted().
  std::vector<DurableCommand> due(std::uint64_t now_ms, const RuleScene& scene) const;
  void acted(const DurableCommand& command, const DurableOutcome& outcome, std::uint64_t now_ms,
             const RuleScene& scene);
  /// It could not be done, and is tried again then, milliseconds since 1970; or when the channel has changed.
  void put_off(const DurableCommand& command, std::uint64_t until_ms);

 private:
  void plan_consumers(const std::string& channel, std::uint64_t now_ms, const RuleScene& scene);
  void plan_oldest(const Stream& stream, const EntryRule& rule);

  std::uint64_t start_ms_ = 0;
  /// Some rule is about the entries of its channels, beside their number.
  bool looks_at_entries_ = false;
  /// Channels by the time at which a consumer may have been silent for too long, at which the oldest entry may be too
  /// old, and those that are beyond their limits.
  ExpiryQueue silent_;
  ExpiryQueue expiring_;
  ExpiryQueue beyond_;
};

}  // namespace respublica
