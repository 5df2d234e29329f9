#include "broker/group_table.h"

#include <algorithm>
#include <utility>

#include "broker/stream.h"

namespace respublica {

ConsumerGroup* StreamGroups::find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

bool StreamGroups::apply(const GroupRecord& record) {
  if (record.kind == GroupRecord::Kind::make) {
    return record.group == next_number_ &&
           restore(ConsumerGroup(std::string(record.name), record.group, to_stream_id(record.last_delivered),
                                 record.entries_read));
  }
  const auto found = by_number_.find(record.group);
  if (found == by_number_.end()) return false;
  if (record.kind != GroupRecord::Kind::drop) return found->second->apply(record);
  const auto dropped = by_name_.find(found->second->name());
  by_number_.erase(found);
  by_name_.erase(dropped);
  return true;
}

bool StreamGroups::restore(ConsumerGroup group) {
  const std::uint64_t number = group.number();
  if (number == 0 || number + 1 == 0 || by_number_.contains(number)) return false;
  std::string name = group.name();
  const auto [made, added] = by_name_.try_emplace(std::move(name), std::move(group));
  if (!added) return false;
  by_number_.emplace(number, &made->second);
  next_number_ = std::max(next_number_, number + 1);
  return true;
}

StreamGroups* GroupTable::find(ChannelNumber stream) {
  const auto found = by_stream_.find(stream.value);
  return found == by_stream_.end() ? nullptr : found->second.get();
}

ConsumerGroup* GroupTable::find(ChannelNumber stream, std::string_view group) {
  StreamGroups* const groups = find(stream);
  return groups == nullptr ? nullptr : groups->find(group);
}

bool GroupTable::apply(const GroupRecord& record) {
  std::shared_ptr<StreamGroups>& groups = by_stream_[record.channel.value];
  if (groups == nullptr) groups = std::make_shared<StreamGroups>();
  return groups->apply(record);
}

void GroupTable::put(ChannelNumber stream, std::shared_ptr<StreamGroups> groups) {
  by_stream_[stream.value] = std::move(groups);
}

}  // namespace respublica
