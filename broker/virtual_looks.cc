#include "broker/virtual_looks.h"

#include <utility>

#include "broker/virtual_channel.h"

namespace respublica {

std::optional<VirtualLooks::Group> VirtualLooks::group_of(const DurableCommand& command) {
  const auto* const read = std::get_if<ReadGroup>(&command.change);
  if (read == nullptr || read->places.size() != 1) return std::nullopt;
  const ReadGroup::Place& place = read->places.front();
  if (place.after || !VirtualChannel::is_name(place.channel)) return std::nullopt;
  return Group{place.channel, read->group};
}

void VirtualLooks::ask(const Group& group) {
  if (asked_.insert(group).second) queue_.push_back(group);
}

std::optional<VirtualLooks::Group> VirtualLooks::take() {
  if (queue_.empty()) return std::nullopt;
  Group group = std::move(queue_.front());
  queue_.pop_front();
  asked_.erase(group);
  return group;
}

std::optional<StreamId> VirtualLooks::begin(const Group& group, StreamId last_delivered) const {
  const std::optional<StreamId> behind = last_delivered.next();
  const auto channel = gaps_.find(group.channel);
  if (channel == gaps_.end()) return behind;
  const auto found = channel->second.find(group.name);
  // XGROUP SETID may have led it back.
  if (found == channel->second.end() || last_delivered < found->second.last_delivered) return behind;
  return found->second.next;
}

void VirtualLooks::reached_end(const Group& group, StreamId last_delivered) {
  gaps_[group.channel][group.name] = {last_delivered, std::nullopt};
}

void VirtualLooks::left(const Group& group) {
  const auto channel = gaps_.find(group.channel);
  if (channel == gaps_.end()) return;
  channel->second.erase(group.name);
  if (channel->second.empty()) gaps_.erase(channel);
}

void VirtualLooks::appended(const std::vector<std::string_view>& channels, StreamId begin) {
  if (gaps_.empty()) return;
  std::string category;
  for (const std::string_view channel : channels) {
    std::string name = VirtualChannel::category_name(channel);
    if (!is_broker_name(channel)) appended_to(VirtualChannel::kAll, begin);
    if (name != category) appended_to(name, begin);
    category = std::move(name);
  }
}

void VirtualLooks::appended_to(std::string_view channel, StreamId begin) {
  const auto found = gaps_.find(channel);
  if (found == gaps_.end()) return;
  for (auto& [group, gap] : found->second) {
    if (gap.next) continue;
    gap.next = begin;
    ask({found->first, group});
  }
}

void VirtualLooks::keep(const std::string& channel, const std::function<bool(const std::string& group)>& is_there) {
  const auto found = gaps_.find(channel);
  if (found == gaps_.end()) return;
  std::erase_if(found->second, [&is_there](const auto& one) { return !is_there(one.first); });
  if (found->second.empty()) gaps_.erase(found);
}

}  // namespace respublica
