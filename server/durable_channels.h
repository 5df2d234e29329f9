#pragma once
// The durable side of the broker, as its io threads see it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/sequencer.h"
#include "broker/stream_reader.h"
#include "server/blocked_readers.h"
#include "server/fan_out.h"
#include "server/followers.h"
#include "server/settings.h"

namespace respublica {

class ServerState;

/// Owns the sequencer, and does what it asks for: delivers committed entries to subscribers, wakes blocked readers, and
/// ends the process when the log fails. Owned by ServerState.
///
/// Thread: open() and stop() the main thread; the rest any.
class DurableChannels final : private SequencerListener, private DeliveryTarget {
 public:
  DurableChannels(ServerState& server, const Settings& settings);
  ~DurableChannels() override;

  /// Reads the log, if there is one.
  Result<void> open();
  /// Starts the sequencer; throws std::system_error where the system has no thread for it.
  void start() { sequencer_.start(); }
  /// Commits what has been submitted, and ends the sequencer.
  void stop();

  void submit(Sequencer::Work work) { sequencer_.submit(std::move(work)); }
  /// See Sequencer.
  void give_up(std::shared_ptr<ReadWait> wait) { sequencer_.give_up(std::move(wait)); }
  void sync(std::function<void()> done) { sequencer_.sync(std::move(done)); }
  void ask_tasks(std::function<void(LetterTasks&)> ask) { sequencer_.ask_tasks(std::move(ask)); }
  DeadLetterCounts dead_letters() const { return sequencer_.dead_letters(); }
  bool takes_writes() const { return sequencer_.takes_writes(); }
  /// In memory nothing is synced.
  void set_append_sync(AppendSync policy) { sequencer_.set_append_sync(on_disk_ ? policy : AppendSync::no); }
  /// What notify-keyspace-events asks for, in its letters.
  void set_key_events(std::string_view flags);
  const StreamTable& streams() const { return sequencer_.streams(); }
  StreamWatches& watches() { return sequencer_.watches(); }
  const MessageLog* log() const { return sequencer_.log(); }
  FramePlace shown_end() const { return sequencer_.shown_end(); }
  /// Bytes of the log's files, without the space that is set aside in the last one; 0 when there is no log.
  std::uint64_t log_bytes() const;
  /// As they were when the broker started.
  std::uint64_t log_bytes_at_start() const { return log_bytes_at_start_; }
  FrameMarks& frame_marks() { return frame_marks_; }
  BlockedReaders& blocked_readers() { return blocked_readers_; }
  Followers& followers() { return followers_; }

 private:
  std::uint64_t deliver(std::span<const StreamBatch::LiveEntry> entries) override;
  void appended(const std::vector<std::string_view>& channels) override;
  void happened(const std::vector<KeyEvent>& events) override;
  void upkeep_failed(const Error& error) override;
  void gave_back(std::uint64_t bytes) override;
  std::shared_ptr<const DurableRules> rules() override;
  /// Wakes the clients that are blocked for these channels, or for a virtual one that they belong to.
  void wake_blocked(const std::vector<std::string_view>& channels);
  void log_failed(const Error& error) override;
  void take(std::size_t io_thread, Delivery delivery) override;
  /// Wakes the io threads whose mailboxes were filled.
  void wake();

  ServerState& server_;
  const bool on_disk_;
  const std::string directory_;
  /// Set by open().
  std::uint64_t log_bytes_at_start_ = 0;
  BlockedReaders blocked_readers_;
  Followers followers_;
  FrameMarks frame_marks_;
  FanOut fan_out_;
  /// Io threads whose mailboxes were filled.
  std::vector<bool> to_wake_;
  /// Events go to the channel of the stream (`K`), and to that of the event (`E`).
  std::atomic<bool> tell_by_stream_{false};
  std::atomic<bool> tell_by_event_{false};
  Sequencer sequencer_;
};

}  // namespace respublica
