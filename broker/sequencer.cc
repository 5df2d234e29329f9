#include "broker/sequencer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "broker/log_start.h"

namespace respublica {
namespace {

/// A batch ends at the first command that makes it larger.
constexpr std::uint64_t kBatchBytes = 4ULL << 20;
/// What an io thread may do itself: more is better left to a thread of its own, beside it.
constexpr std::size_t kQuickWorks = 16;
constexpr std::uint64_t kQuickBytes = 128 * 1024;

DurableOutcome nothing() { return answer_of(GroupReading{}); }

/// Nobody waits long for it, nor for the disk.
bool is_for_here(const Sequencer::Work& work, AppendSync policy) {
  return std::ranges::all_of(work.commands, [policy](const DurableCommand& command) {
    return is_quick(command) && (policy != AppendSync::always || !needs_promise(command));
  });
}

}  // namespace

Sequencer::Sequencer(OpenFiles open_files, LogOptions options, const Clock& clock, SequencerListener& listener,
                     UpkeepLimits upkeep, RetentionLimits retention)
    : open_files_(std::move(open_files)),
      options_(options),
      upkeep_limits_(upkeep),
      retention_limits_(retention),
      clock_(clock),
      listener_(listener),
      letter_tasks_(streams_, clock),
      batch_(std::make_unique<StreamBatch>(streams_)),
      side_([this] {
        {
          const MutexLock lock(mutex_);
          side_done_ = true;
        }
        wake_.notify_one();
      }) {}

Sequencer::~Sequencer() { stop(); }

Result<LogRecovery> Sequencer::open() {
  if (const Result<void> opened = open_log(); !opened) return opened.error();
  return recovery_;
}

Result<void> Sequencer::open_log() {
  Result<std::unique_ptr<FileSystem>> files = open_files_();
  if (!files) return files.error();
  files_ = std::move(files.value());
  if (auto locked = files_->lock(); !locked) return locked;
  std::vector<Error> damaged;
  Result<LogStart> started = start_log(*files_, options_, damaged);
  for (const Error& error : damaged) listener_.upkeep_failed(error);
  if (!started) return started.error();
  LogStart& start = started.value();
  recovery_ = start.recovery;
  log_ = std::move(start.log);
  last_ms_ = std::max(last_ms_, start.last_ms);
  for (const auto& stream : start.streams) expiries_.set(stream->name(), stream->expires_ms());
  streams_.fill(std::move(start.streams));
  batch_ = std::make_unique<StreamBatch>(streams_, *log_, start.next_number, std::move(start.times), last_ms_,
                                         std::move(start.groups), std::move(start.producers));
  rules_ = nullptr;
  rule_times_.start(now_ms());
  look_at_rules();
  upkeep_ = std::make_unique<LogUpkeep>(*files_, *log_, streams_, batch_->groups(), batch_->producers(), side_,
                                        upkeep_limits_, listener_);
  upkeep_->found(start.checkpoint, start.checkpoint_bytes, start.older_checkpoint);
  retention_ = std::make_unique<LogRetention>(*files_, *log_, streams_, side_, clock_, retention_limits_,
                                              options_.segment_bytes, listener_);
  shown_log_.store(log_.get(), std::memory_order_release);
  show_end();
  return {};
}

void Sequencer::start() {
  last_sync_ = clock_.steady_now();
  {
    MutexLock lock(mutex_);
    commits_here_ = CommitsHere::yes;
  }
  thread_ = std::thread([this] { run(); });
}

void Sequencer::start_by_hand(CommitsHere commits) {
  last_sync_ = clock_.steady_now();
  {
    MutexLock lock(mutex_);
    commits_here_ = commits;
  }
  by_hand_ = true;
  side_.use_by_hand();
}

void Sequencer::stop() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  while (by_hand_) by_hand_ = turn();
  side_.stop();
}

void Sequencer::submit(Work work) {
  bool first = false;
  {
    MutexLock lock(mutex_);
    first = queue_.empty();
    queue_.push_back(std::move(work));
  }
  if (first && !commit_here()) wake_.notify_one();
}

bool Sequencer::commit_here() {
  if (!deciding_.try_lock()) return false;
  std::vector<Work> works = take_quick();
  const bool found = !works.empty() && set_aside_quickly(works);
  if (found) {
    takes_writes_.store(true, std::memory_order_relaxed);
    commit_in(StreamBatch::Room::enough, works);
  } else {
    put_back(works);
  }
  const std::optional<SteadyTime> due = found ? this->due() : std::nullopt;
  deciding_.unlock();
  if (due) {
    MutexLock lock(mutex_);
    if (!wake_at_ || *due < *wake_at_) {
      wake_at_ = due;
      wake_.notify_one();
    }
  }
  return found;
}

std::vector<Sequencer::Work> Sequencer::take_quick() {
  if (log_ == nullptr || failed_) return {};
  const AppendSync policy = append_sync_.load(std::memory_order_relaxed);
  MutexLock lock(mutex_);
  if (commits_here_ == CommitsHere::no || ending_ || queue_.size() > kQuickWorks) return {};
  std::uint64_t bytes = 0;
  for (const Work& work : queue_) {
    bytes += work.bytes();
    if (bytes > kQuickBytes || !is_for_here(work, policy)) return {};
  }
  return std::exchange(queue_, {});
}

bool Sequencer::set_aside_quickly(const std::vector<Work>& works) {
  look_at_rules();
  const std::uint64_t bytes = frame_bytes(works);
  return log_->has_room(bytes) && log_->reserve(bytes).ok();
}

void Sequencer::put_back(std::vector<Work>& works) {
  MutexLock lock(mutex_);
  queue_.insert(queue_.begin(), std::make_move_iterator(works.begin()), std::make_move_iterator(works.end()));
}

void Sequencer::give_up(std::shared_ptr<ReadWait> wait) {
  wait->give_up();
  {
    MutexLock lock(mutex_);
    given_up_.push_back(std::move(wait));
  }
  wake_.notify_one();
}

void Sequencer::sync(std::function<void()> done) {
  {
    MutexLock lock(mutex_);
    syncs_.push_back(std::move(done));
  }
  wake_.notify_one();
}

void Sequencer::sync_for_clients() {
  std::vector<std::function<void()>> syncs;
  {
    MutexLock lock(mutex_);
    syncs.swap(syncs_);
  }
  if (syncs.empty() || failed_) return;
  if (log_ != nullptr) {
    if (const Result<void> synced = log_->sync(); !synced) return fail(synced.error());
  }
  for (const std::function<void()>& done : syncs) done();
}

void Sequencer::set_append_sync(AppendSync policy) {
  {
    MutexLock lock(mutex_);
    append_sync_.store(policy, std::memory_order_relaxed);
    // What is due is due at another time.
    policy_changed_ = true;
  }
  wake_.notify_one();
}

void Sequencer::run() {
  ::pthread_setname_np(::pthread_self(), "sequencer");
  // The first one finds when there is something to do by itself.
  while (turn()) await_work();
}

bool Sequencer::turn() {
  const MutexLock deciding(deciding_);
  // What time does comes first: who reads then is not given what it has ended.
  sweep_groups();
  act_on_rules();
  std::vector<Work> works = take();
  if (!works.empty()) commit(works);
  end_waiting();
  look_for_groups();
  sync_for_clients();
  drop_expired();
  move_letters();
  keep_up();
  limit_idle();
  const std::optional<SteadyTime> due = this->due();
  {
    MutexLock lock(mutex_);
    wake_at_ = due;
    if (!ending_ || !queue_.empty() || !syncs_.empty()) return true;
  }
  if (unmarked_ && !failed_) mark_durable();
  return false;
}

void Sequencer::await_work() {
  MutexLock lock(mutex_);
  if (!queue_.empty() || !syncs_.empty() || !given_up_.empty() || !task_questions_.empty()) return;
  if (side_done_ || policy_changed_ || ending_) return;
  if (wake_at_) {
    const SteadyTime due = *wake_at_;
    wake_.wait_until(mutex_, due);
  } else {
    wake_.wait(mutex_);
  }
}

std::vector<Sequencer::Work> Sequencer::take() {
  MutexLock lock(mutex_);
  side_done_ = false;
  policy_changed_ = false;
  std::uint64_t bytes = 0;
  std::size_t taken = 0;
  while (taken < queue_.size() && bytes < kBatchBytes) bytes += queue_[taken++].bytes();
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(taken);
  std::vector<Work> works(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return works;
}

void Sequencer::end_waiting() {
  std::vector<std::shared_ptr<ReadWait>> given_up;
  {
    MutexLock lock(mutex_);
    given_up.swap(given_up_);
  }
  for (const WaitingReads::Read& read : waiting_.take_over(clock_.steady_now(), given_up)) {
    rule_times_.waited(read.command, last_ms_, scene());
    read.done({nothing()});
  }
}

void Sequencer::fail(const Error& error) {
  failed_ = true;
  listener_.log_failed(error);
}

}  // namespace respublica
