#pragma once
// All streams by name, as of the last commit.

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "broker/name_hash.h"
#include "broker/stream.h"

namespace respublica {

/// What readers see: each stream is an object that never changes, and is replaced after a commit.
///
/// Thread: any, guarded by one mutex for each part of the names, and one for the numbers. Only the sequencer changes
/// it. Lock order: the numbers, then a part.
class StreamTable {
 public:
  /// The stream of that name, or null.
  std::shared_ptr<const Stream> find(std::string_view name) const;
  /// The stream of that number, or null. The first call finds the numbers of all streams, and from then on they are
  /// kept: some 40 bytes a stream.
  std::shared_ptr<const Stream> find(ChannelNumber number) const EXCLUDES(numbers_mutex_);
  /// Puts it in the place of the one of the same name, if any.
  void put(std::shared_ptr<const Stream> stream);
  /// Puts many, before anyone looks for a number; faster than one by one. No two have one name.
  void fill(std::vector<std::shared_ptr<const Stream>> streams);
  void erase(std::string_view name);
  std::size_t size() const;
  /// How many of them are the broker's own: clients can read them, and are not told of them.
  std::size_t own_size() const { return own_.load(std::memory_order_relaxed); }

  /// The streams fall into so many parts by their names, and stay in theirs.
  static constexpr std::size_t kParts = 64;
  /// The streams of a part at this moment, in no order.
  std::vector<std::shared_ptr<const Stream>> part(std::size_t index) const;
  /// Those of all parts.
  std::vector<std::shared_ptr<const Stream>> all() const;

 private:
  /// The name is in the stream alone; a stream is replaced in its place by another one of the same name.
  struct Slot {
    mutable std::shared_ptr<const Stream> stream;
  };
  struct SlotHash : NameHash {
    using NameHash::operator();
    std::uint64_t operator()(const Slot& slot) const { return (*this)(std::string_view(slot.stream->name())); }
  };
  struct SameName {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const { return a.stream->name() == b.stream->name(); }
    bool operator()(std::string_view name, const Slot& slot) const { return name == slot.stream->name(); }
  };
  struct Part {
    mutable Mutex mutex;
    boost::unordered_flat_set<Slot, SlotHash, SameName> streams GUARDED_BY(mutex);
  };

  using Numbers = boost::unordered_flat_map<std::uint64_t, std::shared_ptr<const Stream>>;

  void number_all() const REQUIRES(numbers_mutex_);

  Part& part_of(std::string_view name) { return parts_[hash_(name) % kParts]; }
  const Part& part_of(std::string_view name) const { return parts_[hash_(name) % kParts]; }

  NameHash hash_;
  std::atomic<std::size_t> own_{0};
  std::array<Part, kParts> parts_;
  /// Somebody has looked for a number.
  mutable std::atomic<bool> numbered_{false};
  mutable Mutex numbers_mutex_;
  mutable Numbers numbers_ GUARDED_BY(numbers_mutex_);
};

}  // namespace respublica
