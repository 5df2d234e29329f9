#pragma once
// The order of entries that have the same key, in one consumer group.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/consumer_group.h"
#include "broker/stream_id.h"

namespace respublica {

/// Knows the keys of the entries that a group has pending: the values of one field of theirs. Those without the field
/// have no key, and no order. The memory is bounded by what is pending.
///
/// Thread: the sequencer.
class KeyOrder {
 public:
  explicit KeyOrder(std::string field) : field_(std::move(field)) {}

  const std::string& field() const { return field_; }
  /// `fields` are for FieldsReader; none: there is no such field.
  std::optional<std::string_view> key_of(std::string_view fields) const;

  bool knows(StreamId id) const { return by_id_.contains(id); }
  /// The entry is pending.
  void add(StreamId id, std::string_view key);
  /// It is pending no more, or never was.
  void remove(StreamId id);

  /// Who asks for entries.
  struct Asking {
    ConsumerNumber consumer = kNobody;
    /// What others have may be taken from them, if it stands up to here.
    ClaimOrder idle_until;
    /// What the consumer is about to get, though the group does not know yet.
    std::set<StreamId> given;
  };
  /// The entry of that key may be given now: entries of the key before it are all with the consumer, and no later one
  /// is in the hands of another.
  bool may_have(const ConsumerGroup& group, StreamId id, std::string_view key, const Asking& asking) const;
  /// The same of an entry that is pending.
  bool may_have(const ConsumerGroup& group, StreamId id, const Asking& asking) const;

 private:
  using Keys = std::map<std::string, std::set<StreamId>, std::less<>>;

  std::string field_;
  Keys keys_;
  std::map<StreamId, Keys::iterator> by_id_;
};

}  // namespace respublica
