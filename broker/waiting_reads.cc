#include "broker/waiting_reads.h"

namespace respublica {

void WaitingReads::add(Read read) {
  const Number number = next_++;
  const auto& command = std::get<ReadGroup>(read.command.change);
  for (const ReadGroup::Place& place : command.places) {
    Channel& channel = by_channel_[place.channel];
    Group& group = channel.groups[command.group];
    if (!group.all.insert(number).second) continue;
    if (command.claim_idle_ms) group.claiming.insert(number);
    ++channel.size.reads;
    channel.size.name_bytes += command.consumer.size();
  }
  by_wait_[read.wait.get()] = number;
  if (read.wait->deadline()) by_deadline_.emplace(*read.wait->deadline(), number);
  reads_.emplace(number, std::move(read));
}

std::vector<std::string> WaitingReads::groups(std::string_view channel) const {
  std::vector<std::string> names;
  if (const auto found = by_channel_.find(channel); found != by_channel_.end()) {
    for (const auto& [name, group] : found->second.groups) names.push_back(name);
  }
  return names;
}

const WaitingReads::Group* WaitingReads::find_group(std::string_view channel, std::string_view group) const {
  const auto found = by_channel_.find(channel);
  if (found == by_channel_.end()) return nullptr;
  const auto named = found->second.groups.find(group);
  return named == found->second.groups.end() ? nullptr : &named->second;
}

std::vector<WaitingReads::Number> WaitingReads::find(std::string_view channel, std::string_view group) const {
  const Group* const found = find_group(channel, group);
  if (found == nullptr) return {};
  return {found->all.begin(), found->all.end()};
}

std::optional<WaitingReads::Number> WaitingReads::next(std::string_view channel, std::string_view group, Number from,
                                                       Which which) const {
  const Group* const found = find_group(channel, group);
  if (found == nullptr) return std::nullopt;
  const std::set<Number>& reads = found->reads(which);
  const auto next = reads.lower_bound(from);
  if (next == reads.end()) return std::nullopt;
  return *next;
}

WaitingReads::Size WaitingReads::size(std::string_view channel) const {
  const auto found = by_channel_.find(channel);
  return found == by_channel_.end() ? Size() : found->second.size;
}

std::vector<DropSilent::Waiting> WaitingReads::consumers(std::string_view channel) const {
  std::vector<DropSilent::Waiting> consumers;
  visit(channel, Which::all, [&](Number number) {
    const auto& read = std::get<ReadGroup>(command(number).change);
    consumers.push_back({read.group, read.consumer});
  });
  return consumers;
}

WaitingReads::Read WaitingReads::take(Number number) {
  const auto found = reads_.find(number);
  Read read = std::move(found->second);
  reads_.erase(found);
  const auto& command = std::get<ReadGroup>(read.command.change);
  for (const ReadGroup::Place& place : command.places) {
    const auto channel = by_channel_.find(place.channel);
    if (channel == by_channel_.end()) continue;
    auto& [groups, size] = channel->second;
    const auto group = groups.find(command.group);
    if (group == groups.end() || group->second.all.erase(number) == 0) continue;
    group->second.claiming.erase(number);
    --size.reads;
    size.name_bytes -= command.consumer.size();
    if (group->second.all.empty()) groups.erase(group);
    if (groups.empty()) by_channel_.erase(channel);
  }
  by_wait_.erase(read.wait.get());
  if (read.wait->deadline()) by_deadline_.erase({*read.wait->deadline(), number});
  return read;
}

std::optional<SteadyTime> WaitingReads::due() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first;
}

std::vector<WaitingReads::Read> WaitingReads::take_over(SteadyTime now,
                                                        const std::vector<std::shared_ptr<ReadWait>>& given_up) {
  std::vector<Read> over;
  for (const std::shared_ptr<ReadWait>& wait : given_up) {
    if (const auto found = by_wait_.find(wait.get()); found != by_wait_.end()) over.push_back(take(found->second));
  }
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now)
    over.push_back(take(by_deadline_.begin()->second));
  return over;
}

}  // namespace respublica
