#include "broker/rule_times.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "broker/stream_trim.h"

namespace respublica {
namespace {

/// Channels that are changed with one frame; of those whose entries become dead letters, few.
constexpr std::size_t kSilentChannels = 64;
constexpr std::size_t kChannelsWithLetters = 4;

/// 0 = never.
std::uint64_t consumer_timeout(const DurableRules& rules, std::string_view channel) {
  const DurableRule* const rule = rules.find(channel);
  return rule == nullptr ? 0 : static_cast<std::uint64_t>(rule->groups.consumer_timeout.count());
}

/// When an entry is too old; none = never.
std::optional<std::uint64_t> time_after(StreamId id, const EntryRule& rule) {
  const auto ttl = static_cast<std::uint64_t>(rule.ttl.count());
  if (ttl == 0 || id.ms > UINT64_MAX - ttl) return std::nullopt;
  return id.ms + ttl;
}

}  // namespace

void RuleTimes::plan_all(const RuleScene& scene) {
  silent_ = {};
  expiring_ = {};
  beyond_ = {};
  looks_at_entries_ = std::ranges::any_of(scene.rules.all(), [](const DurableRule& rule) {
    return rule.entries.ttl.count() != 0 || rule.groups.dlq_trimmed;
  });
  for (std::size_t part = 0; part < StreamTable::kParts; ++part) {
    for (const auto& stream : scene.streams.part(part)) {
      plan_consumers(stream->name(), start_ms_, scene);
      changed(stream->name(), stream.get(), start_ms_, scene);
    }
  }
}

void RuleTimes::joined(const std::string& channel, std::uint64_t now_ms, const DurableRules& rules) {
  const std::uint64_t timeout = consumer_timeout(rules, channel);
  if (timeout != 0 && !silent_.has(channel)) silent_.set(channel, now_ms + timeout);
}

void RuleTimes::changed(const std::string& channel, const Stream* stream, std::uint64_t now_ms,
                        const RuleScene& scene) {
  if (!looks_at_entries_) return;
  const DurableRule* const rule = stream == nullptr ? nullptr : scene.rules.find(channel);
  if (rule == nullptr || stream->length() == 0) {
    expiring_.set(channel, std::nullopt);
    beyond_.set(channel, std::nullopt);
    return;
  }
  plan_oldest(*stream, rule->entries);
  const bool makes_letters = rule->groups.dlq_trimmed && scene.groups.find(stream->number()) != nullptr;
  if (makes_letters && may_be_beyond(*stream, rule->limits(), {})) trim(channel, now_ms);
}

void RuleTimes::plan_oldest(const Stream& stream, const EntryRule& rule) {
  if (rule.ttl.count() == 0) return;
  const StreamWindow& window = stream.windows()[0];
  // The first entry of the window may be gone: then it is known from the look before.
  if (window.deleted && expiring_.has(stream.name())) return;
  expiring_.set(stream.name(), time_after(std::max(window.first, stream.floor()), rule));
}

void RuleTimes::waited(const DurableCommand& read, std::uint64_t now_ms, const RuleScene& scene) {
  const auto& command = std::get<ReadGroup>(read.change);
  for (const ReadGroup::Place& place : command.places) {
    const auto stream = consumer_timeout(scene.rules, place.channel) == 0 ? nullptr : scene.streams.find(place.channel);
    ConsumerGroup* const group = stream == nullptr ? nullptr : scene.groups.find(stream->number(), command.group);
    const Consumer* const consumer = group == nullptr ? nullptr : group->find_consumer(command.consumer);
    if (consumer != nullptr) group->saw(*consumer, now_ms);
  }
}

std::optional<std::uint64_t> RuleTimes::next() const {
  std::optional<std::uint64_t> next;
  for (const ExpiryQueue* const queue : {&silent_, &expiring_, &beyond_}) {
    const std::optional<std::uint64_t> of_queue = queue->next();
    if (of_queue) next = next ? std::min(*next, *of_queue) : of_queue;
  }
  return next;
}

std::vector<DurableCommand> RuleTimes::due(std::uint64_t now_ms, const RuleScene& scene) const {
  std::vector<DurableCommand> commands;
  for (const std::string& channel : silent_.due(now_ms, kSilentChannels)) {
    const std::uint64_t timeout = consumer_timeout(scene.rules, channel);
    commands.push_back({channel, DropSilent{now_ms - std::min(now_ms, timeout), scene.waiting.consumers(channel)}});
  }
  for (const std::string& channel : expiring_.due(now_ms, kChannelsWithLetters)) {
    commands.push_back({channel, ExpireEntries{now_ms}});
  }
  for (const std::string& channel : beyond_.due(now_ms, kChannelsWithLetters)) {
    // What both take off is of one frame only, so that its size is known before.
    const auto is_same = [&channel](const DurableCommand& command) {
      return command.channel == channel && std::holds_alternative<ExpireEntries>(command.change);
    };
    if (std::ranges::any_of(commands, is_same)) continue;
    const DurableRule* const rule = scene.rules.find(channel);
    commands.push_back({channel, LimitStream{rule == nullptr ? StreamLimits() : rule->limits()}});
  }
  return commands;
}

void RuleTimes::acted(const DurableCommand& command, const DurableOutcome& outcome, std::uint64_t now_ms,
                      const RuleScene& scene) {
  const std::string& channel = command.channel;
  if (std::holds_alternative<ExpireEntries>(command.change)) {
    const DurableRule* const rule = outcome.id ? scene.rules.find(channel) : nullptr;
    expiring_.set(channel, rule == nullptr ? std::nullopt : time_after(*outcome.id, rule->entries));
  } else if (outcome.count == 0) {
    // There is no more.
    if (std::holds_alternative<LimitStream>(command.change)) beyond_.set(channel, std::nullopt);
    if (std::holds_alternative<DropSilent>(command.change)) plan_consumers(channel, now_ms, scene);
  }
}

void RuleTimes::put_off(const DurableCommand& command, std::uint64_t until_ms) {
  ExpiryQueue* queue = &beyond_;
  if (std::holds_alternative<DropSilent>(command.change)) queue = &silent_;
  if (std::holds_alternative<ExpireEntries>(command.change)) queue = &expiring_;
  if (queue->has(command.channel)) queue->set(command.channel, until_ms);
}

void RuleTimes::plan_consumers(const std::string& channel, std::uint64_t now_ms, const RuleScene& scene) {
  silent_.set(channel, std::nullopt);
  const std::uint64_t timeout = consumer_timeout(scene.rules, channel);
  const auto stream = timeout == 0 ? nullptr : scene.streams.find(channel);
  const StreamGroups* const groups = stream == nullptr ? nullptr : scene.groups.find(stream->number());
  if (groups == nullptr) return;
  std::set<std::pair<std::string, std::string>> waiting;
  for (DropSilent::Waiting& one : scene.waiting.consumers(channel)) {
    waiting.emplace(std::move(one.group), std::move(one.consumer));
  }
  std::optional<std::uint64_t> seen_ms;
  for (const auto& [group_name, group] : groups->all()) {
    for (const auto& [name, consumer] : group.consumers()) {
      const std::uint64_t ms = waiting.contains({group_name, name}) ? now_ms : std::max(consumer.seen_ms, start_ms_);
      seen_ms = seen_ms ? std::min(*seen_ms, ms) : ms;
    }
  }
  if (seen_ms) silent_.set(channel, *seen_ms + timeout);
}

}  // namespace respublica
