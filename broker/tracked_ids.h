#pragma once
// The idempotent IDs of one producer of a stream.

#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <map>

#include "broker/stream_id.h"
#include "storage/fingerprint.h"

namespace respublica {

/// The entry that an idempotent ID led to, and when it was added, in milliseconds since 1970.
struct OriginalEntry {
  StreamId id;
  std::uint64_t added_ms = 0;
};

/// Which entry each ID led to, and in which order they came.
///
/// Thread: its owner's.
class TrackedIds {
 public:
  TrackedIds() = default;
  // What is in order_ points into by_id_.
  TrackedIds(const TrackedIds&) = delete;
  TrackedIds& operator=(const TrackedIds&) = delete;

  std::size_t size() const { return by_id_.size(); }
  /// When the last one came; 0 = none has come.
  std::uint64_t newest_ms() const { return newest_ms_; }
  /// Null when it is not tracked.
  const OriginalEntry* find(const Fingerprint& iid) const;

  /// False when it is tracked already, or did not come behind the others.
  [[nodiscard]] bool add(const Fingerprint& iid, const OriginalEntry& original);
  /// Those that were added at this time or before are tracked no more.
  void forget_until(std::uint64_t ms);
  /// All but the newest `most`.
  void forget_beyond(std::size_t most);

  /// Calls visit(iid, original), the oldest first.
  template <typename Visitor>
  void for_each(const Visitor& visit) const {
    for (const ById::const_iterator& tracked : order_) visit(tracked->first, tracked->second);
  }

 private:
  using ById = std::map<Fingerprint, OriginalEntry>;

  void forget_oldest();

  ById by_id_;
  boost::circular_buffer<ById::const_iterator> order_;
  std::uint64_t newest_ms_ = 0;
};

}  // namespace respublica
