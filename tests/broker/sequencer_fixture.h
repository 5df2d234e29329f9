#pragma once
// A sequencer whose surroundings write down what happens.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "broker/sequencer.h"
#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_parts.h"

namespace respublica::test {

/// What happened, in order. Thread: any, guarded by mutex_.
class Events {
 public:
  void add(std::string event) {
    {
      const MutexLock lock(mutex_);
      events_.push_back(std::move(event));
    }
    added_.notify_all();
  }
  /// What has happened since the last call.
  std::vector<std::string> take() {
    const MutexLock lock(mutex_);
    return std::exchange(events_, {});
  }
  /// Waits until there are so many of an event since take().
  void wait_for(std::string_view event, std::ptrdiff_t count) {
    const MutexLock lock(mutex_);
    while (std::count(events_.begin(), events_.end(), event) < count) added_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  std::condition_variable_any added_;
  std::vector<std::string> events_ GUARDED_BY(mutex_);
};

/// A clock that goes on by a millisecond with each look, so that each batch has its own.
class TickingClock final : public Clock {
 public:
  explicit TickingClock(std::uint64_t first_ms) : ms_(first_ms) {}
  WallTime wall_now() const override { return WallTime(std::chrono::milliseconds(ms_.fetch_add(1))); }

 private:
  mutable std::atomic<std::uint64_t> ms_;
};

/// Tells everything to Events, and has two subscribers for each channel.
class Recorder final : public SequencerListener {
 public:
  explicit Recorder(Events& events) : events_(events) {}

  std::uint64_t deliver(std::span<const StreamBatch::LiveEntry> entries) override {
    std::string event = "deliver " + std::string(entries[0].channel);
    for (const StreamBatch::LiveEntry& entry : entries) event += ' ' + show(StoredEntry{entry.id, entry.fields, {}, 0});
    events_.add(event);
    return 2;
  }
  void appended(const std::vector<std::string_view>& channels) override {
    std::string event = "appended";
    for (const std::string_view channel : channels) event += ' ' + std::string(channel);
    events_.add(event);
  }
  void upkeep_failed(const Error& error) override { events_.add("upkeep failed " + error.message); }
  void gave_back(std::uint64_t) override { events_.add("gave back"); }
  std::shared_ptr<const DurableRules> rules() override {
    const MutexLock lock(mutex_);
    return rules_;
  }
  void set(const DurableRule& rule) {
    auto rules = std::make_shared<DurableRules>();
    rules->add(rule);
    const MutexLock lock(mutex_);
    rules_ = std::move(rules);
  }
  void happened(const std::vector<KeyEvent>& events) override {
    for (const KeyEvent& event : events) events_.add(std::string(event.name) + " " + event.channel);
  }
  void log_failed(const Error& error) override { events_.add("failed " + error.message); }

 private:
  Events& events_;
  Mutex mutex_;
  std::shared_ptr<const DurableRules> rules_ GUARDED_BY(mutex_) = std::make_shared<DurableRules>();
};

/// A sequencer whose log is in memory.
struct SequencerFixture {
  explicit SequencerFixture(std::uint64_t first_ms = 1000) : clock(first_ms) {
    disk->observe([this](std::string_view operation) -> Result<void> {
      events.add(std::string(operation));
      return on_disk ? on_disk(operation) : Result<void>();
    });
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{64 * 1024}, clock, listener);
  }

  /// What readers see of a stream.
  std::string shown(const std::string& channel) const {
    const std::shared_ptr<const Stream> stream = sequencer->streams().find(channel);
    if (stream == nullptr) return "none";
    const LogSource source(*sequencer->log());
    StreamReader reader(source);
    return show(reader, *stream);
  }
  void reopen() {
    sequencer = nullptr;
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{64 * 1024}, clock, listener);
  }

  Events events;
  /// Set it before start().
  ObservedDisk::Hook on_disk;
  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  TickingClock clock;
  Recorder listener{events};
  std::unique_ptr<Sequencer> sequencer;
};

}  // namespace respublica::test
