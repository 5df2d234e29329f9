#include "broker/group_delivery.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "broker/entry_timers.h"
#include "broker/stream_batch.h"

namespace respublica {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// How many entries of the channel are given at most: those of a virtual one are read one by one.
std::uint64_t most_of(const ReadGroup& command, std::string_view channel) {
  const std::uint64_t most = command.count == 0 ? kNoLimit : command.count;
  return VirtualChannel::is_name(channel) ? std::min<std::uint64_t>(most, kMostOfLook) : most;
}

/// One XREADGROUP.
class Delivery {
 public:
  Delivery(GroupEdit& edit, const ReadGroup& command) : edit_(edit), command_(command), budget_(command.caps) {}

  DurableOutcome run() {
    for (const ReadGroup::Place& wanted : command_.places) {
      if (edit_.find(wanted.channel, command_.group).group == nullptr) {
        return GroupEdit::missing(wanted.channel, command_.group);
      }
    }
    GroupReading reading;
    for (const ReadGroup::Place& wanted : command_.places) {
      if (alone_ && !wanted.after) continue;
      GivenEntries given;
      const Result<void> read = wanted.after ? give_pending(wanted, given) : give_new(wanted, given);
      if (!read) return refused(Refusal::log_unreadable, read.error().message);
      if (given.entries.empty() && !wanted.after) continue;
      const bool claiming = command_.claim_idle_ms && !wanted.after;
      reading.channels.push_back({wanted.channel, std::move(given), claiming});
    }
    DurableOutcome outcome = answer_of(std::move(reading));
    if (at_end_) outcome.id = edit_.batch().first_virtual_id();
    return outcome;
  }

 private:
  using Entries = std::vector<GroupRecord::Entry>;

  /// What the consumer has pending already.
  Result<void> give_pending(const ReadGroup::Place& wanted, GivenEntries& given) {
    const GroupEdit::Place place = edit_.find(wanted.channel, command_.group);
    const Consumer& consumer = edit_.consumer(place, command_.consumer);
    std::vector<StreamId> ids;
    const std::optional<StreamId> first = wanted.after->next();
    const std::uint64_t most = most_of(command_, wanted.channel);
    if (first) {
      consumer.pending.visit_from(*first, [&ids, most](StreamId id) {
        ids.push_back(id);
        return ids.size() < most;
      });
    }
    Entries again;
    for (const StreamId id : ids) {
      const Result<bool> exists = edit_.read(*place.stream, id, &given);
      if (!exists) return exists.error();
      if (!exists.value()) given.entries.push_back({id, std::nullopt, 0, 0, 0});
      if (!take(given)) break;
      if (!exists.value()) continue;
      again.push_back({to_entry_key(id), std::uint64_t{place.group->pending().find(id)->deliveries} + 1});
    }
    edit_.deliver(place, consumer, edit_.now_ms(), std::move(again));
    return {};
  }

  /// What has been idle for long, then what nobody has been given.
  Result<void> give_new(const ReadGroup::Place& wanted, GivenEntries& given) {
    const GroupEdit::Place place = edit_.find(wanted.channel, command_.group);
    const Consumer& consumer = edit_.consumer(place, command_.consumer);
    rule_ = edit_.rule_of_failures(wanted.channel);
    const GroupRule* const rule = edit_.rule_of(wanted.channel);
    entry_rule_ = edit_.batch().entry_rule_of(wanted.channel);
    std::optional<std::uint64_t> idle_ms = command_.claim_idle_ms;
    if (!idle_ms && rule != nullptr && rule->redeliver) {
      idle_ms = static_cast<std::uint64_t>(rule->ack_wait.count());
    }
    order_ = nullptr;
    // What is not pending has no order.
    if (command_.pending == ReadGroup::Pending::yes) {
      const Result<KeyOrder*> order = edit_.key_order(place);
      if (!order) return order.error();
      order_ = order.value();
    }
    const std::uint64_t now = edit_.now_ms();
    asking_ = {consumer.number, ClaimOrder::delivered(idle_ms ? now - std::min(now, *idle_ms) : 0), {}};
    if (idle_ms || order_ != nullptr) {
      if (const Result<void> claimed = claim(place, consumer, given); !claimed) return claimed;
    }
    if (alone_) return {};
    if (const auto channel = VirtualChannel::named(wanted.channel)) {
      return command_.look_from ? look(*channel, place, consumer, given) : Result<void>();
    }
    const std::optional<StreamId> first = place.group->last_delivered().next();
    if (first && place.stream->length() > 0 && *first <= place.stream->last_id()) {
      if (const Result<void> read = read_on(place, consumer, *first, given); !read) return read;
    }
    return {};
  }

  Result<void> read_on(const GroupEdit::Place& place, const Consumer& consumer, StreamId first, GivenEntries& given) {
    const std::size_t before = given.entries.size();
    const std::uint64_t most = most_of(command_, place.stream->name());
    if (given.entries.size() >= most) return {};
    std::vector<StreamId> passed;
    Entries parked;
    const std::size_t room = order_ == nullptr ? 0 : kMostParked - std::min(kMostParked, given_back(*place.group));
    const Result<void> read =
        edit_.batch().reader().forward(*place.stream, {first, kMaxStreamId}, [&](const StoredEntry& entry) {
          // What is too old is about to be taken off, and then there is more.
          if (!may_give(0) || is_over(*place.stream, entry.id, entry.fields)) return false;
          if (is_held_up(place, entry)) {
            if (parked.size() == room) return false;
            parked.push_back({to_entry_key(entry.id), 0});
            passed.push_back(entry.id);
            return true;
          }
          give(given, entry);
          if (!take(given)) return false;
          passed.push_back(entry.id);
          alone_ = is_last_chance(0);
          return !alone_ && given.entries.size() < most;
        });
    if (!read) return read;
    if (passed.empty()) return {};
    if (const Result<void> moved = move_on(place, passed); !moved) return moved;
    park(place, std::move(parked));
    hand_over(place, consumer, given, before);
    return {};
  }

  /// What was given from `begin` on becomes the consumer's.
  void hand_over(const GroupEdit::Place& place, const Consumer& consumer, const GivenEntries& given,
                 std::size_t begin) {
    if (given.entries.size() == begin || command_.pending == ReadGroup::Pending::no) return;
    Entries entries;
    for (std::size_t i = begin; i < given.entries.size(); ++i) {
      entries.push_back({to_entry_key(given.entries[i].id), 1});
    }
    edit_.deliver(place, consumer, edit_.now_ms(), std::move(entries));
    place.group->gave(consumer, edit_.now_ms());
  }

  /// What stands in a piece of the log. The group moves on over what it has found nothing in.
  Result<void> look(const VirtualChannel& channel, const GroupEdit::Place& place, const Consumer& consumer,
                    GivenEntries& given) {
    const std::optional<StreamId> next = place.group->last_delivered().next();
    const std::size_t before = given.entries.size();
    const std::uint64_t most = most_of(command_, place.stream->name());
    if (!next || before >= most) return {};
    bool is_full = false;
    VirtualReader reader = edit_.batch().virtual_reader();
    const Result<std::optional<StreamId>> stopped =
        reader.piece(channel, std::max(*command_.look_from, *next), kLookBytes, [&](const VirtualEntry& entry) {
          if (!edit_.batch().has(entry)) return true;
          respublica::give(given, entry);
          is_full = !take(given) || given.entries.size() == most;
          return !is_full;
        });
    if (!stopped) return stopped.error();
    const std::optional<StreamId> goes_on = stopped.value();
    at_end_ = !goes_on;
    std::optional<StreamId> reached;
    if (given.entries.size() > before) reached = given.entries.back().id;
    if (goes_on && !is_full) reached = StreamId{goes_on->ms, goes_on->seq - 1};
    if (!reached) return {};
    GroupRecord record;
    record.kind = GroupRecord::Kind::move;
    record.last_delivered = to_entry_key(*reached);
    edit_.change(place, std::move(record));
    hand_over(place, consumer, given, before);
    return {};
  }

  /// Entries behind others of their key are pending with nobody, and given out in their turn.
  void park(const GroupEdit::Place& place, Entries parked) {
    if (parked.empty()) return;
    GroupRecord record;
    record.kind = GroupRecord::Kind::give_back;
    record.entries = std::move(parked);
    edit_.change(place, std::move(record));
  }

  static std::size_t given_back(const ConsumerGroup& group) {
    std::size_t count = 0;
    group.by_claim().visit_from({}, [&count](const ConsumerGroup::Claimable& one) {
      return one.order.is_given_back() && ++count < kMostParked;
    });
    return count;
  }

  /// A new entry has to wait for others of its key.
  bool is_held_up(const GroupEdit::Place& place, const StoredEntry& entry) const {
    if (order_ == nullptr) return false;
    const std::optional<std::string_view> key = order_->key_of(entry.fields);
    return key && !order_->may_have(*place.group, entry.id, *key, asking_);
  }

  /// The group has been given these entries, or has parked them.
  Result<void> move_on(const GroupEdit::Place& place, const std::vector<StreamId>& passed) {
    const Stream& stream = *place.stream;
    const Result<bool> counts = edit_.counts_on(stream, *place.group);
    if (!counts) return counts.error();
    std::optional<std::uint64_t> read;
    if (counts.value()) read = *place.group->entries_read() + 1;
    for (std::size_t i = 0; i < passed.size(); ++i) {
      if (i > 0 && read && (stream.max_deleted_id() == kMinStreamId || stream.max_deleted_id() < passed[i - 1])) {
        ++*read;
      } else if (i > 0 || !read) {
        const Result<std::optional<std::uint64_t>> counted = edit_.entries_up_to(stream, passed[i]);
        if (!counted) return counted.error();
        read = counted.value();
      }
    }
    GroupRecord record;
    record.kind = GroupRecord::Kind::move;
    record.last_delivered = to_entry_key(passed.back());
    record.entries_read = read;
    edit_.change(place, std::move(record));
    return {};
  }

  /// Hands over what was given back, and what others have had for long.
  Result<void> claim(const GroupEdit::Place& place, const Consumer& consumer, GivenEntries& given) {
    const std::uint64_t now = edit_.now_ms();
    const std::uint64_t most = most_of(command_, place.stream->name());
    const ClaimOrder last = asking_.idle_until;
    std::vector<StreamId> gone;
    Entries entries;
    std::optional<Error> error;
    place.group->by_claim().visit_from({}, [&](const ConsumerGroup::Claimable& one) {
      if (one.order > last || entries.size() >= most || alone_) return false;
      const Deliveries deliveries = place.group->pending().find(one.id)->deliveries;
      // It is about to be taken away.
      if (rule_ != nullptr && rule_->is_exhausted(deliveries)) return true;
      if (order_ != nullptr && !order_->may_have(*place.group, one.id, asking_)) return true;
      if (!may_give(deliveries)) return false;
      const Result<bool> exists = edit_.read(*place.stream, one.id, &given);
      if (!exists) {
        error = exists.error();
        return false;
      }
      if (!exists.value()) {
        gone.push_back(one.id);
        return true;
      }
      if (is_over(*place.stream, one.id, given.fields_of(given.entries.back()))) {
        take_back(given);
        return true;
      }
      if (!take(given)) return false;
      if (order_ != nullptr) asking_.given.insert(one.id);
      alone_ = is_last_chance(deliveries);
      GivenEntries::Entry& entry = given.entries.back();
      entry.idle_ms = one.order.is_given_back() ? now : now - std::min(now, one.order.ms());
      entry.deliveries = shown_deliveries(deliveries);
      entries.push_back({to_entry_key(one.id), std::uint64_t{deliveries} + 1});
      return true;
    });
    if (error) return *error;
    edit_.release(place, gone);
    if (!entries.empty()) place.group->gave(consumer, now);
    edit_.deliver(place, consumer, now, std::move(entries));
    return {};
  }

  bool is_last_chance(Deliveries deliveries) const { return rule_ != nullptr && rule_->is_last_chance(deliveries); }
  /// Whether an entry that was delivered so often may be given with what has been given. For the last time it is given
  /// alone: who fails on it shall not take others with it.
  bool may_give(Deliveries deliveries) const { return !budget_.taken_any() || !is_last_chance(deliveries); }

  /// False, and the last one of `given` is gone, when it is more than the command may give. The first one of all never
  /// is.
  bool take(GivenEntries& given) {
    const std::size_t bytes = given.entries.back().bytes;
    if (budget_.take(bytes)) return true;
    take_back(given);
    return false;
  }

  /// The entry is too old, and will be taken off. A ttl of its own that came before the rule let entries have one says
  /// nothing: nobody acts on it.
  bool is_over(const Stream& stream, StreamId id, std::string_view fields) {
    const std::uint64_t now = edit_.now_ms();
    if (id < entry_rule_.first_alive(now)) return true;
    return entry_rule_.is_over(id, fields, now) && has_ttl_timer(edit_, stream.name(), id);
  }

  /// The last one is not given.
  static void take_back(GivenEntries& given) {
    given.fields.resize(given.fields.size() - given.entries.back().bytes);
    given.entries.pop_back();
  }

  GroupEdit& edit_;
  const ReadGroup& command_;
  ReadBudget budget_;
  /// Of the channel that is being read, where its entries can die; null: there is none.
  const GroupRule* rule_ = nullptr;
  EntryRule entry_rule_;
  KeyOrder* order_ = nullptr;
  KeyOrder::Asking asking_;
  /// Nothing more is given.
  bool alone_ = false;
  /// A look has found all there was.
  bool at_end_ = false;
};

}  // namespace

DurableOutcome decide(GroupEdit& edit, const std::string&, const ReadGroup& command) {
  return Delivery(edit, command).run();
}

}  // namespace respublica
