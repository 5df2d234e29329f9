#include "broker/waiting_reads.h"

namespace respublica {

void WaitingReads::add(Read read) {
  const Number number = next_++;
  for (const ReadGroup::Place& place : std::get<ReadGroup>(read.command.change).places) {
    by_channel_[place.channel].insert(number);
  }
  by_wait_[read.wait.get()] = number;
  if (read.wait->deadline()) by_deadline_.emplace(*read.wait->deadline(), number);
  reads_.emplace(number, std::move(read));
}

std::vector<WaitingReads::Number> WaitingReads::find(std::string_view channel) const {
  const auto found = by_channel_.find(channel);
  if (found == by_channel_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<WaitingReads::Number> WaitingReads::find(std::string_view channel, std::string_view group) const {
  std::vector<Number> numbers = find(channel);
  std::erase_if(numbers, [&](Number number) { return std::get<ReadGroup>(command(number).change).group != group; });
  return numbers;
}

std::size_t WaitingReads::count(std::string_view channel) const {
  const auto found = by_channel_.find(channel);
  return found == by_channel_.end() ? 0 : found->second.size();
}

std::vector<DropSilent::Waiting> WaitingReads::consumers(std::string_view channel) const {
  std::vector<DropSilent::Waiting> consumers;
  for (const Number number : find(channel)) {
    const auto& read = std::get<ReadGroup>(command(number).change);
    consumers.push_back({read.group, read.consumer});
  }
  return consumers;
}

WaitingReads::Read WaitingReads::take(Number number) {
  const auto found = reads_.find(number);
  Read read = std::move(found->second);
  reads_.erase(found);
  for (const ReadGroup::Place& place : std::get<ReadGroup>(read.command.change).places) {
    const auto waiting = by_channel_.find(place.channel);
    if (waiting == by_channel_.end()) continue;
    waiting->second.erase(number);
    if (waiting->second.empty()) by_channel_.erase(waiting);
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
