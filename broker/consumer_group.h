#pragma once
// A consumer group: what it has been given, and who still has what.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "broker/claim_order.h"
#include "broker/sorted_chunks.h"
#include "broker/stream_id.h"
#include "storage/group_record.h"

namespace respublica {

/// How often an entry was delivered. Counts that have no room become kFatalDeliveries, which no delivery makes greater.
using Deliveries = std::uint32_t;
inline constexpr Deliveries kFatalDeliveries = std::numeric_limits<Deliveries>::max();
inline Deliveries to_deliveries(std::uint64_t count) {
  return static_cast<Deliveries>(std::min<std::uint64_t>(count, kFatalDeliveries));
}
/// What XPENDING shows of it: Redis has 64 bits, and its greatest number for what is fatal.
inline std::uint64_t shown_deliveries(Deliveries count) {
  return count == kFatalDeliveries ? static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) : count;
}

/// A consumer's number in its group; kNobody has what was given back.
using ConsumerNumber = std::uint32_t;
inline constexpr ConsumerNumber kNobody = 0;

/// An entry that was given to a consumer and not acknowledged.
struct PendingEntry {
  StreamId id;
  ClaimOrder order;
  /// Milliseconds since 1970.
  std::uint64_t first_delivered_ms = 0;
  Deliveries deliveries = 0;
  ConsumerNumber consumer = kNobody;
};

struct Consumer {
  struct Key {
    StreamId operator()(StreamId id) const { return id; }
  };

  std::string name;
  ConsumerNumber number = kNobody;
  /// Milliseconds since 1970 at which it asked for something last. The log knows when it was made and given something.
  std::uint64_t seen_ms = 0;
  /// The same, when it was given something last; 0 = never.
  std::uint64_t active_ms = 0;
  SortedChunks<StreamId, Key> pending;
};

/// Changes by the records of the log alone: the sequencer writes one and applies it, a start applies what was written.
///
/// Thread: the sequencer.
class ConsumerGroup {
 public:
  ConsumerGroup(std::string name, std::uint64_t number, StreamId last_delivered,
                std::optional<std::uint64_t> entries_read)
      : name_(std::move(name)), number_(number), last_delivered_(last_delivered), entries_read_(entries_read) {}
  ConsumerGroup(ConsumerGroup&&) = default;
  ConsumerGroup& operator=(ConsumerGroup&&) = delete;

  struct PendingKey {
    StreamId operator()(const PendingEntry& entry) const { return entry.id; }
  };
  struct Claimable {
    ClaimOrder order;
    StreamId id;
    auto operator<=>(const Claimable&) const = default;
  };
  struct ClaimableKey {
    Claimable operator()(const Claimable& one) const { return one; }
  };
  using PendingEntries = SortedChunks<PendingEntry, PendingKey>;
  using ByClaim = SortedChunks<Claimable, ClaimableKey>;
  using Deaths = std::map<StreamId, std::uint64_t>;
  /// By name, as Redis orders them.
  using Consumers = std::map<std::string, Consumer, std::less<>>;

  const std::string& name() const { return name_; }
  std::uint64_t number() const { return number_; }
  StreamId last_delivered() const { return last_delivered_; }
  /// Entries that the group has been given, if that is known.
  std::optional<std::uint64_t> entries_read() const { return entries_read_; }
  const PendingEntries& pending() const { return pending_; }
  const ByClaim& by_claim() const { return by_claim_; }
  /// How often a pending entry has become a dead letter in this group before, as far as letters said when they went.
  std::uint64_t deaths_of(StreamId id) const;
  /// The pending entries that have died before.
  const Deaths& deaths() const { return deaths_; }
  const Consumers& consumers() const { return consumers_; }
  /// Null when there is none.
  const Consumer* find_consumer(std::string_view name) const;
  /// Kept by the group, or null for kNobody.
  const Consumer* find_consumer(ConsumerNumber number) const;
  ConsumerNumber next_consumer() const { return next_consumer_; }

  /// The consumer asked for something, and was given something. These are in checkpoints alone.
  void saw(const Consumer& consumer, std::uint64_t ms);
  void gave(const Consumer& consumer, std::uint64_t ms);

  /// False when the record contradicts those before it: the log is damaged, and this object is not to be used. `make`
  /// and `drop` are for whoever keeps the groups.
  [[nodiscard]] bool apply(const GroupRecord& record);

  /// Adds a consumer, and an entry, as they were; for a checkpoint. False when they cannot have been.
  [[nodiscard]] bool restore(Consumer consumer);
  [[nodiscard]] bool restore(const PendingEntry& entry);
  /// The pending entry has died so often before.
  [[nodiscard]] bool restore_deaths(StreamId id, std::uint64_t deaths);
  void restore_next_consumer(ConsumerNumber next) { next_consumer_ = std::max(next_consumer_, next); }

 private:
  bool make_consumer(const GroupRecord& record);
  bool drop_consumer(ConsumerNumber number);
  bool deliver(const GroupRecord& record);
  bool give_back(const GroupRecord& record);
  bool release(StreamId id);
  /// Makes the entry one of `consumer`, new or not. False when it was that already.
  bool put(StreamId id, ConsumerNumber consumer, ClaimOrder order, std::uint64_t deliveries, std::uint64_t time_ms);
  Consumer* member(ConsumerNumber number);
  /// It is pending no more, and its consumer has forgotten it.
  void forget(const PendingEntry& entry);

  std::string name_;
  std::uint64_t number_;
  StreamId last_delivered_;
  std::optional<std::uint64_t> entries_read_;
  PendingEntries pending_;
  ByClaim by_claim_;
  /// Of few: entries that went back to the group.
  Deaths deaths_;
  Consumers consumers_;
  /// Into consumers_.
  boost::unordered_flat_map<ConsumerNumber, Consumer*> by_number_;
  ConsumerNumber next_consumer_ = 1;
  /// Of what is given back.
  std::uint64_t next_given_back_ = 1;
};

}  // namespace respublica
