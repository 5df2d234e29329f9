#pragma once

#include <cstdint>
#include <span>

#include "broker/subscriber.h"

namespace respublica {

/// The subscribers of one topic, each session once, in no order. Most topics have one subscriber, so one is stored in
/// place and costs no allocation; a few are a vector; many get an index beside the vector, so that one leaves a channel
/// with 100,000 others in constant time.
///
///     [ one | count 1 ]      [ --> Many | count n ] --> [ s0 s1 s2 ... | session number -> place, from kIndexed on ]
///
/// Memory follows the number of subscribers down as well as up.
///
/// Thread: guarded by the lock of its topic.
class SubscriberList {
 public:
  /// From this many subscribers on there is an index.
  static constexpr std::size_t kIndexed = 64;
  static constexpr std::size_t kLanes = 32;

  SubscriberList() : many_(nullptr) {}
  ~SubscriberList();
  SubscriberList(const SubscriberList&) = delete;
  SubscriberList& operator=(const SubscriberList&) = delete;

  /// Adds a session that is not in the list. Its lane is below kLanes.
  void add(Subscriber subscriber);
  /// Removes a session that is in the list.
  void remove(Subscriber subscriber);
  /// Replaces a session that is in the list by itself with another lane.
  void change_lane(Subscriber subscriber);

  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::span<const Subscriber> view() const;
  /// The lanes in use, a bit each.
  std::uint32_t lanes() const;

 private:
  struct Many;

  union {
    Subscriber one_;
    Many* many_;
  };
  std::uint32_t count_ = 0;
};

}  // namespace respublica
