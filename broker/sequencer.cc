#include "broker/sequencer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "broker/frame_bound.h"
#include "broker/log_start.h"

namespace respublica {
namespace {

/// A batch ends at the first command that makes it larger.
constexpr std::uint64_t kBatchBytes = 4ULL << 20;
/// What an io thread may do itself: more is better left to a thread of its own, beside it.
constexpr std::size_t kQuickWorks = 16;
constexpr std::uint64_t kQuickBytes = 128 * 1024;
/// Room in the log for all that commit_here() may have to write.
constexpr std::uint64_t kQuickRoom = 1024 * 1024;
/// A watched stream whose time is over is dropped.
constexpr std::uint64_t kDropBytes = 256;

DurableOutcome nothing() { return answer_of(GroupReading{}); }

std::uint64_t watch_bytes(const Sequencer::Work& work) {
  std::uint64_t bytes = 0;
  for (const std::shared_ptr<const StreamWatch>& watch : work.watches) bytes += kDropBytes + watch->name().size();
  return bytes;
}

std::uint64_t work_bytes(const Sequencer::Work& work) {
  std::uint64_t bytes = watch_bytes(work);
  for (const DurableCommand& command : work.commands) bytes += command_bytes(command);
  return bytes;
}

/// Nobody waits long for it, nor for the disk.
bool is_quick(const Sequencer::Work& work, AppendSync policy) {
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
  const bool found = !works.empty();
  if (found) commit(works);
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
  if (log_ == nullptr || failed_ || !log_->has_room(kQuickRoom)) return {};
  const AppendSync policy = append_sync_.load(std::memory_order_relaxed);
  MutexLock lock(mutex_);
  if (commits_here_ == CommitsHere::no || ending_ || queue_.size() > kQuickWorks) return {};
  std::uint64_t bytes = 0;
  for (const Work& work : queue_) {
    bytes += work_bytes(work);
    if (bytes > kQuickBytes || !is_quick(work, policy)) return {};
  }
  return std::exchange(queue_, {});
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
  }
  // What is due is due at another time.
  wake_.notify_one();
}

void Sequencer::run() {
  ::pthread_setname_np(::pthread_self(), "sequencer");
  do {
    await_work();
  } while (turn());
}

bool Sequencer::turn() {
  const MutexLock deciding(deciding_);
  // What time does comes first: who reads then is not given what it has ended.
  sweep_groups();
  act_on_rules();
  std::vector<Work> works = take();
  if (!works.empty()) commit(works);
  end_waiting();
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
  if (side_done_ || ending_) return;
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
  std::uint64_t bytes = 0;
  std::size_t taken = 0;
  while (taken < queue_.size() && bytes < kBatchBytes) bytes += work_bytes(queue_[taken++]);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(taken);
  std::vector<Work> works(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return works;
}

void Sequencer::commit(std::vector<Work>& works) {
  if (failed_) return;
  look_at_rules();
  StreamBatch::Room room = StreamBatch::Room::enough;
  if (!needs_log(works)) {
    room = StreamBatch::Room::none;
  } else if (const Result<void> ready = prepare(works); !ready) {
    if (failed_) return;
    takes_writes_.store(false, std::memory_order_relaxed);
    refuse_changes(works, ready.error());
    room = StreamBatch::Room::none;
  } else {
    takes_writes_.store(true, std::memory_order_relaxed);
  }
  if (works.empty()) return;
  batch_->tell(told_.load(std::memory_order_relaxed));
  batch_->begin(log_ == nullptr ? LogPosition{} : log_->end(), now_ms(), room);
  const Promise promise = promise_of(works);
  Commit commit;
  for (Work& work : works) decide(work, commit);
  if (!batch_->frame().empty()) {
    if (const Result<void> written = write(promise); !written) {
      batch_->discard();
      fail(written.error());
      return;
    }
  }
  report(works, commit);
}

bool Sequencer::needs_log(const std::vector<Work>& works) const {
  return log_ != nullptr || std::ranges::any_of(works, [](const Work& work) {
           return std::ranges::any_of(work.commands, may_make_stream);
         });
}

void Sequencer::refuse_changes(std::vector<Work>& works, const Error& error) {
  DurableOutcome outcome;
  outcome.refusal = error.kind == ErrorKind::no_space ? Refusal::disk_full : Refusal::log_unavailable;
  outcome.detail = error.message;
  std::erase_if(works, [&outcome](const Work& work) {
    if (std::ranges::all_of(work.commands, is_look)) return false;
    work.done(std::vector<DurableOutcome>(work.commands.size(), outcome));
    return true;
  });
}

void Sequencer::decide(Work& work, Commit& commit) {
  const Refusal refusal = obstacle(work);
  for (const DurableCommand& command : work.commands) {
    commit.outcomes.push_back(refusal == Refusal::none ? batch_->decide(command) : batch_->refuse(refusal));
    const DurableOutcome& outcome = commit.outcomes.back();
    const bool is_new = std::holds_alternative<AppendEntry>(command.change) && outcome.id && !outcome.duplicate;
    if (is_new) commit.appended.push_back(command.channel);
  }
  if (work.wait != nullptr && !work.wait->given_up() && is_nothing(commit.outcomes.back())) {
    waiting_.add({std::move(work.commands.front()), std::move(work.done), std::move(work.wait)});
    work.done = nullptr;
  }
  serve_waiting(commit);
}

void Sequencer::serve_waiting(Commit& commit) {
  for (const std::string& channel : batch_->take_woken()) {
    for (const WaitingReads::Number number : waiting_.find(channel)) {
      DurableOutcome outcome = batch_->decide_again(waiting_.command(number));
      if (!is_nothing(outcome)) commit.served.emplace_back(waiting_.take(number), std::move(outcome));
    }
  }
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

Refusal Sequencer::obstacle(const Work& work) {
  if (work_bytes(work) > options_.max_frame_bytes) return Refusal::too_large;
  const auto unchanged = [this](const auto& watch) { return batch_->unchanged(*watch); };
  return std::ranges::all_of(work.watches, unchanged) ? Refusal::none : Refusal::watched_changed;
}

Result<void> Sequencer::prepare(const std::vector<Work>& works) {
  if (log_ == nullptr) {
    if (const Result<void> opened = open_log(); !opened) return opened;
  }
  std::uint64_t bytes = kFrameHeaderBytes;
  FrameBound bound(streams_, *batch_, waiting_);
  for (const Work& work : works) {
    // What is larger will be refused.
    if (work_bytes(work) > options_.max_frame_bytes) continue;
    bytes += watch_bytes(work);
    for (const DurableCommand& command : work.commands) bytes += bound.add(command);
  }
  Result<void> reserved = log_->reserve(bytes);
  if (!reserved && reserved.error().kind != ErrorKind::no_space) {
    // To begin a new segment, the one before is synced.
    if (const Result<void> synced = log_->sync(); !synced) fail(synced.error());
  }
  return reserved;
}

void Sequencer::fail(const Error& error) {
  failed_ = true;
  listener_.log_failed(error);
}

Sequencer::Promise Sequencer::promise_of(const std::vector<Work>& works) {
  const auto is_promised = [](const Work& work) { return std::ranges::any_of(work.commands, needs_promise); };
  return std::ranges::any_of(works, is_promised) ? Promise::kept : Promise::none;
}

Result<void> Sequencer::write(Promise promise) {
  if (const Result<void> appended = log_->append(batch_->frame(), last_ms_); !appended) return appended;
  unmarked_ = true;
  if (promise == Promise::none || append_sync_.load(std::memory_order_relaxed) != AppendSync::always) return {};
  last_sync_ = clock_.steady_now();
  return log_->sync();
}

void Sequencer::report(std::vector<Work>& works, Commit& commit) {
  // The views in them are of the works.
  const std::vector<StreamBatch::LiveEntry> live = batch_->live_entries();
  const std::vector<KeyEvent> events = std::move(batch_->events());
  batch_->publish([this](const std::string& name, const Stream* stream) {
    using Became = StreamWatches::Became;
    watches_.note(name, stream != nullptr ? Became::another : Became::gone);
    expiries_.set(name, stream != nullptr ? stream->expires_ms() : std::nullopt);
    rule_times_.changed(name, stream, last_ms_, scene());
  });
  for (const TouchedGroup& touched : batch_->take_touched()) {
    sweeps_.plan(touched, streams_, batch_->groups(), *rules_);
    rule_times_.joined(touched.channel, last_ms_, *rules_);
  }
  for (const std::string_view channel : batch_->own_channels()) commit.appended.push_back(channel);
  if (log_ != nullptr) show_end();
  show_dead_letters();
  for (auto begin = live.begin(); begin != live.end();) {
    const auto other_channel = [&begin](const StreamBatch::LiveEntry& entry) {
      return entry.channel != begin->channel;
    };
    const auto end = std::find_if(begin, live.end(), other_channel);
    const std::uint64_t receivers = listener_.deliver({begin, end});
    for (; begin != end; ++begin) {
      if (begin->command != StreamBatch::kNoCommand) commit.outcomes[begin->command].count = receivers;
    }
  }
  if (!events.empty()) listener_.happened(events);
  if (!commit.appended.empty()) listener_.appended(commit.appended);
  auto next = commit.outcomes.begin();
  for (Work& work : works) {
    const auto end = next + static_cast<std::ptrdiff_t>(work.commands.size());
    // One that waits has no done any more.
    if (work.done) work.done({std::make_move_iterator(next), std::make_move_iterator(end)});
    next = end;
  }
  for (auto& [read, outcome] : commit.served) read.done({std::move(outcome)});
}

void Sequencer::show_end() {
  MutexLock lock(shown_mutex_);
  shown_end_ = {last_ms_, log_->end()};
}

void Sequencer::look_at_rules() {
  std::shared_ptr<const DurableRules> rules = listener_.rules();
  if (rules == rules_) return;
  rules_ = std::move(rules);
  batch_->set_rules(rules_);
  sweeps_.plan_all(streams_, batch_->groups(), *rules_);
  rule_times_.plan_all(scene());
}

std::uint64_t Sequencer::now_ms() {
  last_ms_ = std::max(last_ms_, unix_ms(clock_.wall_now()));
  return last_ms_;
}

}  // namespace respublica
