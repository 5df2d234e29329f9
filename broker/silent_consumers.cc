#include "broker/silent_consumers.h"

#include <set>
#include <string_view>
#include <utility>

#include "broker/group_admin.h"
#include "broker/stream_batch.h"

namespace respublica {

std::vector<SilentConsumer> silent_of(StreamGroups& groups, const DropSilent& command) {
  std::vector<SilentConsumer> silent;
  std::size_t entries = 0;
  std::set<std::pair<std::string_view, std::string_view>> waiting;
  for (const DropSilent::Waiting& one : command.waiting) waiting.emplace(one.group, one.consumer);
  for (auto& [group_name, group] : groups.all()) {
    for (const auto& [name, consumer] : group.consumers()) {
      if (consumer.seen_ms > command.seen_by_ms || waiting.contains({group_name, name})) continue;
      silent.push_back({&group, &consumer});
      entries += consumer.pending.size();
      if (silent.size() == kSilentAtOnce || entries >= kSilentEntries) return silent;
    }
  }
  return silent;
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DropSilent& command) {
  const Stream* const stream = edit.batch().find(channel);
  StreamGroups* const groups = stream == nullptr ? nullptr : edit.table().find(stream->number());
  if (groups == nullptr) return {};
  const std::vector<SilentConsumer> silent = silent_of(*groups, command);
  for (const SilentConsumer& one : silent) drop_consumer(edit, {stream, one.group}, *one.consumer);
  return counted(silent.size());
}

}  // namespace respublica
