#pragma once
// The idempotent producers of one stream.

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>

#include "broker/idempotence.h"
#include "broker/tracked_ids.h"
#include "storage/producer_record.h"

namespace respublica {

/// Changes by the records of the log alone: the sequencer writes one and applies it, a start applies what was written.
/// What is tracked no more, as its time is over, may still be here for a while, and nobody sees it.
///
/// Thread: the sequencer.
class StreamProducers {
 public:
  explicit StreamProducers(IdempotenceLimits limits) : limits_(limits) {}
  StreamProducers(const StreamProducers&) = delete;
  StreamProducers& operator=(const StreamProducers&) = delete;

  const IdempotenceLimits& limits() const { return limits_; }
  /// The entry that the ID led to, or null when it is not tracked at `now_ms`, milliseconds since 1970.
  const OriginalEntry* find(const IdempotentId& id, std::uint64_t now_ms) const;
  /// How many entries were ever added with an ID, and how many were not, as they were duplicates. The log does not know
  /// the latter: these are in checkpoints alone.
  std::uint64_t added() const { return added_; }
  std::uint64_t duplicates() const { return duplicates_; }
  void count_duplicate() { ++duplicates_; }

  /// False when the record contradicts those before it: the log is damaged, and this object is not to be used.
  [[nodiscard]] bool apply(const ProducerRecord& record);

  /// Lets go of IDs whose time is over, until there are no more or `limit` of them have gone; returns how many.
  /// Producers of which some IDs are still tracked keep the others.
  std::size_t forget_expired(std::uint64_t now_ms, std::size_t limit);
  /// When forget_expired() has something to do next, in milliseconds since 1970; none: never.
  std::optional<std::uint64_t> due() const;

  struct Counts {
    std::size_t producers = 0;
    std::size_t ids = 0;
  };
  /// What is tracked at `now_ms`.
  Counts count(std::uint64_t now_ms);

  /// Calls visit(producer, ids) for each producer, the one that sent something last comes last.
  template <typename Visitor>
  void for_each(const Visitor& visit) const {
    for (const Producer& producer : producers_) visit(producer.name, producer.ids);
  }
  std::size_t size() const { return producers_.size(); }

  /// Adds what was tracked, in the order of for_each(); for a checkpoint. False when it cannot have been.
  [[nodiscard]] bool restore(const IdempotentId& id, const OriginalEntry& original);
  void restore_counts(std::uint64_t added, std::uint64_t duplicates);

 private:
  struct Producer {
    Fingerprint name;
    TrackedIds ids;
  };
  using Producers = std::list<Producer>;

  std::uint64_t duration_ms() const { return std::uint64_t{limits_.duration_s} * 1000; }
  /// What was added by then is tracked no more at `now_ms`; none: all is.
  std::optional<std::uint64_t> over_since(std::uint64_t now_ms) const;
  bool limit(const ProducerRecord& record);
  /// The producer, which has sent something now.
  Producer& touch(const Fingerprint& name);
  void forget(Producers::iterator producer);

  IdempotenceLimits limits_;
  std::uint64_t added_ = 0;
  std::uint64_t duplicates_ = 0;
  /// The one that sent something last is the last one.
  Producers producers_;
  std::map<Fingerprint, Producers::iterator> by_name_;
};

/// Whether there may be such limits; sets them if so.
[[nodiscard]] bool read_limits(std::uint64_t duration_s, std::uint64_t most, IdempotenceLimits& limits);

}  // namespace respublica
