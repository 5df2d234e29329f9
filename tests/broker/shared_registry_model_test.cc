#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "broker/glob_pattern.h"
#include "broker/shared_registry.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr std::size_t kSessions = 100;
constexpr std::array kKinds = {SubscriptionKind::channel, SubscriptionKind::pattern, SubscriptionKind::shard_channel};
constexpr std::array kChannelKinds = {ChannelKind::channel, ChannelKind::shard_channel};

/// The registry in its plainest form: every question walks over everything.
class Model {
 public:
  using Sources = std::vector<std::pair<std::string, std::set<std::uint64_t>>>;

  bool subscribe(std::uint64_t session, SubscriptionKind kind, const std::string& name) {
    auto& sessions = topics_[kind][name];
    if (sessions.empty() && kind == SubscriptionKind::pattern) pattern_order_.push_back(name);
    return sessions.insert(session).second;
  }

  bool unsubscribe(std::uint64_t session, SubscriptionKind kind, const std::string& name) {
    const auto found = topics_[kind].find(name);
    if (found == topics_[kind].end() || found->second.erase(session) == 0) return false;
    if (found->second.empty()) {
      topics_[kind].erase(found);
      if (kind == SubscriptionKind::pattern) std::erase(pattern_order_, name);
    }
    return true;
  }

  std::vector<std::string> names(std::uint64_t session, SubscriptionKind kind) {
    std::vector<std::string> found;
    for (const auto& [name, sessions] : topics_[kind]) {
      if (sessions.contains(session)) found.push_back(name);
    }
    return found;
  }

  Sources publish(ChannelKind kind, const std::string& channel) {
    Sources sources;
    auto& channels = topics_[subscription_kind(kind)];
    if (channels.contains(channel)) sources.emplace_back("", channels[channel]);
    if (kind == ChannelKind::shard_channel) return sources;
    for (const std::string& pattern : pattern_order_) {
      if (glob_match(pattern, channel)) {
        sources.emplace_back("pattern " + pattern, topics_[SubscriptionKind::pattern][pattern]);
      }
    }
    return sources;
  }

  std::size_t count(SubscriptionKind kind) { return topics_[kind].size(); }

 private:
  std::map<SubscriptionKind, std::map<std::string, std::set<std::uint64_t>>> topics_;
  std::vector<std::string> pattern_order_;
};

/// Does the same to a registry and to the model and compares them.
class Comparison {
 public:
  explicit Comparison(std::uint32_t seed) : random_(seed), sessions_(kSessions) {
    for (std::uint64_t number = 0; number < kSessions; ++number) lanes_.push_back(0);
  }

  void change_something() {
    const std::uint64_t session = random_() % kSessions;
    const SubscriptionKind kind = kKinds[random_() % kKinds.size()];
    const std::string name = random_name(kind);
    switch (random_() % 16) {
      case 0:
        forget(session);
        break;
      case 1:
        lanes_[session] ^= 1;
        registry_.change_lane(subscriber(session), sessions_[session]);
        break;
      case 2:
      case 3:
      case 4:
        REQUIRE(registry_.unsubscribe(subscriber(session), sessions_[session], kind, name) ==
                model_.unsubscribe(session, kind, name));
        break;
      default:
        REQUIRE(registry_.subscribe(subscriber(session), sessions_[session], kind, name) ==
                model_.subscribe(session, kind, name));
    }
    for (const SubscriptionKind each : kKinds) compare_names(session, each);
  }

  void forget(std::uint64_t session) {
    registry_.forget(subscriber(session), sessions_[session]);
    for (const SubscriptionKind kind : kKinds) {
      for (const std::string& name : model_.names(session, kind)) model_.unsubscribe(session, kind, name);
    }
  }

  void compare_a_message() {
    const ChannelKind kind = kChannelKinds[random_() % kChannelKinds.size()];
    const std::string channel = random_name(SubscriptionKind::channel);
    const Model::Sources expected = model_.publish(kind, channel);
    std::size_t expected_receivers = 0;
    std::uint32_t expected_lanes = 0;
    for (const auto& [pattern, numbers] : expected) {
      expected_receivers += numbers.size();
      for (const std::uint64_t number : numbers) expected_lanes |= 1U << lanes_[number];
    }
    Model::Sources chosen;
    const std::size_t receivers = registry_.publish(kind, channel, [&](std::span<const Source> sources) {
      for (const Source& source : sources) {
        chosen.emplace_back(source.pattern ? "pattern " + std::string(*source.pattern) : "", numbers_of(source));
      }
    });
    REQUIRE(chosen == expected);
    REQUIRE(receivers == expected_receivers);
    const Audience audience = registry_.audience(kind, channel);
    REQUIRE(audience.receivers == expected_receivers);
    REQUIRE(audience.lanes == expected_lanes);
    REQUIRE(audience.sources == expected.size());
  }

  void compare_counts() {
    REQUIRE(registry_.patterns() == model_.count(SubscriptionKind::pattern));
    for (const ChannelKind kind : kChannelKinds) {
      REQUIRE(registry_.channel_count(kind) == model_.count(subscription_kind(kind)));
      REQUIRE(registry_.channels(kind, std::nullopt).size() == model_.count(subscription_kind(kind)));
    }
  }

 private:
  Subscriber subscriber(std::uint64_t session) const {
    return Subscriber(static_cast<std::uint8_t>(session % 4), lanes_[session], session);
  }

  std::string random_name(SubscriptionKind kind) {
    const std::string number = std::to_string(random_() % 12);
    if (kind != SubscriptionKind::pattern) return random_() % 4 == 0 ? "hot" : "c" + number;
    const std::string patterns[] = {"c*", "*", "c?", "*" + number, "c" + number, "c[" + number + "]", "h*t"};
    return patterns[random_() % std::size(patterns)];
  }

  void compare_names(std::uint64_t session, SubscriptionKind kind) {
    std::vector<std::string> names = sessions_[session].names(kind);
    std::sort(names.begin(), names.end());
    REQUIRE(names == model_.names(session, kind));
    REQUIRE(names.size() == sessions_[session].count(kind));
  }

  std::set<std::uint64_t> numbers_of(const Source& source) const {
    std::set<std::uint64_t> numbers;
    for (const Subscriber each : source.subscribers) {
      const bool as_subscribed = each.word == subscriber(each.number()).word;
      const bool chosen_once = numbers.insert(each.number()).second;
      if (!as_subscribed || !chosen_once) FAIL("session " << each.number() << " was not chosen as it subscribed");
    }
    return numbers;
  }

  std::mt19937 random_;
  SharedRegistry registry_;
  Model model_;
  std::vector<std::uint8_t> lanes_;
  std::vector<Subscriptions> sessions_;
};

TEST_CASE("The registry agrees with plain maps through thousands of changes") {
  Comparison comparison(GENERATE(1U, 2U, 3U));
  for (int i = 0; i < 8000; ++i) {
    comparison.change_something();
    comparison.compare_a_message();
    if (i % 100 == 0) comparison.compare_counts();
  }
  for (std::uint64_t session = 0; session < kSessions; ++session) comparison.forget(session);
  comparison.compare_counts();
}

}  // namespace
}  // namespace respublica
