#include "broker/consumer_group.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "broker/stream.h"

namespace respublica {

const Consumer* ConsumerGroup::find_consumer(std::string_view name) const {
  const auto found = consumers_.find(name);
  return found == consumers_.end() ? nullptr : &found->second;
}

const Consumer* ConsumerGroup::find_consumer(ConsumerNumber number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

Consumer* ConsumerGroup::member(ConsumerNumber number) {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

void ConsumerGroup::saw(const Consumer& consumer, std::uint64_t ms) { member(consumer.number)->seen_ms = ms; }

void ConsumerGroup::gave(const Consumer& consumer, std::uint64_t ms) { member(consumer.number)->active_ms = ms; }

bool ConsumerGroup::apply(const GroupRecord& record) {
  using Kind = GroupRecord::Kind;
  switch (record.kind) {
    case Kind::move:
      last_delivered_ = to_stream_id(record.last_delivered);
      entries_read_ = record.entries_read;
      return true;
    case Kind::make_consumer:
      return make_consumer(record);
    case Kind::drop_consumer:
      return record.consumer < next_consumer_ && drop_consumer(static_cast<ConsumerNumber>(record.consumer));
    case Kind::deliver:
      return record.consumer < next_consumer_ && deliver(record);
    case Kind::give_back:
      return give_back(record);
    case Kind::release:
      return std::ranges::all_of(record.entries,
                                 [this](const GroupRecord::Entry& entry) { return release(to_stream_id(entry.id)); });
    case Kind::died:
      return std::ranges::all_of(record.entries, [this](const GroupRecord::Entry& entry) {
        return restore_deaths(to_stream_id(entry.id), entry.deliveries);
      });
    case Kind::make:
    case Kind::drop:
      break;
  }
  return false;
}

bool ConsumerGroup::make_consumer(const GroupRecord& record) {
  if (record.consumer != next_consumer_) return false;
  Consumer consumer;
  consumer.name = std::string(record.name);
  consumer.number = next_consumer_;
  consumer.seen_ms = record.time_ms;
  return restore(std::move(consumer));
}

bool ConsumerGroup::drop_consumer(ConsumerNumber number) {
  const Consumer* const consumer = find_consumer(number);
  if (consumer == nullptr) return false;
  consumer->pending.for_each([this](StreamId id) { forget(*pending_.find(id)); });
  by_number_.erase(number);
  consumers_.erase(consumers_.find(consumer->name));
  return true;
}

bool ConsumerGroup::deliver(const GroupRecord& record) {
  Consumer* const consumer = member(static_cast<ConsumerNumber>(record.consumer));
  if (consumer == nullptr) return false;
  const ClaimOrder order = ClaimOrder::delivered(record.time_ms);
  bool is_given = false;
  for (const GroupRecord::Entry& entry : record.entries) {
    is_given |= put(to_stream_id(entry.id), consumer->number, order, entry.deliveries, record.time_ms);
  }
  // As far as the log knows. Who reads again what it has is not given anything.
  consumer->seen_ms = std::max(consumer->seen_ms, record.time_ms);
  if (is_given) consumer->active_ms = std::max(consumer->active_ms, record.time_ms);
  return true;
}

bool ConsumerGroup::give_back(const GroupRecord& record) {
  for (const GroupRecord::Entry& entry : record.entries) {
    const ClaimOrder order =
        record.time_ms == 0 ? ClaimOrder::given_back(next_given_back_++) : ClaimOrder::not_before(record.time_ms);
    put(to_stream_id(entry.id), kNobody, order, entry.deliveries, 0);
  }
  return true;
}

bool ConsumerGroup::put(StreamId id, ConsumerNumber consumer, ClaimOrder order, std::uint64_t deliveries,
                        std::uint64_t time_ms) {
  bool is_given = true;
  if (PendingEntry* const entry = pending_.find(id)) {
    by_claim_.erase({entry->order, id});
    is_given = entry->consumer != consumer;
    if (is_given) {
      if (Consumer* const before = member(entry->consumer)) before->pending.erase(id);
      if (Consumer* const now = member(consumer)) now->pending.insert(id);
    }
    entry->consumer = consumer;
    entry->order = order;
    entry->deliveries = to_deliveries(deliveries);
    if (entry->first_delivered_ms == 0) entry->first_delivered_ms = time_ms;
  } else {
    pending_.insert({id, order, time_ms, to_deliveries(deliveries), consumer});
    if (Consumer* const now = member(consumer)) now->pending.insert(id);
  }
  by_claim_.insert({order, id});
  return is_given;
}

bool ConsumerGroup::release(StreamId id) {
  const PendingEntry* const entry = pending_.find(id);
  if (entry == nullptr) return false;
  if (Consumer* const consumer = member(entry->consumer)) consumer->pending.erase(id);
  forget(*entry);
  return true;
}

void ConsumerGroup::forget(const PendingEntry& entry) {
  const StreamId id = entry.id;
  by_claim_.erase({entry.order, id});
  deaths_.erase(id);
  pending_.erase(id);
}

std::uint64_t ConsumerGroup::deaths_of(StreamId id) const {
  const auto found = deaths_.find(id);
  return found == deaths_.end() ? 0 : found->second;
}

bool ConsumerGroup::restore_deaths(StreamId id, std::uint64_t deaths) {
  if (deaths == 0 || pending_.find(id) == nullptr) return false;
  deaths_[id] = deaths;
  return true;
}

bool ConsumerGroup::restore(Consumer consumer) {
  const ConsumerNumber number = consumer.number;
  if (number == kNobody || number == std::numeric_limits<ConsumerNumber>::max() || by_number_.contains(number)) {
    return false;
  }
  std::string name = consumer.name;
  const auto [made, added] = consumers_.emplace(std::move(name), std::move(consumer));
  if (!added) return false;
  by_number_.emplace(number, &made->second);
  next_consumer_ = std::max(next_consumer_, number + 1);
  return true;
}

bool ConsumerGroup::restore(const PendingEntry& entry) {
  Consumer* const consumer = member(entry.consumer);
  if ((consumer == nullptr) != (entry.consumer == kNobody) || !pending_.insert(entry)) return false;
  if (consumer != nullptr) consumer->pending.insert(entry.id);
  if (entry.order.is_given_back()) next_given_back_ = std::max(next_given_back_, entry.order.count() + 1);
  return by_claim_.insert({entry.order, entry.id});
}

}  // namespace respublica
