#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "broker/shared_registry.h"
#include "tests/broker/allocation_counter.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr std::size_t kMostBytesPerSubscription = 150;

std::string channel_of_20_bytes(std::size_t i) {
  std::string number = std::to_string(i);
  return "channel:" + std::string(12 - number.size(), '0') + number;
}

TEST_CASE("A subscription costs at most 150 bytes, however full the tables are") {
  SharedRegistry registry;
  Subscriptions session;
  const Subscriber subscriber(0, 0, 1);
  const std::size_t before = allocated().bytes;
  std::size_t most = 0;
  constexpr std::size_t kChannels = 120'000;
  for (std::size_t i = 0; i < kChannels; ++i) {
    registry.subscribe(subscriber, session, SubscriptionKind::channel, channel_of_20_bytes(i));
    if (i >= 10'000) most = std::max(most, (allocated().bytes - before) / (i + 1));
  }
  CHECK(most <= kMostBytesPerSubscription);

  SECTION("and gives it back when the channels are left one by one") {
    for (std::size_t left = kChannels; left > 0;) {
      --left;
      registry.unsubscribe(subscriber, session, SubscriptionKind::channel, channel_of_20_bytes(left));
      if (left == 1000) CHECK((allocated().bytes - before) / left <= 4 * kMostBytesPerSubscription);
    }
    CHECK(allocated().bytes - before < 20'000);
  }
  SECTION("and gives it back when the session is forgotten") {
    registry.forget(subscriber, session);
    CHECK(allocated().bytes - before < 20'000);
  }
}

TEST_CASE("A subscriber of a channel with many costs at most 150 bytes") {
  SharedRegistry registry;
  constexpr std::size_t kSessions = 20'000;
  std::vector<Subscriptions> sessions(kSessions);
  const std::size_t before = allocated().bytes;
  std::size_t most = 0;
  for (std::size_t i = 0; i < kSessions; ++i) {
    registry.subscribe(Subscriber(0, 0, i), sessions[i], SubscriptionKind::channel, "hot");
    if (i >= 1000) most = std::max(most, (allocated().bytes - before) / (i + 1));
  }
  CHECK(most <= kMostBytesPerSubscription);
  for (std::size_t i = 0; i < kSessions; ++i) registry.forget(Subscriber(0, 0, i), sessions[i]);
  CHECK(allocated().bytes - before < 20'000);
}

TEST_CASE("Publishing allocates nothing once the channel's shard is warm") {
  SharedRegistry registry;
  Subscriptions session;
  const Subscriber subscriber(0, 0, 1);
  registry.subscribe(subscriber, session, SubscriptionKind::channel, "news");
  registry.subscribe(subscriber, session, SubscriptionKind::pattern, "n*");
  std::size_t receivers = 0;
  const auto publish = [&] {
    receivers += registry.audience(ChannelKind::channel, "news").receivers;
    receivers += registry.publish(ChannelKind::channel, "news", [](std::span<const Source>) {});
  };
  publish();
  const std::size_t before = allocated().calls;
  for (int i = 0; i < 100; ++i) publish();
  CHECK(allocated().calls == before);
  CHECK(receivers == 101 * 4);
  registry.forget(subscriber, session);
}

}  // namespace
}  // namespace respublica
