#include "broker/durable_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "broker/glob_pattern.h"

namespace respublica {
namespace {

constexpr std::uint64_t kMostDeliveries = 1000;
constexpr auto kMaxNumber = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

bool equal_in_any_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// From the smallest on; the first one is the unit of what no other divides.
constexpr std::array<Unit, 1> kEntries{{{"", 1}}};
constexpr std::array<Unit, 5> kDurations{
    {{"ms", 1}, {"s", 1000}, {"m", 60ULL * 1000}, {"h", 3600ULL * 1000}, {"d", 24 * 3600ULL * 1000}}};
constexpr std::array<Unit, 5> kSizes{{{"", 1}, {"b", 1}, {"kb", 1ULL << 10}, {"mb", 1ULL << 20}, {"gb", 1ULL << 30}}};

/// Digits and a unit, from 1 to 2^63-1 in the smallest unit; nothing otherwise.
std::optional<std::uint64_t> parse_number(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || number == 0) return std::nullopt;
  const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto unit =
      std::ranges::find_if(units, [&](const Unit& each) { return equal_in_any_case(each.name, unit_name); });
  if (unit == units.end() || number > kMaxNumber / unit->factor) return std::nullopt;
  return number * unit->factor;
}

std::string format_number(std::uint64_t number, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (unit.factor > best->factor && number % unit.factor == 0) best = &unit;
  }
  return std::to_string(number / best->factor) + std::string(best->name);
}

/// One option: how its value is read (false: it is wrong) and written (empty: at its default).
struct Option {
  std::string_view name;
  std::string_view values;
  bool (*read)(DurableRule& rule, std::string_view value);
  std::string (*write)(const DurableRule& rule);
};

template <typename Rule, typename Value>
auto& member(Rule& rule, Value DurableRule::*of) {
  return rule.*of;
}
template <typename Rule, typename Value>
auto& member(Rule& rule, Value GroupRule::*of) {
  return rule.groups.*of;
}
template <typename Rule, typename Value>
auto& member(Rule& rule, Value EntryRule::*of) {
  return rule.entries.*of;
}

/// A yes or no of the rule, which is no by itself.
template <auto kMember>
bool read_switch(DurableRule& rule, std::string_view value) {
  bool& is_on = member(rule, kMember);
  is_on = equal_in_any_case(value, "yes");
  return is_on || equal_in_any_case(value, "no");
}

template <auto kMember>
std::string write_switch(const DurableRule& rule) {
  return member(rule, kMember) ? "yes" : "";
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format_number(static_cast<std::uint64_t>(duration.count()), kDurations);
}

template <auto kMember>
bool read_duration(DurableRule& rule, std::string_view value) {
  const std::optional<std::chrono::milliseconds> duration = parse_duration(value);
  if (duration) member(rule, kMember) = *duration;
  return duration.has_value();
}

template <auto kMember>
std::string write_duration(const DurableRule& rule) {
  const DurableRule usual;
  return member(rule, kMember) == member(usual, kMember) ? "" : format_duration(member(rule, kMember));
}

bool read_maxlen(DurableRule& rule, std::string_view value) {
  rule.maxlen = parse_number(value, kEntries);
  return rule.maxlen.has_value();
}

std::string write_maxlen(const DurableRule& rule) { return rule.maxlen ? format_number(*rule.maxlen, kEntries) : ""; }

bool read_maxage(DurableRule& rule, std::string_view value) {
  rule.maxage = parse_duration(value);
  return rule.maxage.has_value();
}

std::string write_maxage(const DurableRule& rule) {
  return rule.maxage ? format_number(static_cast<std::uint64_t>(rule.maxage->count()), kDurations) : "";
}

bool read_maxbytes(DurableRule& rule, std::string_view value) {
  rule.maxbytes = parse_number(value, kSizes);
  return rule.maxbytes.has_value();
}

std::string write_maxbytes(const DurableRule& rule) {
  return rule.maxbytes ? format_number(*rule.maxbytes, kSizes) : "";
}

bool read_max_deliveries(DurableRule& rule, std::string_view value) {
  const std::optional<std::uint64_t> number = value == "0" ? 0 : parse_number(value, kEntries);
  if (!number || *number > kMostDeliveries) return false;
  rule.groups.max_deliveries = *number;
  return true;
}

std::string write_max_deliveries(const DurableRule& rule) {
  return rule.groups.max_deliveries == GroupRule().max_deliveries ? "" : std::to_string(rule.groups.max_deliveries);
}

bool read_backoff(DurableRule& rule, std::string_view value) {
  rule.groups.backoff.clear();
  if (value == "0") return true;
  while (true) {
    const std::size_t comma = value.find(',');
    const std::optional<std::chrono::milliseconds> delay = parse_duration(value.substr(0, comma));
    if (!delay) return false;
    rule.groups.backoff.push_back(*delay);
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

std::string write_backoff(const DurableRule& rule) {
  if (rule.groups.backoff == GroupRule().backoff) return "";
  if (rule.groups.backoff.empty()) return "0";
  std::string text;
  for (const std::chrono::milliseconds delay : rule.groups.backoff) {
    text += (text.empty() ? "" : ",") + format_duration(delay);
  }
  return text;
}

bool read_dlq(DurableRule& rule, std::string_view value) {
  rule.groups.dlq = value;
  // A name that is all made of the channel's and the group's would take in channels that have no dead letters.
  const std::string pattern = rule.groups.dlq_pattern();
  return !value.starts_with('$') && pattern.find_first_not_of('*') != std::string::npos;
}

std::string write_dlq(const DurableRule& rule) { return rule.groups.dlq == GroupRule().dlq ? "" : rule.groups.dlq; }

bool read_order_by(DurableRule& rule, std::string_view value) {
  rule.groups.order_by = value;
  return !value.empty();
}

std::string write_order_by(const DurableRule& rule) { return rule.groups.order_by; }

bool read_on_dead(DurableRule& rule, std::string_view value) {
  const bool holds = equal_in_any_case(value, "hold");
  rule.groups.on_dead = holds ? GroupRule::OnDead::hold : GroupRule::OnDead::skip;
  return holds || equal_in_any_case(value, "skip");
}

std::string write_on_dead(const DurableRule& rule) {
  return rule.groups.on_dead == GroupRule::OnDead::hold ? "hold" : "";
}

constexpr std::array<Option, 17> kOptions{{
    {"maxlen", "a number of entries, at least 1", read_maxlen, write_maxlen},
    {"maxage", "a duration of at least 1ms, with ms, s, m, h or d", read_maxage, write_maxage},
    {"maxbytes", "a size of at least 1b, with b, kb, mb, gb or nothing", read_maxbytes, write_maxbytes},
    {"append-only", "'yes' or 'no'", read_switch<&DurableRule::append_only>, write_switch<&DurableRule::append_only>},
    {"max-deliveries", "a number from 0 (any number of deliveries) to 1000", read_max_deliveries, write_max_deliveries},
    {"ack-wait", "a duration of at least 1ms, with ms, s, m, h or d", read_duration<&GroupRule::ack_wait>,
     write_duration<&GroupRule::ack_wait>},
    {"backoff", "durations joined by commas, or 0", read_backoff, write_backoff},
    {"redeliver", "'yes' or 'no'", read_switch<&GroupRule::redeliver>, write_switch<&GroupRule::redeliver>},
    {"dlq", "the name of a channel, which does not begin with '$' and is more than %channel and %group", read_dlq,
     write_dlq},
    {"consumer-timeout", "a duration of at least 1ms, with ms, s, m, h or d",
     read_duration<&GroupRule::consumer_timeout>, write_duration<&GroupRule::consumer_timeout>},
    {"dlq-undelivered", "'yes' or 'no'", read_switch<&GroupRule::dlq_undelivered>,
     write_switch<&GroupRule::dlq_undelivered>},
    {"dlq-trimmed", "'yes' or 'no'", read_switch<&GroupRule::dlq_trimmed>, write_switch<&GroupRule::dlq_trimmed>},
    {"order-by", "the name of a field", read_order_by, write_order_by},
    {"on-dead", "'skip' or 'hold'", read_on_dead, write_on_dead},
    {"ttl", "a duration of at least 1ms, with ms, s, m, h or d", read_duration<&EntryRule::ttl>,
     write_duration<&EntryRule::ttl>},
    {"entry-ttl", "'yes' or 'no'", read_switch<&EntryRule::entry_ttl>, write_switch<&EntryRule::entry_ttl>},
    {"delayed", "'yes' or 'no'", read_switch<&EntryRule::delayed>, write_switch<&EntryRule::delayed>},
}};

/// The rule of channels of dead letters that no other matches.
DurableRule unlimited_dlq(std::string dlq) {
  DurableRule rule;
  rule.groups.dlq = std::move(dlq);
  rule.groups.max_deliveries = 0;
  rule.pattern = rule.groups.dlq_pattern();
  return rule;
}

Error unknown_option(std::string_view name) {
  std::string known;
  for (const Option& option : kOptions) known += (known.empty() ? "" : ", ") + std::string(option.name);
  return Error{"unknown option '" + std::string(name) + "' of a durable rule, there are: " + known};
}

}  // namespace

StreamLimits DurableRule::limits() const {
  return {maxlen.value_or(0), maxbytes.value_or(0),
          static_cast<std::uint64_t>(maxage.value_or(std::chrono::milliseconds{}).count())};
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const std::optional<std::uint64_t> number = parse_number(text, kDurations);
  if (!number) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
}

std::vector<std::string> DurableRule::words() const {
  std::vector<std::string> words{pattern};
  for (const Option& option : kOptions) {
    std::string value = option.write(*this);
    if (value.empty()) continue;
    words.emplace_back(option.name);
    words.push_back(std::move(value));
  }
  return words;
}

Result<DurableRule> parse_durable_rule(std::span<const std::string> words) {
  if (words.empty() || words.front().empty()) return Error{"a durable rule begins with a pattern"};
  if (words.front().starts_with('$')) {
    return Error{"a durable rule's pattern cannot begin with '$': such names are the broker's own"};
  }
  DurableRule rule;
  rule.pattern = words.front();
  std::bitset<kOptions.size()> seen;
  for (std::size_t i = 1; i < words.size(); i += 2) {
    const auto* option =
        std::ranges::find_if(kOptions, [&](const Option& each) { return equal_in_any_case(each.name, words[i]); });
    if (option == kOptions.end()) return unknown_option(words[i]);
    const std::string name(option->name);
    const auto index = static_cast<std::size_t>(option - kOptions.begin());
    if (seen[index]) return Error{name + " is there twice in one durable rule"};
    seen.set(index);
    if (i + 1 == words.size() || !option->read(rule, words[i + 1])) {
      return Error{name + " must be " + std::string(option->values)};
    }
  }
  return rule;
}

void DurableRules::Index::add(std::size_t rule, std::string_view pattern) {
  GlobLiterals literals = glob_literals(pattern);
  if (literals.prefix.empty()) {
    first_bytes.set();
  } else {
    first_bytes.set(static_cast<std::uint8_t>(literals.prefix.front()));
  }
  candidates.push_back({rule, std::move(literals.prefix), std::move(literals.suffix)});
}

const DurableRule* DurableRules::Index::find(const std::vector<DurableRule>& rules, std::string_view channel) const {
  if (channel.empty() || channel.front() == '$') return nullptr;
  if (!first_bytes[static_cast<std::uint8_t>(channel.front())]) return nullptr;
  for (const Candidate& candidate : candidates) {
    if (!channel.starts_with(candidate.prefix) || !channel.ends_with(candidate.suffix)) continue;
    const DurableRule& rule = rules[candidate.rule];
    if (glob_match(rule.pattern, channel)) return &rule;
  }
  return nullptr;
}

void DurableRules::add(DurableRule rule) {
  std::erase_if(rules_, [&](const DurableRule& other) { return other.pattern == rule.pattern; });
  rules_.push_back(std::move(rule));
  index_ = {};
  for (std::size_t i = rules_.size(); i-- > 0;) index_.add(i, rules_[i].pattern);
  std::ranges::stable_sort(index_.candidates, std::ranges::greater(),
                           [&](const Candidate& candidate) { return rules_[candidate.rule].pattern.size(); });
  dlq_rules_ = {unlimited_dlq(GroupRule().dlq)};
  for (const DurableRule& each : rules_) {
    DurableRule dlq = unlimited_dlq(each.groups.dlq);
    if (std::ranges::find(dlq_rules_, dlq.pattern, &DurableRule::pattern) == dlq_rules_.end()) {
      dlq_rules_.push_back(std::move(dlq));
    }
  }
  dlq_index_ = {};
  for (std::size_t i = 0; i < dlq_rules_.size(); ++i) dlq_index_.add(i, dlq_rules_[i].pattern);
}

const DurableRule* DurableRules::find(std::string_view channel) const {
  const DurableRule* const found = index_.find(rules_, channel);
  return found != nullptr ? found : dlq_index_.find(dlq_rules_, channel);
}

bool DurableRules::is_dlq(std::string_view channel) const { return dlq_index_.find(dlq_rules_, channel) != nullptr; }

EntryRule DurableRules::entries_of(const DurableRule& rule, std::string_view channel) const {
  EntryRule entries = rule.entries;
  entries.ignores_fields = (entries.may_expire() || entries.delayed) && is_dlq(channel);
  return entries;
}

}  // namespace respublica
