#include "broker/shared_registry.h"

#include <cstdlib>

#include "broker/glob_pattern.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace respublica {
namespace {

/// Topics lie anywhere in memory: forget() of a million waits for the next few at once.
constexpr std::size_t kFetchAhead = 16;

/// A session with this many places for its topics that gives some up has freed megabytes.
constexpr std::size_t kManyPlaces = std::size_t{1} << 17;

/// Tells the allocator to return what is free to the system, which it would not do by itself.
void return_free_memory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace

void SharedRegistry::ShardedMutex::lock() RESPUBLICA_THREAD_ATTRIBUTE(no_thread_safety_analysis) {
  for (Shard& shard : shards_) shard.mutex.lock();
}

void SharedRegistry::ShardedMutex::unlock() RESPUBLICA_THREAD_ATTRIBUTE(no_thread_safety_analysis) {
  for (Shard& shard : shards_) shard.mutex.unlock();
}

SharedRegistry::SharedRegistry() : all_shards_(shards_) {}

bool SharedRegistry::subscribe(Subscriber subscriber, Subscriptions& subscriptions, SubscriptionKind kind,
                               std::string_view name) {
  if (kind == SubscriptionKind::pattern) return subscribe_pattern(subscriber, subscriptions, name);
  const std::uint64_t hash = hash_(name);
  Shard& shard = shard_of(hash);
  MutexLock lock(shard.mutex);
  TopicTable& table = shard.table(channel_kind(kind));
  Topic* topic = table.find(hash, name);
  if (topic == nullptr) {
    topic = &table.insert(Topic::create(kind, hash, name));
    shard.topics.fetch_add(1, std::memory_order_release);
  }
  if (!subscriptions.insert(*topic)) return false;
  topic->subscribers().add(subscriber);
  return true;
}

bool SharedRegistry::subscribe_pattern(Subscriber subscriber, Subscriptions& subscriptions, std::string_view name) {
  const std::uint64_t hash = hash_(name);
  AllShardsLock lock(all_shards_);
  Topic* topic = patterns_.find(hash, name);
  if (topic == nullptr) {
    topic = &patterns_.insert(Topic::create(SubscriptionKind::pattern, hash, name));
    pattern_index_.insert(*topic);
    pattern_count_.fetch_add(1, std::memory_order_release);
  }
  if (!subscriptions.insert(*topic)) return false;
  topic->subscribers().add(subscriber);
  return true;
}

bool SharedRegistry::unsubscribe(Subscriber subscriber, Subscriptions& subscriptions, SubscriptionKind kind,
                                 std::string_view name) {
  const std::size_t places = subscriptions.places_.size();
  const bool changed = kind == SubscriptionKind::pattern ? unsubscribe_pattern(subscriber, subscriptions, name)
                                                         : unsubscribe_channel(subscriber, subscriptions, kind, name);
  if (places >= kManyPlaces && subscriptions.places_.size() < places) return_free_memory();
  return changed;
}

bool SharedRegistry::unsubscribe_channel(Subscriber subscriber, Subscriptions& subscriptions, SubscriptionKind kind,
                                         std::string_view name) {
  const std::uint64_t hash = hash_(name);
  Shard& shard = shard_of(hash);
  MutexLock lock(shard.mutex);
  Topic* topic = shard.table(channel_kind(kind)).find(hash, name);
  if (topic == nullptr || !subscriptions.erase(*topic)) return false;
  leave_channel(subscriber, shard, *topic);
  return true;
}

bool SharedRegistry::unsubscribe_pattern(Subscriber subscriber, Subscriptions& subscriptions, std::string_view name) {
  const std::uint64_t hash = hash_(name);
  AllShardsLock lock(all_shards_);
  Topic* topic = patterns_.find(hash, name);
  if (topic == nullptr || !subscriptions.erase(*topic)) return false;
  leave_pattern(subscriber, *topic);
  return true;
}

void SharedRegistry::forget(Subscriber subscriber, Subscriptions& subscriptions) {
  const std::vector<Topic*>& places = subscriptions.places_;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i + kFetchAhead < places.size()) __builtin_prefetch(places[i + kFetchAhead]);
    if (places[i] != nullptr) leave(subscriber, *places[i]);
  }
  const bool many = places.size() >= kManyPlaces;
  subscriptions.clear();
  if (many) return_free_memory();
}

void SharedRegistry::leave(Subscriber subscriber, Topic& topic) {
  if (topic.kind() == SubscriptionKind::pattern) {
    AllShardsLock lock(all_shards_);
    leave_pattern(subscriber, topic);
  } else {
    Shard& shard = shard_of(topic.hash());
    MutexLock lock(shard.mutex);
    leave_channel(subscriber, shard, topic);
  }
}

void SharedRegistry::leave_channel(Subscriber subscriber, Shard& shard, Topic& topic) {
  topic.subscribers().remove(subscriber);
  if (!topic.subscribers().empty()) return;
  shard.table(channel_kind(topic.kind())).erase(topic);
  shard.topics.fetch_sub(1, std::memory_order_release);
}

void SharedRegistry::leave_pattern(Subscriber subscriber, Topic& topic) {
  topic.subscribers().remove(subscriber);
  if (!topic.subscribers().empty()) return;
  pattern_index_.erase(topic);
  patterns_.erase(topic);
  pattern_count_.fetch_sub(1, std::memory_order_release);
}

void SharedRegistry::change_lane(Subscriber subscriber, const Subscriptions& subscriptions) {
  for (Topic* topic : subscriptions.places_) {
    if (topic == nullptr) continue;
    if (topic->kind() == SubscriptionKind::pattern) {
      AllShardsLock lock(all_shards_);
      topic->subscribers().change_lane(subscriber);
    } else {
      MutexLock lock(shard_of(topic->hash()).mutex);
      topic->subscribers().change_lane(subscriber);
    }
  }
}

void SharedRegistry::choose(Shard& shard, ChannelKind kind, std::uint64_t hash, std::string_view channel) const {
  all_shards_.assert_one_held();
  shard.sources.clear();
  if (const Topic* topic = shard.table(kind).find(hash, channel)) {
    shard.sources.push_back({std::nullopt, topic->subscribers().view()});
  }
  if (kind == ChannelKind::shard_channel || pattern_index_.empty()) return;
  shard.matches.clear();
  pattern_index_.match(channel, shard.matches);
  for (const IndexedPattern& match : shard.matches) {
    shard.sources.push_back({match.pattern->name(), match.pattern->subscribers().view()});
  }
}

Audience SharedRegistry::audience(ChannelKind kind, std::string_view channel) const {
  Audience audience;
  const std::uint64_t hash = hash_(channel);
  Shard& shard = shard_of(hash);
  if (nobody(shard, kind)) return audience;
  MutexLock lock(shard.mutex);
  all_shards_.assert_one_held();
  const auto add = [&](const SubscriberList& subscribers) {
    audience.receivers += subscribers.size();
    audience.lanes |= subscribers.lanes();
    ++audience.sources;
  };
  if (const Topic* topic = shard.table(kind).find(hash, channel)) add(topic->subscribers());
  if (kind == ChannelKind::shard_channel || pattern_index_.empty()) return audience;
  shard.matches.clear();
  pattern_index_.match(channel, shard.matches);
  for (const IndexedPattern& match : shard.matches) add(match.pattern->subscribers());
  return audience;
}

std::vector<std::string> SharedRegistry::channels(ChannelKind kind, std::optional<std::string_view> pattern) const {
  std::vector<std::string> names;
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    for (const Topic* topic : shard.table(kind)) {
      if (!pattern || glob_match(*pattern, topic->name())) names.emplace_back(topic->name());
    }
  }
  return names;
}

std::size_t SharedRegistry::subscribers(ChannelKind kind, std::string_view channel) const {
  const std::uint64_t hash = hash_(channel);
  Shard& shard = shard_of(hash);
  MutexLock lock(shard.mutex);
  const Topic* topic = shard.table(kind).find(hash, channel);
  return topic == nullptr ? 0 : topic->subscribers().size();
}

std::size_t SharedRegistry::channel_count(ChannelKind kind) const {
  std::size_t count = 0;
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    count += shard.table(kind).size();
  }
  return count;
}

}  // namespace respublica
