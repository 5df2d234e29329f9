#include "broker/shared_registry.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using enum SubscriptionKind;
using Names = std::vector<std::string>;

/// A session that leaves in order.
struct Client {
  Client(SharedRegistry& shared, std::uint64_t number, std::uint8_t lane = 0)
      : registry(shared), subscriber(0, lane, number) {}
  ~Client() { registry.forget(subscriber, subscriptions); }

  bool subscribe(SubscriptionKind kind, std::string_view name) {
    return registry.subscribe(subscriber, subscriptions, kind, name);
  }
  bool unsubscribe(SubscriptionKind kind, std::string_view name) {
    return registry.unsubscribe(subscriber, subscriptions, kind, name);
  }
  Names names(SubscriptionKind kind) const {
    Names found = subscriptions.names(kind);
    std::sort(found.begin(), found.end());
    return found;
  }

  SharedRegistry& registry;
  Subscriber subscriber;
  Subscriptions subscriptions;
};

/// What a message reaches, as "pattern: numbers" in the order of the sources.
Names reached(SharedRegistry& registry, ChannelKind kind, std::string_view channel) {
  Names found;
  std::size_t chosen = 0;
  const std::size_t receivers = registry.publish(kind, channel, [&](std::span<const Source> sources) {
    for (const Source& source : sources) {
      std::string line = source.pattern ? std::string(*source.pattern) + ":" : std::string(":");
      std::vector<std::uint64_t> numbers;
      for (const Subscriber subscriber : source.subscribers) numbers.push_back(subscriber.number());
      std::sort(numbers.begin(), numbers.end());
      for (const std::uint64_t number : numbers) line += " " + std::to_string(number);
      found.push_back(line);
      chosen += source.subscribers.size();
    }
  });
  CHECK(receivers == chosen);
  return found;
}

Names reached(SharedRegistry& registry, std::string_view channel) {
  return reached(registry, ChannelKind::channel, channel);
}

TEST_CASE("A message reaches the channel first, then patterns in the order in which they came into being") {
  SharedRegistry registry;
  Client a(registry, 1);
  Client b(registry, 2);
  a.subscribe(pattern, "n*");
  b.subscribe(pattern, "*s");
  b.subscribe(pattern, "n*");
  a.subscribe(channel, "news");
  b.subscribe(channel, "news");
  CHECK(reached(registry, "news") == Names{": 1 2", "n*: 1 2", "*s: 2"});
  CHECK(reached(registry, "now") == Names{"n*: 1 2"});
  CHECK(reached(registry, "old").empty());
}

TEST_CASE("A message without receivers is handed over to nobody") {
  SharedRegistry registry;
  Client a(registry, 1);
  a.subscribe(channel, "news");
  a.subscribe(pattern, "x*");
  bool called = false;
  const auto hand_over = [&](std::span<const Source>) { called = true; };
  CHECK(registry.publish(ChannelKind::channel, "old", hand_over) == 0);
  CHECK(registry.publish(ChannelKind::shard_channel, "news", hand_over) == 0);
  CHECK_FALSE(called);
}

TEST_CASE("Subscribing twice changes nothing the second time") {
  SharedRegistry registry;
  Client a(registry, 1);
  for (const SubscriptionKind kind : {channel, pattern, shard_channel}) {
    CHECK(a.subscribe(kind, "news"));
    CHECK_FALSE(a.subscribe(kind, "news"));
    CHECK(a.subscriptions.count(kind) == 1);
  }
  CHECK(registry.audience(ChannelKind::channel, "news").receivers == 2);
}

TEST_CASE("Unsubscribing from what was not subscribed changes nothing") {
  SharedRegistry registry;
  Client a(registry, 1);
  Client b(registry, 2);
  for (const SubscriptionKind kind : {channel, pattern, shard_channel}) {
    CHECK_FALSE(a.unsubscribe(kind, "news"));
    b.subscribe(kind, "news");
    CHECK_FALSE(a.unsubscribe(kind, "news"));
    a.subscribe(kind, "other");
    CHECK_FALSE(a.unsubscribe(kind, "news"));
  }
  CHECK(reached(registry, "news") == Names{": 2", "news: 2"});
}

TEST_CASE("The last unsubscription ends a channel and a pattern") {
  SharedRegistry registry;
  Client a(registry, 1);
  Client b(registry, 2);
  for (Client* each : {&a, &b}) {
    for (const SubscriptionKind kind : {channel, pattern, shard_channel}) each->subscribe(kind, "news");
  }
  for (const SubscriptionKind kind : {channel, pattern, shard_channel}) CHECK(a.unsubscribe(kind, "news"));
  CHECK(registry.channels(ChannelKind::channel, std::nullopt) == Names{"news"});
  CHECK(registry.patterns() == 1);
  for (const SubscriptionKind kind : {channel, pattern, shard_channel}) CHECK(b.unsubscribe(kind, "news"));
  CHECK(registry.channels(ChannelKind::channel, std::nullopt).empty());
  CHECK(registry.channel_count(ChannelKind::shard_channel) == 0);
  CHECK(registry.patterns() == 0);
  CHECK(b.subscriptions.empty());
}

TEST_CASE("A pattern that came back is the last in the order") {
  SharedRegistry registry;
  Client a(registry, 1);
  a.subscribe(pattern, "a*");
  a.subscribe(pattern, "*b");
  a.unsubscribe(pattern, "a*");
  a.subscribe(pattern, "a*");
  CHECK(reached(registry, "ab") == Names{"*b: 1", "a*: 1"});
}

TEST_CASE("Channels and shard channels of one name are apart, and patterns hear no shard channel") {
  SharedRegistry registry;
  Client a(registry, 1);
  Client b(registry, 2);
  a.subscribe(channel, "news");
  b.subscribe(shard_channel, "news");
  b.subscribe(pattern, "*");
  CHECK(reached(registry, ChannelKind::channel, "news") == Names{": 1", "*: 2"});
  CHECK(reached(registry, ChannelKind::shard_channel, "news") == Names{": 2"});
  CHECK(registry.audience(ChannelKind::shard_channel, "news").receivers == 1);
  CHECK(registry.subscribers(ChannelKind::channel, "news") == 1);
  CHECK(registry.subscribers(ChannelKind::shard_channel, "news") == 1);
}

TEST_CASE("A look at the audience tells receivers, lanes and sources") {
  SharedRegistry registry;
  Client a(registry, 1, 0);
  Client b(registry, 2, 1);
  CHECK(registry.audience(ChannelKind::channel, "news").receivers == 0);
  a.subscribe(channel, "news");
  Audience audience = registry.audience(ChannelKind::channel, "news");
  CHECK(audience.receivers == 1);
  CHECK(audience.lanes == 0b01);
  CHECK(audience.sources == 1);
  b.subscribe(pattern, "n*");
  audience = registry.audience(ChannelKind::channel, "news");
  CHECK(audience.receivers == 2);
  CHECK(audience.lanes == 0b11);
  CHECK(audience.sources == 2);
}

TEST_CASE("A session that changes its lane does so for all its subscriptions") {
  SharedRegistry registry;
  Client a(registry, 1, 0);
  Client b(registry, 2, 0);
  for (const SubscriptionKind kind : {channel, pattern, shard_channel}) a.subscribe(kind, "news");
  b.subscribe(channel, "news");
  a.subscriber = Subscriber(0, 1, 1);
  registry.change_lane(a.subscriber, a.subscriptions);
  CHECK(registry.audience(ChannelKind::channel, "news").lanes == 0b11);
  CHECK(registry.audience(ChannelKind::shard_channel, "news").lanes == 0b10);
  b.unsubscribe(channel, "news");
  CHECK(registry.audience(ChannelKind::channel, "news").lanes == 0b10);
}

TEST_CASE("A session that is forgotten hears nothing more and the others hear on") {
  SharedRegistry registry;
  Client a(registry, 1);
  Client b(registry, 2);
  for (Client* each : {&a, &b}) {
    for (const SubscriptionKind kind : {channel, pattern, shard_channel}) each->subscribe(kind, "news");
  }
  registry.forget(a.subscriber, a.subscriptions);
  CHECK(a.subscriptions.empty());
  CHECK(a.subscriptions.channels() == 0);
  CHECK(reached(registry, "news") == Names{": 2", "news: 2"});
  registry.forget(a.subscriber, a.subscriptions);
  CHECK(a.subscribe(channel, "news"));
  CHECK(reached(registry, "news") == Names{": 1 2", "news: 2"});
}

TEST_CASE("A session lists its names by kind") {
  SharedRegistry registry;
  Client a(registry, 1);
  for (const char* name : {"a", "b", "c"}) a.subscribe(channel, name);
  a.subscribe(pattern, "a*");
  a.subscribe(shard_channel, "s");
  a.unsubscribe(channel, "b");
  CHECK(a.names(channel) == Names{"a", "c"});
  CHECK(a.names(pattern) == Names{"a*"});
  CHECK(a.names(shard_channel) == Names{"s"});
  CHECK(a.subscriptions.channels() == 2);
  CHECK(a.subscriptions.patterns() == 1);
  CHECK(a.subscriptions.shard_channels() == 1);
}

TEST_CASE("Active channels can be listed by pattern; patterns are no channels") {
  SharedRegistry registry;
  Client a(registry, 1);
  for (const char* name : {"news.de", "news.fr", "old", ""}) a.subscribe(channel, name);
  a.subscribe(pattern, "news.*");
  Names found = registry.channels(ChannelKind::channel, "news.*");
  std::sort(found.begin(), found.end());
  CHECK(found == Names{"news.de", "news.fr"});
  CHECK(registry.channels(ChannelKind::channel, std::nullopt).size() == 4);
  CHECK(registry.channels(ChannelKind::shard_channel, std::nullopt).empty());
  CHECK(registry.channel_count(ChannelKind::channel) == 4);
}

TEST_CASE("Names may be empty, binary and long") {
  SharedRegistry registry;
  Client a(registry, 1);
  const std::string names[] = {"", std::string("\0\r\n\xff", 4), std::string(100000, 'x')};
  for (const std::string& name : names) {
    CHECK(a.subscribe(channel, name));
    CHECK(reached(registry, name) == Names{": 1"});
  }
  CHECK(reached(registry, std::string(99999, 'x')).empty());
  for (const std::string& name : names) CHECK(a.unsubscribe(channel, name));
}

TEST_CASE("A session with thousands of channels leaves them in any order") {
  SharedRegistry registry;
  Client a(registry, 1);
  constexpr int kChannels = 5000;
  for (int i = 0; i < kChannels; ++i) REQUIRE(a.subscribe(channel, std::to_string(i)));
  for (int i = 0; i < kChannels; ++i) {
    REQUIRE(a.unsubscribe(channel, std::to_string((i * 7919) % kChannels)));
    REQUIRE(a.subscriptions.channels() == static_cast<std::size_t>(kChannels - 1 - i));
  }
  CHECK(registry.channel_count(ChannelKind::channel) == 0);
}

}  // namespace
}  // namespace respublica
