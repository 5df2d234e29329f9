#include "broker/letter_tasks.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <tuple>
#include <utility>

namespace respublica {
namespace {

/// How long a task waits when the log takes nothing.
constexpr std::chrono::seconds kRetry{1};
/// Pieces of a task with a rate in a second, where the rate is not below that.
constexpr std::uint64_t kPiecesInSecond = 10;

}  // namespace

std::optional<std::uint64_t> LetterTasks::start(Request request) {
  if (running_.size() >= kMostRunning) return std::nullopt;
  Running running;
  running.task.id = next_id_++;
  running.task.act = request.act;
  running.task.channel = request.channel;
  running.task.to = request.to;
  running.task.started_ms = unix_ms(clock_.wall_now());
  running.task.rate = request.rate;
  if (const std::shared_ptr<const Stream> stream = streams_.find(request.channel)) {
    running.last = stream->last_id();
    running.task.entries = request.filter.ids.empty() ? stream->length() : request.filter.ids.size();
  }
  running.due = clock_.steady_now();
  running.request = std::move(request);
  const std::uint64_t id = running.task.id;
  running_.emplace(id, std::move(running));
  return id;
}

bool LetterTasks::cancel(std::uint64_t id) {
  const auto found = running_.find(id);
  if (found == running_.end() || found->second.request.foresee) return false;
  end(found, LetterTask::State::cancelled);
  return true;
}

std::vector<LetterTask> LetterTasks::all() const {
  std::map<std::uint64_t, LetterTask> shown = ended_;
  for (const auto& [id, running] : running_) {
    if (!running.request.foresee) shown.emplace(id, running.task);
  }
  std::vector<LetterTask> tasks;
  for (auto& [id, task] : shown) tasks.push_back(std::move(task));
  return tasks;
}

std::optional<SteadyTime> LetterTasks::due() const {
  std::optional<SteadyTime> due;
  for (const auto& [id, running] : running_) due = due ? std::min(*due, running.due) : running.due;
  return due;
}

LetterTasks::ById::iterator LetterTasks::earliest() {
  return std::ranges::min_element(running_, {},
                                  [](const auto& each) { return std::tuple(each.second.due, each.second.turn); });
}

std::optional<DurableCommand> LetterTasks::next(const RecordSource& source) {
  const auto at = earliest();
  if (at == running_.end() || at->second.due > clock_.steady_now()) return std::nullopt;
  Running& running = at->second;
  running.turn = next_turn_++;
  Result<MoveLetters> move = plan(running, source);
  if (!move) {
    running.task.error = move.error().message;
    end(at, LetterTask::State::failed);
    return std::nullopt;
  }
  if (move.value().ids.empty()) {
    go_on(at);
    return std::nullopt;
  }
  doing_ = at->first;
  return DurableCommand{running.task.channel, std::move(move.value())};
}

std::size_t LetterTasks::most_of_piece(const Running& running) {
  std::uint64_t most = kMovedAtOnce;
  const Request& request = running.request;
  if (request.rate != 0) most = std::clamp<std::uint64_t>(request.rate / kPiecesInSecond, 1, most);
  if (request.count != 0) most = std::min(most, request.count - running.task.fates.gone());
  return most;
}

Result<MoveLetters> LetterTasks::plan(Running& running, const RecordSource& source) const {
  running.plan = {};
  MoveLetters move;
  move.act = running.request.act;
  move.to = running.request.to;
  move.is_dry_run = running.request.foresee != nullptr;
  const std::shared_ptr<const Stream> stream = streams_.find(running.task.channel);
  if (stream == nullptr || running.from > running.last) return move;
  const std::size_t most = most_of_piece(running);
  StreamReader reader(source);
  bool is_full = false;
  const auto visit = [&](const StoredEntry& entry) {
    is_full = !look(running, entry, move, most);
    return !is_full;
  };
  if (running.request.filter.ids.empty()) {
    const Result<void> read = reader.forward(*stream, {running.from, running.last}, visit);
    if (!read) return read.error();
  }
  for (const StreamId id : running.request.filter.ids) {
    if (is_full) break;
    if (id < running.from || id > running.last) continue;
    if (const Result<void> read = reader.forward(*stream, {id, id}, visit); !read) return read.error();
  }
  return move;
}

bool LetterTasks::look(Running& running, const StoredEntry& entry, MoveLetters& move, std::size_t most) const {
  const bool has_room = move.ids.empty() || move.bytes + entry.fields.size() <= kBytesAtOnce;
  Running::Plan& plan = running.plan;
  const bool has_looked = plan.looked == kLookedAtOnce || plan.looked_bytes >= kLookedBytesAtOnce;
  if (move.ids.size() == most || has_looked || !has_room) {
    plan.next = entry.id;
    return false;
  }
  ++plan.looked;
  plan.looked_bytes += entry.fields.size();
  const std::optional<DeadLetter> letter = DeadLetter::read(entry.fields);
  if (letter && running.request.filter.admits(entry.id, *letter)) {
    move.ids.push_back(entry.id);
    move.bytes += entry.fields.size();
    if (has_added(running, *letter)) move.repeated.push_back(entry.id);
  }
  return true;
}

bool LetterTasks::has_added(const Running& running, const DeadLetter& letter) const {
  if (running.added.empty()) return false;
  const std::shared_ptr<const Stream> origin = streams_.find(letter.channel());
  return origin != nullptr && running.added.contains({origin->number(), letter.id()});
}

void LetterTasks::did(const DurableOutcome& outcome) {
  const auto at = running_.find(std::exchange(doing_, 0));
  if (at == running_.end()) return;
  LetterTask& task = at->second.task;
  switch (outcome.refusal) {
    case Refusal::none:
      break;
    case Refusal::disk_full:
    case Refusal::log_unavailable:
      at->second.due = clock_.steady_now() + kRetry;
      return;
    default:
      task.error = outcome.detail;
      return end(at, LetterTask::State::failed);
  }
  const LetterFates& fates = *std::get_if<LetterFates>(outcome.groups.get());
  task.fates.add(fates);
  for (const DeadEntry& entry : fates.added_entries) at->second.added.add(entry);
  if (task.rate != 0) {
    at->second.due = clock_.steady_now() + std::chrono::microseconds(1'000'000 * fates.gone() / task.rate);
  }
  go_on(at);
}

void LetterTasks::go_on(ById::iterator at) {
  Running& running = at->second;
  running.task.looked += running.plan.looked;
  const bool has_enough = running.request.count != 0 && running.task.fates.gone() >= running.request.count;
  if (!running.plan.next || has_enough) return end(at, LetterTask::State::done);
  running.from = *running.plan.next;
  if (running.task.rate == 0) running.due = clock_.steady_now();
}

void LetterTasks::end(ById::iterator at, LetterTask::State state) {
  Running running = std::move(at->second);
  running_.erase(at);
  LetterTask task = std::move(running.task);
  task.state = state;
  if (running.request.foresee) return running.request.foresee(task);
  ended_.emplace(task.id, std::move(task));
  if (ended_.size() > kEndedShown) ended_.erase(ended_.begin());
}

}  // namespace respublica
