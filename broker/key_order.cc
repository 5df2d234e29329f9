#include "broker/key_order.h"

#include <utility>

#include "storage/record.h"

namespace respublica {

std::optional<std::string_view> KeyOrder::key_of(std::string_view fields) const {
  FieldsReader reader(fields);
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    if (field.name == field_) return field.value;
  }
  return std::nullopt;
}

void KeyOrder::add(StreamId id, std::string_view key) {
  auto found = keys_.find(key);
  if (found == keys_.end()) found = keys_.emplace(std::string(key), std::set<StreamId>()).first;
  found->second.insert(id);
  by_id_.insert_or_assign(id, found);
}

void KeyOrder::remove(StreamId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  const Keys::iterator key = found->second;
  key->second.erase(id);
  if (key->second.empty()) keys_.erase(key);
  by_id_.erase(found);
}

bool KeyOrder::may_have(const ConsumerGroup& group, StreamId id, std::string_view key, const Asking& asking) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return true;
  for (const StreamId other : found->second) {
    if (other == id || asking.given.contains(other)) continue;
    const PendingEntry* const entry = group.pending().find(other);
    if (entry == nullptr || entry->consumer == asking.consumer) continue;
    // What nobody has, or has had for too long, comes in its turn.
    if (other < id || (entry->consumer != kNobody && entry->order > asking.idle_until)) return false;
  }
  return true;
}

bool KeyOrder::may_have(const ConsumerGroup& group, StreamId id, const Asking& asking) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() || may_have(group, id, found->second->first, asking);
}

}  // namespace respublica
