#include <utility>

#include "broker/stream_batch.h"

// What a batch adds without being asked.

namespace respublica {

DurableOutcome StreamBatch::append_own(std::string channel, AppendEntry entry) {
  const DurableCommand& command = own_.emplace_back(DurableCommand{std::move(channel), std::move(entry)});
  const std::size_t begin = live_.size();
  DurableOutcome outcome = run(command.channel, std::get<AppendEntry>(command.change));
  for (std::size_t i = begin; i < live_.size(); ++i) live_[i].command = kNoCommand;
  return outcome;
}

bool StreamBatch::append_own(std::string channel, std::string fields) {
  AppendEntry entry;
  entry.fields = std::move(fields);
  if (const DurableRule* const rule = durable_rule_of(channel)) {
    entry.live = AppendEntry::Live::deliver;
    entry.limits = rule->limits();
    entry.timing.ttl_ms = entry_rule_of(channel).own_ttl_ms(entry.fields);
  }
  return append_own(std::move(channel), std::move(entry)).refusal == Refusal::none;
}

bool StreamBatch::has_ids_left(std::string_view channel, std::uint64_t entries) {
  const Stream* const stream = find(channel);
  if (stream == nullptr || stream->last_id().ms < kMaxStreamId.ms) return true;
  return kMaxStreamId.seq - stream->last_id().seq >= entries;
}

void StreamBatch::announce(std::string channel, std::string fields) {
  AppendEntry message;
  message.fields = std::move(fields);
  const DurableCommand& command = own_.emplace_back(DurableCommand{std::move(channel), std::move(message)});
  live_.push_back({command.channel, {}, std::get<AppendEntry>(command.change).fields, kNoCommand});
}

std::vector<std::string_view> StreamBatch::own_channels() const {
  std::vector<std::string_view> channels;
  for (const DurableCommand& command : own_) channels.emplace_back(command.channel);
  return channels;
}

const DurableRule* StreamBatch::durable_rule_of(std::string_view channel) const {
  return rules_ == nullptr ? nullptr : rules_->find(channel);
}

EntryRule StreamBatch::entry_rule_of(std::string_view channel) const {
  const DurableRule* const rule = durable_rule_of(channel);
  return rule == nullptr ? EntryRule() : rules_->entries_of(*rule, channel);
}

const GroupRule* StreamBatch::rule_of(std::string_view channel) const {
  const DurableRule* const rule = durable_rule_of(channel);
  return rule == nullptr ? nullptr : &rule->groups;
}

}  // namespace respublica
