#include <algorithm>
#include <string>
#include <utility>

#include "broker/frame_bound.h"
#include "broker/sequencer.h"

// How the sequencer makes one frame of a batch, and what follows it.

namespace respublica {
namespace {

/// A watched stream whose time is over is dropped.
constexpr std::uint64_t kDropBytes = 256;

}  // namespace

std::uint64_t Sequencer::Work::watch_bytes() const {
  std::uint64_t bytes = 0;
  for (const std::shared_ptr<const StreamWatch>& watch : watches) bytes += kDropBytes + watch->name().size();
  return bytes;
}

std::uint64_t Sequencer::Work::bytes() const {
  std::uint64_t bytes = watch_bytes();
  for (const DurableCommand& command : commands) bytes += command_bytes(command);
  return bytes;
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
  if (!works.empty()) commit_in(room, works);
}

void Sequencer::commit_in(StreamBatch::Room room, std::vector<Work>& works) {
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
    if (const auto group = VirtualLooks::group_of(work.commands.front())) virtual_looks_.ask(*group);
    waiting_.add({std::move(work.commands.front()), std::move(work.done), std::move(work.wait)});
    work.done = nullptr;
  }
  serve_waiting(commit);
}

void Sequencer::serve_waiting(Commit& commit) {
  for (const std::string& channel : batch_->take_woken()) {
    virtual_looks_.keep(channel, [this, &channel](const std::string& group) {
      const Stream* const stream = batch_->find(channel);
      return stream != nullptr && batch_->groups().find(stream->number(), group) != nullptr;
    });
    for (const std::string& group : waiting_.groups(channel)) serve_waiting(channel, group, commit);
  }
}

void Sequencer::serve_waiting(const std::string& channel, const std::string& group, Commit& commit) {
  const GroupRule* const rule = batch_->rule_of(channel);
  const bool all_find_the_same = rule == nullptr || rule->order_by.empty();
  auto which = WaitingReads::Which::all;
  WaitingReads::Number from = 0;
  while (const std::optional<WaitingReads::Number> number = waiting_.next(channel, group, from, which)) {
    from = *number + 1;
    const DurableCommand& command = waiting_.command(*number);
    DurableOutcome outcome = batch_->decide_again(command);
    if (!is_nothing(outcome)) {
      commit.served.emplace_back(waiting_.take(*number), std::move(outcome));
    } else if (all_find_the_same && !std::get<ReadGroup>(command.change).claim_idle_ms) {
      which = WaitingReads::Which::claiming;
    }
  }
}

Refusal Sequencer::obstacle(const Work& work) {
  if (work.bytes() > options_.max_frame_bytes) return Refusal::too_large;
  const auto unchanged = [this](const auto& watch) { return batch_->unchanged(*watch); };
  return std::ranges::all_of(work.watches, unchanged) ? Refusal::none : Refusal::watched_changed;
}

Result<void> Sequencer::prepare(const std::vector<Work>& works) {
  if (log_ == nullptr) {
    if (const Result<void> opened = open_log(); !opened) return opened;
  }
  Result<void> reserved = log_->reserve(frame_bytes(works));
  if (!reserved && reserved.error().kind != ErrorKind::no_space) {
    // To begin a new segment, the one before is synced.
    if (const Result<void> synced = log_->sync(); !synced) fail(synced.error());
  }
  return reserved;
}

std::uint64_t Sequencer::frame_bytes(const std::vector<Work>& works) {
  std::uint64_t bytes = kFrameHeaderBytes;
  FrameBound bound(streams_, *batch_, waiting_);
  for (const Work& work : works) {
    // What is larger will be refused.
    if (work.bytes() > options_.max_frame_bytes) continue;
    bytes += work.watch_bytes();
    for (const DurableCommand& command : work.commands) bytes += bound.add(command);
  }
  return bytes;
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
  if (!commit.appended.empty()) {
    virtual_looks_.appended(commit.appended, batch_->first_virtual_id());
    listener_.appended(commit.appended);
  }
  // Who waits for entries is waited for, more often than who adds them.
  for (auto& [read, outcome] : commit.served) read.done({std::move(outcome)});
  auto next = commit.outcomes.begin();
  for (Work& work : works) {
    const auto end = next + static_cast<std::ptrdiff_t>(work.commands.size());
    // One that waits has no done any more.
    if (work.done) work.done({std::make_move_iterator(next), std::make_move_iterator(end)});
    next = end;
  }
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
