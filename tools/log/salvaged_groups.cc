#include "tools/log/salvaged_groups.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "broker/group_codec.h"
#include "broker/stream.h"

namespace respublica::logtool {
namespace {

using Kind = GroupRecord::Kind;

/// By consumer and time.
using Deliveries = std::map<std::pair<ConsumerNumber, std::uint64_t>, std::vector<GroupRecord::Entry>>;

GroupRecord::Entry entry_of(const PendingEntry& pending) { return {to_entry_key(pending.id), pending.deliveries}; }

/// Gathers the records of one group.
class Writer {
 public:
  Writer(ChannelNumber channel, std::uint64_t group) : channel_(channel), group_(group) {}

  GroupRecord& add(Kind kind) {
    GroupRecord& record = records_.emplace_back();
    record.channel = channel_;
    record.kind = kind;
    record.group = group_;
    return record;
  }

  void add(Deliveries&& deliveries) {
    for (auto& [to, entries] : deliveries) {
      GroupRecord& record = add(Kind::deliver);
      std::tie(record.consumer, record.time_ms) = to;
      record.entries = std::move(entries);
    }
  }

  std::vector<GroupRecord>& records() { return records_; }

 private:
  ChannelNumber channel_;
  std::uint64_t group_;
  std::vector<GroupRecord> records_;
};

void add_consumers(const ConsumerGroup& group, Writer& writer, std::map<ConsumerNumber, ConsumerNumber>& numbers) {
  std::map<ConsumerNumber, const Consumer*> by_number;
  for (const auto& [name, consumer] : group.consumers()) by_number[consumer.number] = &consumer;
  for (const auto& [number, consumer] : by_number) {
    GroupRecord& record = writer.add(Kind::make_consumer);
    record.consumer = numbers[number] = static_cast<ConsumerNumber>(numbers.size() + 1);
    record.name = consumer->name;
    record.time_ms = consumer->seen_ms;
  }
}

void add_pending(const ConsumerGroup& group, Writer& writer, const std::map<ConsumerNumber, ConsumerNumber>& numbers) {
  Deliveries first;
  Deliveries last;
  group.pending().for_each([&](const PendingEntry& entry) {
    if (entry.consumer == kNobody) return;
    const ConsumerNumber consumer = numbers.at(entry.consumer);
    const std::uint64_t first_ms = entry.first_delivered_ms;
    if (first_ms != 0 && first_ms != entry.order.ms()) first[{consumer, first_ms}].push_back(entry_of(entry));
    last[{consumer, entry.order.ms()}].push_back(entry_of(entry));
  });
  writer.add(std::move(first));
  writer.add(std::move(last));
  // In the order in which it was given back.
  group.by_claim().for_each([&](const ConsumerGroup::Claimable& one) {
    const PendingEntry& entry = *group.pending().find(one.id);
    if (entry.consumer != kNobody) return;
    const std::uint64_t time_ms = one.order.is_delayed() ? one.order.ms() : 0;
    const auto& written = writer.records();
    const bool joins = written.back().kind == Kind::give_back && written.back().time_ms == time_ms;
    if (!joins) writer.add(Kind::give_back).time_ms = time_ms;
    writer.records().back().entries.push_back(entry_of(entry));
  });
  if (group.deaths().empty()) return;
  GroupRecord& record = writer.add(Kind::died);
  for (const auto& [id, deaths] : group.deaths()) record.entries.push_back({to_entry_key(id), deaths});
}

/// Before all that the group has not acknowledged, by the times of commits alone.
StreamId oldest_wanted(const ConsumerGroup& group) {
  const std::uint64_t delivered_ms = group.last_delivered().ms;
  return {group.pending().empty() ? delivered_ms : std::min(delivered_ms, group.pending().front().id.ms), 0};
}

}  // namespace

SalvagedGroups::SalvagedGroups(const StreamGroups* known) : groups_(known == nullptr ? nullptr : copy_of(*known)) {}

void SalvagedGroups::take(const GroupRecord& record) {
  if (groups_ == nullptr) groups_ = std::make_shared<StreamGroups>();
  if (record.kind == Kind::make) return make(record);
  ConsumerGroup* const group = groups_->find(record.group);
  if (record.kind == Kind::drop) lost_.erase(record.group);
  if (group == nullptr) {
    if (record.kind != Kind::drop) lost_.insert(record.group);
    return;
  }
  GroupRecord possible = record;
  switch (record.kind) {
    case Kind::make_consumer:
      return make_consumer(*group, record);
    case Kind::drop_consumer:
      if (group->find_consumer(static_cast<ConsumerNumber>(record.consumer)) == nullptr) return;
      break;
    case Kind::deliver:
      if (group->find_consumer(static_cast<ConsumerNumber>(record.consumer)) != nullptr) break;
      possible.kind = Kind::give_back;
      possible.time_ms = 0;
      break;
    case Kind::release:
    case Kind::died:
      std::erase_if(possible.entries, [group](const GroupRecord::Entry& entry) {
        return group->pending().find(to_stream_id(entry.id)) == nullptr;
      });
      break;
    case Kind::make:
    case Kind::move:
    case Kind::drop:
    case Kind::give_back:
      break;
  }
  static_cast<void>(groups_->apply(possible));
}

void SalvagedGroups::make(const GroupRecord& record) {
  lost_.erase(record.group);
  if (const ConsumerGroup* const former = groups_->find(record.name)) {
    // Its end is lost.
    GroupRecord drop;
    drop.kind = Kind::drop;
    drop.group = former->number();
    static_cast<void>(groups_->apply(drop));
  }
  static_cast<void>(groups_->restore(
      ConsumerGroup(std::string(record.name), record.group, to_stream_id(record.last_delivered), record.entries_read)));
}

void SalvagedGroups::make_consumer(ConsumerGroup& group, const GroupRecord& record) {
  if (const Consumer* const former = group.find_consumer(record.name)) {
    GroupRecord drop;
    drop.kind = Kind::drop_consumer;
    drop.consumer = former->number;
    static_cast<void>(group.apply(drop));
  }
  Consumer consumer;
  consumer.name = std::string(record.name);
  consumer.number = static_cast<ConsumerNumber>(record.consumer);
  consumer.seen_ms = record.time_ms;
  static_cast<void>(group.restore(std::move(consumer)));
}

std::vector<GroupRecord> SalvagedGroups::records(ChannelNumber channel, EntryIds ids) const {
  std::vector<GroupRecord> all;
  if (groups_ == nullptr) return all;
  std::uint64_t number = 0;
  for (const auto& [name, group] : groups_->all()) {
    Writer writer(channel, ++number);
    GroupRecord& record = writer.add(Kind::make);
    record.name = group.name();
    record.last_delivered = to_entry_key(ids == EntryIds::kept ? group.last_delivered() : oldest_wanted(group));
    record.entries_read = group.entries_read();
    std::map<ConsumerNumber, ConsumerNumber> numbers;
    add_consumers(group, writer, numbers);
    if (ids == EntryIds::kept) add_pending(group, writer, numbers);
    std::ranges::move(writer.records(), std::back_inserter(all));
  }
  return all;
}

}  // namespace respublica::logtool
