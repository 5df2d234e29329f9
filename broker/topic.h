#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "broker/subscriber_list.h"
#include "broker/subscription_kind.h"

namespace respublica {

/// A channel, a shard channel or a pattern that somebody is subscribed to. Name and subscribers are one allocation:
/// there may be millions.
///
///     [ subscribers | hash | size of name | kind | name ... ]
///
/// Kind, hash and name never change; it stays where it is as long as it has subscribers. So a session may read the
/// names of its own topics without a lock.
///
/// Thread: the subscribers are guarded by the lock of the registry's shard; the rest is any thread's that keeps it
/// alive.
class Topic {
 public:
  struct Deleter {
    void operator()(Topic* topic) const;
  };
  using Pointer = std::unique_ptr<Topic, Deleter>;

  /// A topic without subscribers. `name` is at most kMaxName bytes long.
  static Pointer create(SubscriptionKind kind, std::uint64_t hash, std::string_view name);
  static constexpr std::size_t kMaxName = std::numeric_limits<std::uint32_t>::max();

  Topic(const Topic&) = delete;
  Topic& operator=(const Topic&) = delete;

  SubscriptionKind kind() const { return kind_; }
  std::uint64_t hash() const { return hash_; }
  std::string_view name() const { return {reinterpret_cast<const char*>(this + 1), name_size_}; }
  SubscriberList& subscribers() { return subscribers_; }
  const SubscriberList& subscribers() const { return subscribers_; }

 private:
  Topic(SubscriptionKind kind, std::uint64_t hash, std::uint32_t name_size)
      : hash_(hash), name_size_(name_size), kind_(kind) {}
  ~Topic() = default;

  SubscriberList subscribers_;
  std::uint64_t hash_;
  std::uint32_t name_size_;
  SubscriptionKind kind_;
};

}  // namespace respublica
