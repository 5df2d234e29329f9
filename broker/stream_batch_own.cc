#include <utility>

#include "broker/stream_batch.h"

// What a batch adds without being asked.

namespace respublica {

bool StreamBatch::append_own(std::string channel, std::string fields) {
  AppendEntry append;
  append.fields = std::move(fields);
  if (const DurableRule* const rule = rules_ == nullptr ? nullptr : rules_->find(channel)) {
    append.live = AppendEntry::Live::deliver;
    append.limits = rule->limits();
  }
  const DurableCommand& command = own_.emplace_back(DurableCommand{std::move(channel), std::move(append)});
  const std::size_t live = live_.size();
  const DurableOutcome outcome = run(command.channel, std::get<AppendEntry>(command.change));
  if (live_.size() > live) live_.back().command = kNoCommand;
  return outcome.refusal == Refusal::none;
}

void StreamBatch::tell(std::string channel, std::string fields) {
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

const GroupRule* StreamBatch::rule_of(std::string_view channel) const {
  const DurableRule* const rule = rules_ == nullptr ? nullptr : rules_->find(channel);
  return rule == nullptr ? nullptr : &rule->groups;
}

}  // namespace respublica
