#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "broker/name_hash.h"
#include "broker/pattern_index.h"
#include "broker/subscriber.h"
#include "broker/subscription_kind.h"
#include "broker/subscriptions.h"
#include "broker/topic_table.h"

namespace respublica {

/// Subscribers that one message reaches for one reason: the channel itself (no pattern), or a pattern.
struct Source {
  std::optional<std::string_view> pattern;
  std::span<const Subscriber> subscribers;
};

/// Whom a message to a channel would reach at some moment. A session counts once for each of its subscriptions.
struct Audience {
  std::size_t receivers = 0;
  /// The lanes of the receivers, a bit each.
  std::uint32_t lanes = 0;
  std::size_t sources = 0;
};

/// Every subscription of the process, in both directions: topic -> subscribers here, session -> topics in the session's
/// Subscriptions. Each function that changes one changes the other.
///
///     channel --hash--> shard [ mutex | channels | shard channels ]     patterns: one index for all shards
///
/// Locks: a channel is guarded by its shard's mutex. Patterns are read by whoever holds the mutex of some shard, and
/// changed by who holds all of them (ShardedMutex): a publisher pays for one lock. The lock order is shards in
/// ascending order, then what hand_over takes (a mailbox).
///
/// Promises:
/// - hand_over runs under the lock of the channel: all hand-overs of one channel, its pattern subscribers included,
///   stand in one order.
/// - When unsubscribe() or forget() returns, every publisher that chose the session has finished its hand_over, and
///   none will choose it afterwards.
///
/// Thread: any; guarded by the shards' mutexes. A Subscriptions object passed in is the calling thread's own.
class SharedRegistry {
 public:
  SharedRegistry();
  SharedRegistry(const SharedRegistry&) = delete;
  SharedRegistry& operator=(const SharedRegistry&) = delete;

  /// `subscriber` is the session of `subscriptions`, now and in all later calls. False if it is subscribed already.
  bool subscribe(Subscriber subscriber, Subscriptions& subscriptions, SubscriptionKind kind, std::string_view name);
  /// False if it was not subscribed.
  bool unsubscribe(Subscriber subscriber, Subscriptions& subscriptions, SubscriptionKind kind, std::string_view name);
  /// Ends all subscriptions of a session.
  void forget(Subscriber subscriber, Subscriptions& subscriptions);
  /// From now on the session wants all its messages in the lane of `subscriber`.
  void change_lane(Subscriber subscriber, const Subscriptions& subscriptions);

  /// Whom a publish() would reach. May be outdated at once.
  Audience audience(ChannelKind kind, std::string_view channel) const;

  /// Chooses the receivers of a message and calls hand_over(std::span<const Source>) once: the channel first, then its
  /// patterns in the order in which they came into being. Returns the number of receivers; if it is 0 there is no call.
  /// The sources are valid during the call only. hand_over must not call the registry and must not throw.
  template <typename F>
  std::size_t publish(ChannelKind kind, std::string_view channel, F&& hand_over);

  /// Channels with subscribers, in no order; with a pattern only those that it matches.
  std::vector<std::string> channels(ChannelKind kind, std::optional<std::string_view> pattern) const;
  /// Subscribers of the channel itself.
  std::size_t subscribers(ChannelKind kind, std::string_view channel) const;
  /// Patterns with subscribers, each counted once.
  std::size_t patterns() const { return pattern_count_.load(std::memory_order_relaxed); }
  std::size_t channel_count(ChannelKind kind) const;

 private:
  // More would not fit the 64 locks that ThreadSanitizer follows in one thread.
  static constexpr std::size_t kShards = 32;

  struct alignas(64) Shard {
    TopicTable& table(ChannelKind kind) REQUIRES(mutex) {
      return kind == ChannelKind::channel ? channels : shard_channels;
    }

    Mutex mutex;
    /// Of both kinds. Written under the mutex; who reads 0 without it need not take it.
    std::atomic<std::size_t> topics{0};
    TopicTable channels GUARDED_BY(mutex);
    TopicTable shard_channels GUARDED_BY(mutex);
    /// Memory of choose(), kept between calls.
    std::vector<Source> sources GUARDED_BY(mutex);
    std::vector<IndexedPattern> matches GUARDED_BY(mutex);
  };

  /// The mutexes of all shards, as one lock.
  class CAPABILITY("mutex of every shard") ShardedMutex {
   public:
    explicit ShardedMutex(std::span<Shard> shards) : shards_(shards) {}
    void lock() ACQUIRE();
    void unlock() RELEASE();
    /// To be called by who holds the mutex of one shard, and so may read.
    void assert_one_held() const RESPUBLICA_THREAD_ATTRIBUTE(assert_shared_capability(this)) {}

   private:
    std::span<Shard> shards_;
  };

  class SCOPED_CAPABILITY AllShardsLock {
   public:
    explicit AllShardsLock(ShardedMutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~AllShardsLock() RELEASE() { mutex_.unlock(); }
    AllShardsLock(const AllShardsLock&) = delete;
    AllShardsLock& operator=(const AllShardsLock&) = delete;

   private:
    ShardedMutex& mutex_;
  };

  /// By bits in the middle of the hash: the tables use both its ends.
  Shard& shard_of(std::uint64_t hash) const { return shards_[(hash >> 16) % kShards]; }
  /// True when a message to this kind of channel of this shard reaches nobody: needs no lock.
  bool nobody(const Shard& shard, ChannelKind kind) const {
    return shard.topics.load(std::memory_order_acquire) == 0 &&
           (kind == ChannelKind::shard_channel || pattern_count_.load(std::memory_order_acquire) == 0);
  }
  /// Fills shard.sources with what a message reaches.
  void choose(Shard& shard, ChannelKind kind, std::uint64_t hash, std::string_view channel) const REQUIRES(shard.mutex);

  bool subscribe_pattern(Subscriber subscriber, Subscriptions& subscriptions, std::string_view name);
  bool unsubscribe_channel(Subscriber subscriber, Subscriptions& subscriptions, SubscriptionKind kind,
                           std::string_view name);
  bool unsubscribe_pattern(Subscriber subscriber, Subscriptions& subscriptions, std::string_view name);
  void leave(Subscriber subscriber, Topic& topic);
  void leave_channel(Subscriber subscriber, Shard& shard, Topic& topic) REQUIRES(shard.mutex);
  void leave_pattern(Subscriber subscriber, Topic& topic) REQUIRES(all_shards_);

  const NameHash hash_;
  mutable std::array<Shard, kShards> shards_;
  mutable ShardedMutex all_shards_;
  TopicTable patterns_ GUARDED_BY(all_shards_);
  PatternIndex pattern_index_ GUARDED_BY(all_shards_);
  std::atomic<std::size_t> pattern_count_{0};
};

template <typename F>
std::size_t SharedRegistry::publish(ChannelKind kind, std::string_view channel, F&& hand_over) {
  const std::uint64_t hash = hash_(channel);
  Shard& shard = shard_of(hash);
  if (nobody(shard, kind)) return 0;
  MutexLock lock(shard.mutex);
  choose(shard, kind, hash, channel);
  if (shard.sources.empty()) return 0;
  std::size_t receivers = 0;
  for (const Source& source : shard.sources) receivers += source.subscribers.size();
  hand_over(std::span<const Source>(shard.sources));
  return receivers;
}

}  // namespace respublica
