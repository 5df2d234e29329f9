#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "broker/topic.h"

namespace respublica {

/// What one session is subscribed to: the direction from the session to its topics. Only SharedRegistry changes it,
/// together with the other direction, and it keeps the topics alive: a topic in here has this session as a subscriber.
///
///     hash set of Topic*, open addressing, a power of two of places (none, 4, 8, ...), at most 3/4 of them taken
///
/// Forget it (SharedRegistry::forget) before it is destroyed.
///
/// Thread: the session's io thread.
class Subscriptions {
 public:
  Subscriptions() = default;
  ~Subscriptions();
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  std::size_t channels() const { return count(SubscriptionKind::channel); }
  std::size_t patterns() const { return count(SubscriptionKind::pattern); }
  std::size_t shard_channels() const { return count(SubscriptionKind::shard_channel); }
  std::size_t count(SubscriptionKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  bool empty() const { return size_ == 0; }

  /// Copies of the names of one kind, in no order.
  std::vector<std::string> names(SubscriptionKind kind) const;

  /// Calls f(name) for each topic of one kind, in no order.
  template <typename F>
  void for_each(SubscriptionKind kind, F&& f) const {
    for (const Topic* topic : places_) {
      if (topic != nullptr && topic->kind() == kind) f(topic->name());
    }
  }

 private:
  friend class SharedRegistry;

  /// False if it is there already.
  bool insert(Topic& topic);
  /// False if it is not there.
  bool erase(Topic& topic);
  void clear();

  std::size_t home_of(const Topic* topic) const;
  /// The place of `topic`, or the free one where it would be.
  std::size_t place_of(const Topic* topic) const;
  void resize(std::size_t places);

  std::vector<Topic*> places_;
  std::size_t size_ = 0;
  std::array<std::size_t, 3> counts_{};
};

}  // namespace respublica
