#pragma once
// The thread that decides and writes all durable changes.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "broker/append_sync.h"
#include "broker/durable_command.h"
#include "broker/expiry_queue.h"
#include "broker/letter_tasks.h"
#include "broker/log_retention.h"
#include "broker/log_upkeep.h"
#include "broker/rule_times.h"
#include "broker/side_thread.h"
#include "broker/stream_batch.h"
#include "broker/stream_table.h"
#include "broker/stream_watches.h"
#include "broker/sweep_schedule.h"
#include "broker/virtual_looks.h"
#include "broker/waiting_reads.h"
#include "storage/file_system.h"
#include "storage/frame_marks.h"
#include "storage/message_log.h"

namespace respublica {

/// What the sequencer tells others. Thread: the sequencer.
class SequencerListener : public UpkeepListener {
 public:
  /// Hands committed entries, all of one channel, to its subscribers; returns to how many.
  virtual std::uint64_t deliver(std::span<const StreamBatch::LiveEntry> entries) = 0;
  /// Entries were added to these streams, and are to be seen now. A name may be there twice.
  virtual void appended(const std::vector<std::string_view>& channels) = 0;
  /// Tells those who ask for it what happened to streams.
  virtual void happened(const std::vector<KeyEvent>& events) = 0;
  /// The log has failed: what is on the disk is not known. The process must end without a word to anybody.
  void log_failed(const Error& error) override = 0;
};

/// Takes commands of all io threads in batches, and gives each batch one time, one frame and one sync (group commit).
/// Outcomes are reported, entries delivered and readers woken only then. The log is opened with the first command, so
/// that a broker without durable traffic leaves the disk alone; or by open(), if there is one already.
///
/// Classes whose thread is "the sequencer" are used by whoever holds its lock: its thread, or an io thread in submit().
///
/// Thread: submit(), give_up(), sync(), ask_tasks(), dead_letters(), takes_writes(), set_append_sync(), tell(),
/// streams(), watches() and log(): any. All else: its owner's.
class Sequencer {
 public:
  /// Opens the directory of the log, and makes it when it is not there.
  using OpenFiles = std::function<Result<std::unique_ptr<FileSystem>>()>;

  Sequencer(OpenFiles open_files, LogOptions options, const Clock& clock, SequencerListener& listener,
            UpkeepLimits upkeep = {}, RetentionLimits retention = {});
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  /// Reads an existing log. Before start().
  Result<LogRecovery> open();
  void start();
  /// Commits what has been submitted, syncs, and ends the thread.
  void stop();

  /// Whether submit() may commit on the thread that calls it.
  enum class CommitsHere : std::uint8_t { no, yes };
  /// In place of start(): nothing is done but in turn() and side_turn(), and in submit() if `commits` says so, on the
  /// caller's thread, so that a simulation has one order of all that happens, and can be repeated.
  void start_by_hand(CommitsHere commits = CommitsHere::no);
  /// Does what there is to do, without waiting; the thread that start() makes does nothing else. False when the end has
  /// come: stop() was called, and all is done.
  bool turn() EXCLUDES(deciding_, mutex_);
  /// Does one step of the slow work; false when there is none.
  bool side_turn() { return side_.do_step(); }
  /// When turn() has something to do if nothing comes; none = never.
  std::optional<SteadyTime> due() const;

  /// What is written with one frame: all of it or nothing.
  struct Work {
    std::vector<DurableCommand> commands;
    /// Called on the thread that commits with one outcome for each command.
    std::function<void(std::vector<DurableOutcome>)> done;
    /// When one of these streams has changed, no command is done (Refusal::watched_changed).
    std::vector<std::shared_ptr<const StreamWatch>> watches = {};
    /// Of a work that is one ReadGroup: while there is nothing to give it waits. Null: it does not, and is given
    /// nothing new of a virtual channel.
    std::shared_ptr<ReadWait> wait = nullptr;

    /// What dropping the watched streams takes in the log at most; and all that does not depend on what there is.
    std::uint64_t watch_bytes() const;
    std::uint64_t bytes() const;
  };
  /// Hands it to the sequencer's thread; or commits it at once, with all that others have submitted, if all of it is
  /// small and needs no sync, and nobody else is committing: two threads that wake each other take longer.
  void submit(Work work) EXCLUDES(deciding_, mutex_);
  /// What waits is answered with nothing, unless it has been answered by then.
  void give_up(std::shared_ptr<ReadWait> wait) EXCLUDES(mutex_);
  /// Calls `done`, on the sequencer's thread, when all that has been answered is on the disk, whatever the policy.
  void sync(std::function<void()> done) EXCLUDES(mutex_);
  /// Calls `ask`, on the sequencer's thread, with the redrives and discards of dead letters.
  void ask_tasks(std::function<void(LetterTasks&)> ask) EXCLUDES(mutex_);
  void set_append_sync(AppendSync policy) EXCLUDES(mutex_);
  /// Which events the listener is told of; none at first.
  void tell(KeyEventClasses classes) { told_.store(classes, std::memory_order_relaxed); }

  /// False while the log has no room: what was submitted last was refused.
  bool takes_writes() const { return takes_writes_.load(std::memory_order_relaxed); }
  const StreamTable& streams() const { return streams_; }
  StreamWatches& watches() { return watches_; }
  /// What has become of dead letters since the broker began.
  DeadLetterCounts dead_letters() const EXCLUDES(shown_mutex_) {
    MutexLock lock(shown_mutex_);
    return shown_dead_letters_;
  }
  /// The log, or null before the first durable write.
  const MessageLog* log() const { return shown_log_.load(std::memory_order_acquire); }
  /// Where the commits end whose streams are shown, and the time of the last one. Thread: any.
  FramePlace shown_end() const EXCLUDES(shown_mutex_) {
    MutexLock lock(shown_mutex_);
    return shown_end_;
  }

 private:
  struct Commit {
    /// Of the commands of all works, one behind the other.
    std::vector<DurableOutcome> outcomes;
    std::vector<std::string_view> appended;
    /// Reads that have waited, and what they get.
    std::vector<std::pair<WaitingReads::Read, DurableOutcome>> served;
  };

  void run();
  /// Does what submit() may do; false when there is none of it, or somebody else is committing.
  bool commit_here() EXCLUDES(deciding_, mutex_);
  /// All the work that there is; none if some of it is not for commit_here().
  std::vector<Work> take_quick() EXCLUDES(mutex_);
  /// Has room for their frame where the disk need not be waited for; false where it must.
  bool set_aside_quickly(const std::vector<Work>& works);
  /// They were taken, and are to be taken again.
  void put_back(std::vector<Work>& works) EXCLUDES(mutex_);
  /// What their frame takes at most.
  std::uint64_t frame_bytes(const std::vector<Work>& works);
  /// Waits until turn() has something to do.
  void await_work() EXCLUDES(mutex_);
  /// The work that there is, up to a bound.
  std::vector<Work> take() EXCLUDES(mutex_);
  void commit(std::vector<Work>& works);
  /// The same once it is known what room there is; the rules have been looked at.
  void commit_in(StreamBatch::Room room, std::vector<Work>& works);
  Result<void> prepare(const std::vector<Work>& works);
  void decide(Work& work, Commit& commit);
  /// Has reads that wait look at what the batch has changed.
  void serve_waiting(Commit& commit);
  /// Once one finds nothing, no other of the group is asked that would find nothing either.
  void serve_waiting(const std::string& channel, const std::string& group, Commit& commit);
  /// Looks for entries of virtual channels that groups wait for, up to a bound.
  void look_for_groups();
  /// Takes note of what a look has found for the first one that waits for the group.
  void looked(const VirtualLooks::Group& group, WaitingReads::Number number, DurableOutcome outcome);
  /// Answers those that do not wait where there is nothing more.
  void end_at_end(const std::vector<WaitingReads::Number>& waiting);
  /// Null when it is gone.
  const ConsumerGroup* find_group(const VirtualLooks::Group& group);
  /// Answers those that have waited long enough.
  void end_waiting() EXCLUDES(mutex_);
  /// Why none of the commands may be done.
  Refusal obstacle(const Work& work);
  bool needs_log(const std::vector<Work>& works) const;
  /// Refuses those that may change something, and takes them from `works`.
  static void refuse_changes(std::vector<Work>& works, const Error& error);
  /// Whether what a batch writes must be on the disk before it is answered, where the policy says so.
  enum class Promise : std::uint8_t {
    kept,
    /// Deliveries: they are on the disk with the next batch.
    none,
  };
  static Promise promise_of(const std::vector<Work>& works);
  Result<void> write(Promise promise);
  void report(std::vector<Work>& works, Commit& commit);
  /// What has been appended may be read now.
  void show_end() EXCLUDES(shown_mutex_);
  void show_dead_letters() EXCLUDES(shown_mutex_);
  /// When the log is to be synced, or marked as durable, if nothing comes; none = not at all.
  std::optional<SteadyTime> upkeep_due() const;
  /// Drops streams whose time is over, up to a bound.
  void drop_expired();
  /// Takes over the rules of now.
  void look_at_rules();
  /// Has time act on what is pending, up to a bound.
  void sweep_groups();
  /// Does what ask_tasks() was asked for, and a piece of what is to be done with dead letters.
  void move_letters() EXCLUDES(mutex_);
  /// Has rules act on channels whose time has come, up to a bound.
  void act_on_rules();
  RuleScene scene() { return {streams_, batch_->groups(), *rules_, waiting_}; }
  /// Commits what nobody has asked for, and reports what became of each command.
  using Acted = std::function<void(const DurableCommand& command, const DurableOutcome& outcome)>;
  void act(std::vector<DurableCommand> commands, const Acted& acted);
  /// Has rules act on streams that nobody writes to, up to a bound.
  void limit_idle();
  void keep_up() REQUIRES(deciding_);
  /// Syncs without the lock, so that others go on.
  void sync_beside() REQUIRES(deciding_);
  /// Does what sync() was asked for.
  void sync_for_clients() EXCLUDES(mutex_);
  void mark_durable();
  /// Nothing is answered from now on.
  void fail(const Error& error);
  std::uint64_t now_ms();
  Result<void> open_log();

  /// Held by the thread that decides: it guards what follows, up to the thread, but for what is atomic or has a mutex
  /// of its own.
  Mutex deciding_;
  const OpenFiles open_files_;
  const LogOptions options_;
  const UpkeepLimits upkeep_limits_;
  const RetentionLimits retention_limits_;
  const Clock& clock_;
  SequencerListener& listener_;
  StreamTable streams_;
  StreamWatches watches_;
  ExpiryQueue expiries_;
  WaitingReads waiting_;
  VirtualLooks virtual_looks_;
  std::shared_ptr<const DurableRules> rules_;
  SweepSchedule sweeps_;
  LetterTasks letter_tasks_;
  RuleTimes rule_times_;
  /// After a full disk: sweeps nothing before, and has no rule act.
  SteadyTime sweep_not_before_;
  /// After a full disk: drops nothing before.
  SteadyTime drop_not_before_;
  std::atomic<KeyEventClasses> told_{};
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<MessageLog> log_;
  std::atomic<const MessageLog*> shown_log_{nullptr};
  mutable Mutex shown_mutex_;
  FramePlace shown_end_ GUARDED_BY(shown_mutex_);
  DeadLetterCounts shown_dead_letters_ GUARDED_BY(shown_mutex_);
  std::unique_ptr<StreamBatch> batch_;
  LogRecovery recovery_;
  std::atomic<AppendSync> append_sync_{AppendSync::always};
  std::uint64_t last_ms_ = 0;
  SteadyTime last_sync_;
  /// Frames have been written since the last one that says how far the log is durable.
  bool unmarked_ = false;
  bool failed_ = false;
  std::atomic<bool> takes_writes_{true};

  std::thread thread_;
  bool by_hand_ = false;
  Mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Work> queue_ GUARDED_BY(mutex_);
  std::vector<std::function<void()>> syncs_ GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<ReadWait>> given_up_ GUARDED_BY(mutex_);
  std::vector<std::function<void(LetterTasks&)>> task_questions_ GUARDED_BY(mutex_);
  bool side_done_ GUARDED_BY(mutex_) = false;
  bool policy_changed_ GUARDED_BY(mutex_) = false;
  bool ending_ GUARDED_BY(mutex_) = false;
  CommitsHere commits_here_ GUARDED_BY(mutex_) = CommitsHere::no;
  /// When the thread wakes if nothing comes; none = never.
  std::optional<SteadyTime> wake_at_ GUARDED_BY(mutex_);

  std::unique_ptr<LogUpkeep> upkeep_;
  std::unique_ptr<LogRetention> retention_;
  /// Goes first: what it does uses all of the above.
  SideThread side_;
};

}  // namespace respublica
