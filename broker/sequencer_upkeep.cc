#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "broker/group_sweep.h"
#include "broker/sequencer.h"

// What the sequencer does without being asked, and when.

namespace respublica {
namespace {

/// How long the log is idle before a frame says that all of it is durable.
constexpr std::chrono::milliseconds kIdle{50};
constexpr std::chrono::seconds kEverySecond{1};
/// When what could not be done is tried again.
constexpr std::uint64_t kRetryMs = 1000;
/// Groups that are swept with one frame.
constexpr std::size_t kSweepsAtOnce = 64;
/// Streams whose time is over that are dropped with one frame.
constexpr std::size_t kDropsAtOnce = 256;

}  // namespace

std::optional<SteadyTime> Sequencer::due() const {
  std::optional<SteadyTime> due = upkeep_due();
  const auto earlier = [&due](SteadyTime other) { due = due ? std::min(*due, other) : other; };
  if (const std::optional<SteadyTime> next = waiting_.due()) earlier(*next);
  if (!virtual_looks_.empty() && !failed_) earlier(clock_.steady_now());
  if (retention_ != nullptr && !failed_) {
    if (const std::optional<SteadyTime> next = retention_->due()) earlier(*next);
  }
  const auto at = [this, &earlier](std::optional<std::uint64_t> next, SteadyTime not_before) {
    if (!next || failed_) return;
    const std::uint64_t now_ms = unix_ms(clock_.wall_now());
    // The clock may be set: it is looked at every second.
    constexpr std::uint64_t kMostMs = std::chrono::milliseconds(kEverySecond).count();
    const std::chrono::milliseconds rest(*next > now_ms ? std::min(*next - now_ms, kMostMs) : 0);
    earlier(std::max(not_before, clock_.steady_now() + rest));
  };
  if (const std::optional<SteadyTime> next = letter_tasks_.due(); next && !failed_) earlier(*next);
  at(expiries_.next(), drop_not_before_);
  at(sweeps_.next(), sweep_not_before_);
  at(rule_times_.next(), sweep_not_before_);
  return due;
}

void Sequencer::sweep_groups() {
  const std::optional<std::uint64_t> next = sweeps_.next();
  if (!next || failed_ || clock_.steady_now() < sweep_not_before_ || *next > now_ms()) return;
  act(sweeps_.due(last_ms_, kSweepsAtOnce), [this](const DurableCommand& sweep, const DurableOutcome& outcome) {
    if (outcome.refusal != Refusal::none) return sweeps_.put_off(sweep, last_ms_ + kRetryMs);
    const auto done = outcome.count < kSweptAtOnce ? SweepSchedule::Done::all : SweepSchedule::Done::part;
    sweeps_.swept(sweep, done, streams_, batch_->groups(), *rules_);
  });
}

void Sequencer::act_on_rules() {
  const std::optional<std::uint64_t> next = rule_times_.next();
  if (!next || failed_ || clock_.steady_now() < sweep_not_before_ || *next > now_ms()) return;
  act(rule_times_.due(last_ms_, scene()), [this](const DurableCommand& command, const DurableOutcome& outcome) {
    if (outcome.refusal != Refusal::none) return rule_times_.put_off(command, last_ms_ + kRetryMs);
    rule_times_.acted(command, outcome, last_ms_, scene());
  });
}

void Sequencer::act(std::vector<DurableCommand> commands, const Acted& acted) {
  Work work;
  work.commands = commands;
  work.done = [this, &commands, &acted](const std::vector<DurableOutcome>& outcomes) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      acted(commands[i], outcomes[i]);
      const Refusal refusal = outcomes[i].refusal;
      if (refusal == Refusal::none) continue;
      if (refusal == Refusal::log_unreadable) listener_.upkeep_failed(Error{outcomes[i].detail});
      // A full disk is told of elsewhere, and keeps all others from being done, too.
      const bool is_for_all = refusal == Refusal::disk_full || refusal == Refusal::log_unavailable;
      if (is_for_all) sweep_not_before_ = clock_.steady_now() + kEverySecond;
      show_dead_letters();
    }
  };
  std::vector<Work> works;
  works.push_back(std::move(work));
  commit(works);
}

void Sequencer::ask_tasks(std::function<void(LetterTasks&)> ask) {
  {
    MutexLock lock(mutex_);
    task_questions_.push_back(std::move(ask));
  }
  wake_.notify_one();
}

void Sequencer::show_dead_letters() {
  MutexLock lock(shown_mutex_);
  shown_dead_letters_ = batch_->dead_letter_counts();
}

void Sequencer::move_letters() {
  std::vector<std::function<void(LetterTasks&)>> questions;
  {
    MutexLock lock(mutex_);
    questions.swap(task_questions_);
  }
  if (failed_) return;
  for (const auto& ask : questions) ask(letter_tasks_);
  std::optional<DurableCommand> piece = letter_tasks_.next(*batch_);
  if (!piece) return;
  Work work;
  work.commands.push_back(std::move(*piece));
  work.done = [this](const std::vector<DurableOutcome>& outcomes) { letter_tasks_.did(outcomes.front()); };
  std::vector<Work> works;
  works.push_back(std::move(work));
  commit(works);
}

void Sequencer::drop_expired() {
  const std::optional<std::uint64_t> next = expiries_.next();
  if (!next || failed_ || clock_.steady_now() < drop_not_before_ || *next > now_ms()) return;
  Work work;
  for (std::string& name : expiries_.due(last_ms_, kDropsAtOnce)) {
    work.commands.push_back({std::move(name), DropExpired{}});
  }
  work.done = [this](const std::vector<DurableOutcome>& outcomes) {
    if (outcomes.front().refusal != Refusal::none) {
      drop_not_before_ = clock_.steady_now() + kEverySecond;
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
  std::erase_if(work.commands, [this](const DurableCommand& command) {
    const GroupRule* const rule = batch_->rule_of(command.channel);
    if (rule == nullptr || !rule->dlq_trimmed) return false;
    rule_times_.trim(command.channel, last_ms_);
    return true;
  });
  if (work.commands.empty()) return;
  // What is refused is found again at the next look.
  work.done = [](const std::vector<DurableOutcome>&) {};
  std::vector<Work> works;
  works.push_back(std::move(work));
  commit(works);
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
  const SteadyTime now = clock_.steady_now();
  if (!due || now < *due) return;
  last_sync_ = now;
  const bool busy =
      append_sync_.load(std::memory_order_relaxed) == AppendSync::everysec && log_->durable() < log_->end();
  if (!busy) {
    mark_durable();
  } else {
    sync_beside();
  }
}

void Sequencer::sync_beside() {
  const MessageLog::Sync begun = log_->begin_sync();
  deciding_.unlock();
  const Result<void> synced = begun.sync();
  deciding_.lock();
  if (const Result<void> ended = log_->end_sync(begun, synced); !ended) fail(ended.error());
}

void Sequencer::mark_durable() {
  unmarked_ = false;
  const Result<void> marked = log_->mark_durable(now_ms());
  if (!marked && marked.error().kind != ErrorKind::no_space) fail(marked.error());
}

}  // namespace respublica
