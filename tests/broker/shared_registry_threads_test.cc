// Run under ThreadSanitizer, this also proves the absence of data races: the flags and sequence numbers below are plain
// variables that only the registry's locks protect.

#include <array>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "broker/shared_registry.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr std::size_t kSubscriberThreads = 3;
constexpr std::size_t kPublisherThreads = 3;
constexpr std::size_t kSessionsPerThread = 8;
constexpr std::size_t kSessions = kSubscriberThreads * kSessionsPerThread;
constexpr std::size_t kLetters = 5000;
/// Bounds a run in which nothing arrives.
constexpr int kMostRounds = 10'000'000;

constexpr std::array<std::string_view, 4> kChannels = {"news.de", "news.fr", "old", "patterns.only"};
struct Place {
  SubscriptionKind kind;
  std::string_view name;
};
constexpr std::array<Place, 6> kTopics = {{{SubscriptionKind::channel, "news.de"},
                                           {SubscriptionKind::channel, "news.fr"},
                                           {SubscriptionKind::channel, "old"},
                                           {SubscriptionKind::pattern, "news.*"},
                                           {SubscriptionKind::pattern, "*"},
                                           {SubscriptionKind::pattern, "p*.only"}}};

std::size_t topic_of(const Source& source, std::string_view channel) {
  for (std::size_t i = 0; i < kTopics.size(); ++i) {
    if (source.pattern ? kTopics[i].kind == SubscriptionKind::pattern && kTopics[i].name == *source.pattern
                       : kTopics[i].kind == SubscriptionKind::channel && kTopics[i].name == channel) {
      return i;
    }
  }
  return kTopics.size();
}

struct Letter {
  std::uint64_t session;
  std::size_t topic;
  std::size_t channel;
  std::uint64_t sequence;
};

/// A mailbox per subscriber thread, as io threads have them.
class Mailbox {
 public:
  void push(const Letter& letter) {
    MutexLock lock(mutex_);
    letters_.push_back(letter);
  }
  std::vector<Letter> take() {
    MutexLock lock(mutex_);
    return std::exchange(letters_, {});
  }

 private:
  Mutex mutex_;
  std::vector<Letter> letters_ GUARDED_BY(mutex_);
};

class Crowd {
 public:
  void run() {
    std::vector<std::thread> subscribers;
    std::vector<std::thread> publishers;
    for (std::size_t i = 0; i < kSubscriberThreads; ++i)
      subscribers.emplace_back([this, i] { subscribe_and_leave(i); });
    for (std::size_t i = 0; i < kPublisherThreads; ++i) publishers.emplace_back([this, i] { publish(i); });
    for (std::thread& each : subscribers) each.join();
    done_ = true;
    for (std::thread& each : publishers) each.join();
    for (std::size_t i = 0; i < kSubscriberThreads; ++i) read(i);
  }

  void check() const {
    CHECK(after_unsubscribe_ == 0);
    CHECK(out_of_order_ == 0);
    CHECK(unknown_sources_ == 0);
    CHECK(received_ == chosen_);
    CHECK(received_ >= kLetters);
    CHECK(registry_.patterns() == 0);
    CHECK(registry_.channel_count(ChannelKind::channel) == 0);
  }

 private:
  void subscribe_and_leave(std::size_t thread) {
    std::mt19937 random(static_cast<std::uint32_t>(thread));
    std::vector<Subscriptions> subscriptions(kSessionsPerThread);
    for (int round = 0; received_ < kLetters && round < kMostRounds; ++round) {
      const std::size_t own = random() % kSessionsPerThread;
      const std::uint64_t number = thread * kSessionsPerThread + own;
      const Subscriber subscriber(static_cast<std::uint8_t>(thread), static_cast<std::uint8_t>(round % 2), number);
      const std::size_t topic = random() % kTopics.size();
      switch (random() % 8) {
        case 0:
          registry_.forget(subscriber, subscriptions[own]);
          subscribed_[number].fill(false);
          break;
        case 1:
          registry_.change_lane(subscriber, subscriptions[own]);
          break;
        case 2:
        case 3:
          registry_.unsubscribe(subscriber, subscriptions[own], kTopics[topic].kind, kTopics[topic].name);
          subscribed_[number][topic] = false;
          break;
        default:
          // Already subscribed: publishers may be reading the flag, which is set.
          if (!subscribed_[number][topic]) subscribed_[number][topic] = true;
          registry_.subscribe(subscriber, subscriptions[own], kTopics[topic].kind, kTopics[topic].name);
      }
      read(thread);
    }
    for (std::size_t own = 0; own < kSessionsPerThread; ++own) {
      const std::uint64_t number = thread * kSessionsPerThread + own;
      registry_.forget(Subscriber(static_cast<std::uint8_t>(thread), 0, number), subscriptions[own]);
      subscribed_[number].fill(false);
    }
  }

  void publish(std::size_t thread) {
    std::mt19937 random(static_cast<std::uint32_t>(100 + thread));
    while (!done_) {
      const std::size_t channel = random() % kChannels.size();
      if (random() % 4 == 0) registry_.audience(ChannelKind::channel, kChannels[channel]);
      chosen_ += registry_.publish(ChannelKind::channel, kChannels[channel], [&](std::span<const Source> sources) {
        const std::uint64_t sequence = ++sequences_[channel];
        for (const Source& source : sources) hand_over(source, channel, sequence);
      });
    }
  }

  void hand_over(const Source& source, std::size_t channel, std::uint64_t sequence) {
    const std::size_t topic = topic_of(source, kChannels[channel]);
    if (topic == kTopics.size()) {
      ++unknown_sources_;
      return;
    }
    for (const Subscriber subscriber : source.subscribers) {
      if (!subscribed_[subscriber.number()][topic]) ++after_unsubscribe_;
      mailboxes_[subscriber.io_thread()].push({subscriber.number(), topic, channel, sequence});
    }
  }

  void read(std::size_t thread) {
    for (const Letter& letter : mailboxes_[thread].take()) {
      std::uint64_t& last = last_read_[letter.session][letter.topic][letter.channel];
      if (letter.sequence <= last) ++out_of_order_;
      last = letter.sequence;
      ++received_;
    }
  }

  SharedRegistry registry_;
  std::array<Mailbox, kSubscriberThreads> mailboxes_;
  /// Set by the session before it subscribes and after it unsubscribed; read by publishers that chose it.
  std::array<std::array<bool, kTopics.size()>, kSessions> subscribed_{};
  /// Messages of each channel, counted by hand-overs only.
  std::array<std::uint64_t, kChannels.size()> sequences_{};
  std::array<std::array<std::array<std::uint64_t, kChannels.size()>, kTopics.size()>, kSessions> last_read_{};
  std::atomic<bool> done_{false};
  std::atomic<std::size_t> chosen_{0};
  std::atomic<std::size_t> received_{0};
  std::atomic<std::size_t> after_unsubscribe_{0};
  std::atomic<std::size_t> out_of_order_{0};
  std::atomic<std::size_t> unknown_sources_{0};
};

TEST_CASE("While threads publish, subscribe and leave, all hear in one order and nobody after leaving") {
  for (int i = 0; i < 5; ++i) {
    Crowd crowd;
    crowd.run();
    crowd.check();
  }
}

}  // namespace
}  // namespace respublica
