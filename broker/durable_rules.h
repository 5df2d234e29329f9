#pragma once
// Which channels are durable, and how much of them is kept: the rules `durable PATTERN [option value]...`.

#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/entry_rule.h"
#include "broker/group_rule.h"
#include "broker/stream_request.h"

namespace respublica {

/// One rule. What is absent is not limited.
struct DurableRule {
  /// A glob (glob_pattern.h), not empty; its first byte is not `$`.
  std::string pattern;
  /// The number of entries that a channel keeps, at least 1.
  std::optional<std::uint64_t> maxlen;
  /// How old an entry becomes, at least 1 ms.
  std::optional<std::chrono::milliseconds> maxage;
  /// The size of the entries that a channel keeps, at least 1.
  std::optional<std::uint64_t> maxbytes;
  /// Clients may neither delete nor trim entries.
  bool append_only = false;
  GroupRule groups = {};
  EntryRule entries = {};

  bool operator==(const DurableRule&) const = default;

  StreamLimits limits() const;
  /// The words that parse_durable_rule() reads this rule from: the pattern, then the options that are not at their
  /// default, in a fixed order, numbers with the largest unit that divides them.
  std::vector<std::string> words() const;
};

/// Reads a pattern and its options: `maxlen N`, `maxage N(ms|s|m|h|d)`, `maxbytes N[b|kb|mb|gb]` (1kb = 1024),
/// `append-only yes|no`, `max-deliveries N` (0 = any number), `ack-wait DURATION`, `backoff DURATION[,DURATION]...` or
/// `backoff 0`, `redeliver yes|no`, `dlq CHANNEL`, `consumer-timeout DURATION`,
/// `dlq-undelivered`, `dlq-trimmed`, `entry-ttl` and `delayed` `yes|no`, `ttl DURATION`, `order-by FIELD` and `on-dead
/// skip|hold`, each once. Options and units may be in any case.
Result<DurableRule> parse_durable_rule(std::span<const std::string> words);

/// `N(ms|s|m|h|d)`, in any case, from 1 ms on; nothing otherwise.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// All rules.
///
/// Thread: any, immutable once shared.
class DurableRules {
 public:
  /// Adds a rule behind the others. It takes the place of one with the same pattern.
  void add(DurableRule rule);
  void clear() { *this = {}; }

  /// In the order in which they were added.
  const std::vector<DurableRule>& all() const { return rules_; }

  /// The rule of a channel, or null: of those whose patterns match, the one with the longest pattern (in bytes), the
  /// later of two equally long ones. A channel of dead letters that none matches has one without any limits, whose
  /// pattern is that of such channels. Names that begin with `$` are the broker's own and match none. The rule lives as
  /// long as this object is neither changed nor destroyed.
  const DurableRule* find(std::string_view channel) const;
  /// Dead letters of some rule may go to the channel: what dies there stays where it is. `dlq` is such a channel as
  /// soon as there is a rule.
  bool is_dlq(std::string_view channel) const;
  /// What `rule`, which is that of the channel, says of its entries' time.
  EntryRule entries_of(const DurableRule& rule, std::string_view channel) const;

  bool operator==(const DurableRules& other) const { return rules_ == other.rules_; }

 private:
  /// A rule as find() looks at it: the literals refuse nearly all channels that the pattern does not match.
  struct Candidate {
    std::size_t rule;
    std::string prefix;
    std::string suffix;
  };

  /// Rules, and how find() looks at them.
  struct Index {
    std::vector<Candidate> candidates;
    /// The first bytes of all channels that some rule may match.
    std::bitset<256> first_bytes;

    void add(std::size_t rule, std::string_view pattern);
    /// The first candidate whose pattern matches, or null.
    const DurableRule* find(const std::vector<DurableRule>& rules, std::string_view channel) const;
  };

  std::vector<DurableRule> rules_;
  /// The longest pattern first, the later of two equally long ones first.
  Index index_;
  /// Of the channels of dead letters, each pattern once.
  std::vector<DurableRule> dlq_rules_;
  Index dlq_index_;
};

}  // namespace respublica
