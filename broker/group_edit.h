#pragma once
// Consumer groups as a batch of commands changes them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/durable_command.h"
#include "broker/group_rule.h"
#include "broker/group_table.h"
#include "broker/key_order.h"
#include "broker/stream.h"
#include "broker/stream_reader.h"
#include "broker/virtual_reader.h"

namespace respublica {

class StreamBatch;

/// A group of which something has changed that a sweep looks at.
struct TouchedGroup {
  std::string channel;
  std::string group;
  /// Entries that stand behind it may have come.
  ClaimOrder from;
};

/// What decisions about groups have in common: each change is a record of the batch's frame, and is applied at once.
/// Unlike streams, groups are seen by the sequencer alone; so there is no copy of them that a batch could discard, and
/// after a batch that could not be written they are not to be used.
///
/// Thread: the sequencer.
class GroupEdit {
 public:
  GroupEdit(StreamBatch& batch, GroupTable& groups);

  StreamBatch& batch() { return batch_; }
  GroupTable& table() { return groups_; }
  std::uint64_t now_ms() const;

  /// Groups of which the batch has changed what a sweep looks at. A group may be there twice.
  std::vector<TouchedGroup> take_touched() { return std::exchange(touched_, {}); }

  /// What a rule says of the groups of the channel; null: nothing, and all is as in Redis.
  const GroupRule* rule_of(std::string_view channel) const;
  /// The same of entries that consumers fail on; null for channels of dead letters, too: what dies there stays.
  const GroupRule* rule_of_failures(std::string_view channel) const;

  /// A group and its stream; `group` is null when either is not there, `stream` when there is none.
  struct Place {
    const Stream* stream = nullptr;
    ConsumerGroup* group = nullptr;
  };
  Place find(std::string_view channel, std::string_view group);
  /// The channel is there: a virtual one is without a stream, which it has for its groups alone.
  static bool exists(const Place& place, std::string_view channel);
  /// That of a virtual channel, too.
  StreamId last_id(const Stream& stream) const;
  /// The refusal that says so.
  static DurableOutcome missing(const std::string& channel, const std::string& group);

  /// The order of keys in the group, where the rule has one; null: it has none. An error when the log cannot be read.
  Result<KeyOrder*> key_order(const Place& place);
  /// The rules are others, or the stream is gone.
  void forget_orders() { orders_.clear(); }
  void forget_orders(ChannelNumber stream);

  /// Writes the record, of that group, and applies it.
  void change(const Place& place, GroupRecord record);
  /// The consumer of that name, made if need be; it has asked for something.
  const Consumer& consumer(const Place& place, const std::string& name);

  /// The entries become the consumer's.
  void deliver(const Place& place, const Consumer& consumer, std::uint64_t time_ms,
               std::vector<GroupRecord::Entry> entries);
  /// They are pending no more.
  void release(const Place& place, const std::vector<StreamId>& ids);

  /// Whether the entry is in the stream, or in the virtual channel of its name; with `given`, it is added to it, with
  /// its fields. An error when the log cannot be read.
  Result<bool> read(const Stream& stream, StreamId id, GivenEntries* given);

  /// The ID of the first entry that is there, or 0-0. An error when the log cannot be read.
  Result<StreamId> first_id(const Stream& stream);
  /// What first_id() remembers holds until XSETID: counters may be as they were then though entries are not.
  void forget_first() { first_ = {}; }
  /// How many entries were ever added up to `id`, if that can be told.
  Result<std::optional<std::uint64_t>> entries_up_to(const Stream& stream, StreamId id);
  /// The group's own count can be trusted for what it reads next: nothing behind its place was deleted.
  Result<bool> counts_on(const Stream& stream, const ConsumerGroup& group);

 private:
  Result<bool> read_virtual(const VirtualChannel& channel, StreamId id, GivenEntries* given);

  /// What first_id() has found, and of which state of a stream.
  struct First {
    ChannelNumber stream;
    std::uint64_t gone = 0;
    StreamId floor;
    /// 0-0 = nothing is remembered.
    StreamId id;
  };

  /// Of the stream, and of the group.
  using GroupNumber = std::pair<std::uint64_t, std::uint64_t>;

  /// Has the order of the group's keys know what the record has changed.
  void follow(const Place& place, const GroupNumber& number, const GroupRecord& record);
  Result<void> learn(const Stream& stream, StreamId id, KeyOrder& order);

  StreamBatch& batch_;
  GroupTable& groups_;
  /// Of its own: the batch's reader keeps the window that is being read.
  StreamReader first_reader_;
  First first_;
  std::vector<TouchedGroup> touched_;
  /// Of groups whose rules have an order, since they were looked at first.
  std::map<GroupNumber, KeyOrder> orders_;
};

/// Adds an entry with its fields.
void give(GivenEntries& given, const StoredEntry& entry);
void give(GivenEntries& given, const VirtualEntry& entry);

/// The outcome of a command of groups that says so.
DurableOutcome answer_of(GroupAnswer answer);

}  // namespace respublica
