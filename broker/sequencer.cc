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
/// How long the log is idle before a frame says that all of it is durable.
constexpr std::chrono::milliseconds kIdle{50};
constexpr std::chrono::seconds kEverySecond{1};
/// Streams whose time is over that are dropped with one frame.
constexpr std::size_t kDropsAtOnce = 256;
/// More than any record takes beside its name, its fields and its IDs; twice, for the trimming that may follow it.
constexpr std::uint64_t kRecordBytes = 256;
constexpr std::uint64_t kIdBytes = 20;

/// At least what the command adds to a frame.
std::uint64_t frame_bytes(const DurableCommand& command) {
  std::uint64_t bytes = kRecordBytes + command.channel.size();
  if (const auto* append = std::get_if<AppendEntry>(&command.change)) bytes += append->fields.size();
  if (const auto* remove = std::get_if<DeleteEntries>(&command.change)) bytes += remove->ids.size() * kIdBytes;
  return bytes;
}

std::uint64_t frame_bytes(const Sequencer::Work& work) {
  std::uint64_t bytes = 0;
  for (const DurableCommand& command : work.commands) bytes += frame_bytes(command);
  // A watched stream whose time is over is dropped.
  for (const std::shared_ptr<const StreamWatch>& watch : work.watches) bytes += kRecordBytes + watch->name().size();
  return bytes;
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
                                         std::move(start.groups));
  upkeep_ = std::make_unique<LogUpkeep>(*files_, *log_, streams_, batch_->groups(), side_, upkeep_limits_, listener_);
  upkeep_->found(start.checkpoint, start.checkpoint_bytes, start.older_checkpoint);
  retention_ = std::make_unique<LogRetention>(*files_, *log_, streams_, side_, clock_, retention_limits_,
                                              options_.segment_bytes, listener_);
  shown_log_.store(log_.get(), std::memory_order_release);
  show_end();
  return {};
}

void Sequencer::start() {
  last_sync_ = std::chrono::steady_clock::now();
  thread_ = std::thread([this] { run(); });
}

void Sequencer::stop() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  side_.stop();
}

void Sequencer::submit(Work work) {
  bool first = false;
  {
    MutexLock lock(mutex_);
    first = queue_.empty();
    queue_.push_back(std::move(work));
  }
  if (first) wake_.notify_one();
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
  while (true) {
    std::vector<Work> works = take();
    if (!works.empty()) commit(works);
    sync_for_clients();
    drop_expired();
    keep_up();
    limit_idle();
    MutexLock lock(mutex_);
    if (ending_ && queue_.empty() && syncs_.empty()) break;
  }
  if (unmarked_ && !failed_) mark_durable();
}

std::vector<Sequencer::Work> Sequencer::take() {
  MutexLock lock(mutex_);
  if (queue_.empty() && syncs_.empty() && !side_done_ && !ending_) {
    if (const std::optional<SteadyTime> due = wake_due()) {
      wake_.wait_until(mutex_, *due);
    } else {
      wake_.wait(mutex_);
    }
  }
  side_done_ = false;
  std::uint64_t bytes = 0;
  std::size_t taken = 0;
  while (taken < queue_.size() && bytes < kBatchBytes) bytes += frame_bytes(queue_[taken++]);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(taken);
  std::vector<Work> works(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return works;
}

void Sequencer::commit(std::vector<Work>& works) {
  if (failed_) return;
  if (const Result<void> ready = prepare(works); !ready) {
    if (failed_) return;
    takes_writes_.store(false, std::memory_order_relaxed);
    const bool full = ready.error().kind == ErrorKind::no_space;
    refuse(works, full ? Refusal::disk_full : Refusal::log_unavailable, ready.error().message);
    return;
  }
  takes_writes_.store(true, std::memory_order_relaxed);
  batch_->tell(told_.load(std::memory_order_relaxed));
  batch_->begin(log_->end(), now_ms());
  Commit commit;
  for (const Work& work : works) decide(work, commit);
  if (!batch_->frame().empty()) {
    if (const Result<void> written = write(); !written) {
      batch_->discard();
      fail(written.error());
      return;
    }
  }
  report(works, commit);
}

void Sequencer::decide(const Work& work, Commit& commit) {
  const Refusal refusal = obstacle(work);
  for (const DurableCommand& command : work.commands) {
    commit.outcomes.push_back(refusal == Refusal::none ? batch_->decide(command) : batch_->refuse(refusal));
    if (commit.outcomes.back().id) commit.appended.push_back(command.channel);
  }
}

Refusal Sequencer::obstacle(const Work& work) {
  if (frame_bytes(work) > options_.max_frame_bytes) return Refusal::too_large;
  const auto unchanged = [this](const auto& watch) { return batch_->unchanged(*watch); };
  return std::ranges::all_of(work.watches, unchanged) ? Refusal::none : Refusal::watched_changed;
}

Result<void> Sequencer::prepare(const std::vector<Work>& works) {
  if (log_ == nullptr) {
    if (const Result<void> opened = open_log(); !opened) return opened;
  }
  std::uint64_t bytes = kFrameHeaderBytes;
  for (const Work& work : works) {
    // What is larger will be refused.
    if (const std::uint64_t needed = frame_bytes(work); needed <= options_.max_frame_bytes) bytes += needed;
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

void Sequencer::refuse(std::vector<Work>& works, Refusal refusal, const std::string& detail) {
  for (Work& work : works) {
    DurableOutcome outcome;
    outcome.refusal = refusal;
    outcome.detail = detail;
    work.done(std::vector<DurableOutcome>(work.commands.size(), outcome));
  }
}

Result<void> Sequencer::write() {
  if (const Result<void> appended = log_->append(batch_->frame(), last_ms_); !appended) return appended;
  unmarked_ = true;
  if (append_sync_.load(std::memory_order_relaxed) != AppendSync::always) return {};
  last_sync_ = std::chrono::steady_clock::now();
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
  });
  show_end();
  for (auto begin = live.begin(); begin != live.end();) {
    const auto other_channel = [&begin](const StreamBatch::LiveEntry& entry) {
      return entry.channel != begin->channel;
    };
    const auto end = std::find_if(begin, live.end(), other_channel);
    const std::uint64_t receivers = listener_.deliver({begin, end});
    for (; begin != end; ++begin) commit.outcomes[begin->command].count = receivers;
  }
  if (!events.empty()) listener_.happened(events);
  if (!commit.appended.empty()) listener_.appended(commit.appended);
  auto next = commit.outcomes.begin();
  for (Work& work : works) {
    const auto end = next + static_cast<std::ptrdiff_t>(work.commands.size());
    work.done({std::make_move_iterator(next), std::make_move_iterator(end)});
    next = end;
  }
}

std::optional<SteadyTime> Sequencer::wake_due() const {
  std::optional<SteadyTime> due = upkeep_due();
  const auto earlier = [&due](SteadyTime other) { due = due ? std::min(*due, other) : other; };
  if (retention_ != nullptr && !failed_) {
    if (const std::optional<SteadyTime> next = retention_->due()) earlier(*next);
  }
  if (const std::optional<std::uint64_t> next = expiries_.next(); next && !failed_) {
    const std::uint64_t now_ms = unix_ms(clock_.wall_now());
    // The clock may be set: it is looked at every second.
    const std::chrono::milliseconds rest(*next > now_ms ? *next - now_ms : 0);
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime drop = std::max(drop_not_before_, now + std::min<std::chrono::milliseconds>(rest, kEverySecond));
    earlier(drop);
  }
  return due;
}

void Sequencer::drop_expired() {
  const std::optional<std::uint64_t> next = expiries_.next();
  if (!next || failed_ || std::chrono::steady_clock::now() < drop_not_before_ || *next > now_ms()) return;
  Work work;
  for (std::string& name : expiries_.due(last_ms_, kDropsAtOnce)) {
    work.commands.push_back({std::move(name), DropExpired{}});
  }
  work.done = [this](const std::vector<DurableOutcome>& outcomes) {
    if (outcomes.front().refusal != Refusal::none) {
      drop_not_before_ = std::chrono::steady_clock::now() + kEverySecond;
    }
  };
  std::vector<Work> works;
  works.push_back(std::move(work));
  commit(works);
}

void Sequencer::limit_idle() {
  if (retention_ == nullptr || failed_) return;
  Work work;
  work.commands = retention_->take_limits();
  if (work.commands.empty()) return;
  // What is refused is found again at the next look.
  work.done = [](const std::vector<DurableOutcome>&) {};
  std::vector<Work> works;
  works.push_back(std::move(work));
  commit(works);
}

void Sequencer::show_end() {
  MutexLock lock(shown_mutex_);
  shown_end_ = {last_ms_, log_->end()};
}

std::optional<SteadyTime> Sequencer::upkeep_due() const {
  if (!unmarked_ || failed_) return std::nullopt;
  switch (append_sync_.load(std::memory_order_relaxed)) {
    case AppendSync::always:
      return last_sync_ + kIdle;
    case AppendSync::everysec:
      return last_sync_ + kEverySecond;
    case AppendSync::no:
      break;
  }
  return std::nullopt;
}

void Sequencer::keep_up() {
  side_.finish_done();
  if (upkeep_ != nullptr && !failed_) {
    upkeep_->look(batch_->next_number(), last_ms_);
    retention_->look(upkeep_->start(), batch_->times(), !takes_writes());
  }
  const std::optional<SteadyTime> due = upkeep_due();
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!due || now < *due) return;
  last_sync_ = now;
  const bool busy =
      append_sync_.load(std::memory_order_relaxed) == AppendSync::everysec && log_->durable() < log_->end();
  if (!busy) {
    mark_durable();
  } else if (const Result<void> synced = log_->sync(); !synced) {
    fail(synced.error());
  }
}

void Sequencer::mark_durable() {
  unmarked_ = false;
  const Result<void> marked = log_->mark_durable(now_ms());
  if (!marked && marked.error().kind != ErrorKind::no_space) fail(marked.error());
}

std::uint64_t Sequencer::now_ms() {
  last_ms_ = std::max(last_ms_, unix_ms(clock_.wall_now()));
  return last_ms_;
}

}  // namespace respublica
