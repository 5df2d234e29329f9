#include "server/io_thread.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <iterator>

#include "server/log.h"
#include "server/output_limits.h"

namespace respublica {
namespace {

/// Holds what 64 pipelined messages of 1 KiB need; a multiple of it arrives in one turn all the same.
constexpr std::size_t kReadBufferBytes = 128 * 1024;
/// Handlers that run before a turn flushes: enough to drain thousands of ready sockets, and an end to the turn.
constexpr int kMaxHandlersPerTurn = 4096;
/// The same where awaited replies have been sent meanwhile: their clients may ask again without an end.
constexpr int kMaxHandlersAnswering = 64;
/// Where turns have had one handler each, the loop does not look for a second one before it flushes, but for the first
/// few of so many turns: to look costs as much as to serve a small request.
constexpr std::uint32_t kLoneTurns = 32;
constexpr std::uint32_t kLooksOn = 8;
/// How often a turn runs what its own tasks have posted: an answer that lets a session go on is often followed by that
/// to its next command, and both leave at once.
constexpr int kTaskRounds = 4;
/// Bytes that are read before every waiting session is flushed: what is to be sent to many should still be in the
/// processor's cache.
constexpr std::size_t kMaxBytesPerRound = 512 * 1024;
/// Memory that the buffer for replies keeps; a longer reply gives it back.
constexpr std::size_t kMaxReplyCapacity = 1024 * 1024;
/// How often blocked and paused clients are looked at, and how often limits are.
constexpr std::chrono::milliseconds kTick{10};
constexpr std::chrono::seconds kLimitCheck{1};

/// The one whose thread this is; null on other threads. Asio knows it of handlers alone, and all tasks that a thread
/// posts to itself are to keep their order.
thread_local const IoThread* owner_of_thread = nullptr;

}  // namespace

IoThread::IoThread(ServerState& server, std::uint8_t index)
    : server_(server),
      index_(index),
      counters_(*server.counters()[index]),
      context_(1),
      tick_timer_(context_),
      to_wake_(server.counters().size(), 0),
      settings_(server.settings()),
      now_(std::chrono::steady_clock::now()),
      last_limit_check_(now_),
      read_buffer_(kReadBufferBytes),
      publish_run_(*this),
      durable_run_(*this),
      streams_(*this),
      dispatcher_(*this) {}

IoThread::~IoThread() { join(); }

void IoThread::start() {
  thread_ = std::thread([this] { run(); });
}

void IoThread::stop_serving(std::function<void()> done) {
  post([this, done = std::move(done)] {
    role_.assert_held();
    serving_ended_ = true;
    for_each_session([](Session& session) { session.stop_serving(); });
    done();
  });
}

void IoThread::shut_down(SteadyTime deadline) {
  post([this, deadline] {
    role_.assert_held();
    // Messages that were answered are queued before the queues are closed.
    drain_mailbox();
    shutdown_deadline_ = deadline;
    need_fine_tick();
    for_each_session([](Session& session) { session.close_after_flush(CloseReason::shutdown); });
  });
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

void IoThread::post(std::function<void()> task) {
  if (owner_of_thread == this) {
    role_.assert_held();
    own_tasks_.push_back(std::move(task));
  } else {
    boost::asio::post(context_, std::move(task));
  }
}

void IoThread::post_behind_others(std::function<void()> task) {
  role_.assert_held();
  tasks_behind_others_.push_back(std::move(task));
}

void IoThread::run() {
  role_.adopt();
  owner_of_thread = this;
  ::pthread_setname_np(::pthread_self(), fmt::format("io-{}", index_).c_str());
  refresh_settings();
  schedule_tick();
  const auto work = boost::asio::make_work_guard(context_);
  while (!stopping_) {
    // While some still wait to be flushed, the loop only looks whether there is more for them.
    bool looks_on = true;
    if (flush_stage_.empty() && !has_own_tasks()) {
      looks_on = lone_turns_ % kLoneTurns < kLooksOn;
      context_.run_one();
    } else {
      // If another io thread or a client on this machine waits for the core, it goes first: what it sends meanwhile
      // leaves with the same flushes. A lone io thread is the one that all wait for.
      if (server_.io_threads().size() > 1) std::this_thread::yield();
      context_.poll_one();
    }
    int handlers = 1;
    int max_handlers = kMaxHandlersPerTurn;
    while (looks_on && handlers < max_handlers && bytes_read_ < kMaxBytesPerRound) {
      if (answer()) max_handlers = kMaxHandlersAnswering;
      if (context_.poll_one() == 0) break;
      ++handlers;
    }
    lone_turns_ = handlers == 1 ? lone_turns_ + 1 : 0;
    end_turn();
  }
  while (!sessions_.empty()) {
    sessions_.begin()->second->close_soon(CloseReason::shutdown);
    close_marked();
  }
}

bool IoThread::answer() {
  // Messages leave at the end of the turn, which is not to be put off.
  if (flush_stage_.has_messages() || mailbox_.filled() || wakes_others_) return false;
  run_own_tasks();
  return flush_stage_.run_awaited([this](std::uint64_t number) { return flush(number); });
}

void IoThread::end_turn() {
  counters_.loop_turns.add();
  refresh_settings();
  std::ranges::move(tasks_behind_others_, std::back_inserter(own_tasks_));
  tasks_behind_others_.clear();
  run_own_tasks();
  drain_mailbox();
  wake_others();
  flush_some();
  close_marked();
  streams_.end_turn();
  if (shutdown_deadline_ && sessions_.empty()) stopping_ = true;
}

void IoThread::run_own_tasks() {
  for (int round = 0; round < kTaskRounds && !own_tasks_.empty(); ++round) {
    running_tasks_.swap(own_tasks_);
    for (const std::function<void()>& task : running_tasks_) task();
    running_tasks_.clear();
  }
}

Session* IoThread::find(std::uint64_t number) {
  role_.assert_held();
  const auto found = sessions_.find(number);
  return found == sessions_.end() ? nullptr : found->second.get();
}

void IoThread::adopt(ClientSocket socket) {
  role_.assert_held();
  if (serving_ended_) {
    server_.release_client();
    return;
  }
  touch_clock();
  counters_.connections_received.add();
  counters_.clients.add();
  const std::uint64_t number = server_.next_client_id();
  auto session = std::make_unique<Session>(*this, std::move(socket), number);
  session->start();
  sessions_.emplace(number, std::move(session));
}

// Serving one session ------------------------------------------------------------------------------------------------

void IoThread::begin_serving(Session& session) {
  role_.assert_held();
  serving_ = &session;
  touch_clock();
  dispatcher_.restart_clock(now_);
}

void IoThread::end_serving() {
  role_.assert_held();
  publish_run_.seal();
  durable_run_.seal();
  Session& session = *serving_;
  if (session.client().in_exec()) {
    session.client().details->exec->replies.swap(replies_);
    replies_.clear();
  }
  commit_replies();
  serving_ = nullptr;
  session.follow_on();
}

void IoThread::commit_replies() {
  role_.assert_held();
  if (replies_.empty()) return;
  serving_->send_copy(replies_);
  replies_.clear();
  if (replies_.capacity() > kMaxReplyCapacity) replies_.shrink_to_fit();
  dispatcher_.forget_earlier_replies();
}

// Delivering ---------------------------------------------------------------------------------------------------------

void IoThread::deliver(const Delivery& delivery) {
  role_.assert_held();
  std::uint64_t delivered = 0;
  for (const Subscriber receiver : delivery.receivers) {
    Session* session = find(receiver.number());
    if (session == nullptr) continue;
    if (session == serving_ && !session->client().in_exec()) commit_replies();
    session->deliver(delivery.frames[receiver.lane()], delivery.payload, delivery.messages);
    delivered += delivery.messages;
  }
  counters_.messages_delivered.add(delivered);
}

void IoThread::drain_mailbox() {
  role_.assert_held();
  if (!mailbox_.filled()) return;
  incoming_.clear();
  mailbox_.take(incoming_);
  for (const Delivery& delivery : incoming_) deliver(delivery);
  incoming_.clear();
}

void IoThread::drain_mailbox_before(Subscriber subscriber) {
  role_.assert_held();
  incoming_.clear();
  mailbox_.take(incoming_);
  std::vector<Delivery> later;
  for (Delivery& delivery : incoming_) {
    const auto found = std::find_if(delivery.receivers.begin(), delivery.receivers.end(),
                                    [&](Subscriber receiver) { return receiver.word == subscriber.word; });
    if (found != delivery.receivers.end()) {
      delivery.receivers.erase(found);
      later.push_back(delivery);
      later.back().receivers.assign(1, subscriber);
    }
    deliver(delivery);
  }
  incoming_.clear();
  mailbox_.put_back(std::move(later));
}

void IoThread::flush_later(Session& session, FlushDue due) {
  role_.assert_held();
  flush_stage_.add(session.number(), session.flush_due, due);
}

void IoThread::mark_closing(Session& session) {
  role_.assert_held();
  closing_.push_back(session.number());
}

void IoThread::flush_some() {
  const std::size_t bound = bytes_read_ < kMaxBytesPerRound ? FlushStage::kFlushesPerTurn : FlushStage::kAllFlushes;
  flush_stage_.run(bound, [this](std::uint64_t number) { return flush(number); });
  if (flush_stage_.empty()) bytes_read_ = 0;
}

bool IoThread::flush(std::uint64_t number) {
  role_.assert_held();
  Session* session = find(number);
  if (session == nullptr || session->flush_due == FlushDue::nothing) return false;
  session->flush_due = FlushDue::nothing;
  session->flush();
  return true;
}

void IoThread::close_marked() {
  for (const std::uint64_t number : closing_) {
    const auto found = sessions_.find(number);
    if (found == sessions_.end()) continue;
    found->second->release();
    sessions_.erase(found);
    counters_.clients.subtract(1);
    server_.release_client();
  }
  closing_.clear();
}

void IoThread::wake_others() {
  if (!wakes_others_) return;
  wakes_others_ = false;
  for (std::size_t thread = 0; thread < to_wake_.size(); ++thread) {
    if (to_wake_[thread] == 0) continue;
    to_wake_[thread] = 0;
    // The end of that thread's turn empties its mailbox: any handler will do.
    boost::asio::post(server_.io_threads()[thread]->context_, [] {});
  }
}

// Time ---------------------------------------------------------------------------------------------------------------

void IoThread::refresh_settings() {
  role_.assert_held();
  const std::uint64_t version = server_.settings_version();
  if (version == settings_version_) return;
  settings_version_ = version;
  settings_ = server_.settings();
  smallest_output_limit_ = respublica::smallest_output_limit(*settings_);
}

void IoThread::schedule_tick() {
  // Deadlines need a fine tick; without any, one tick a second will do.
  const bool fine = deadlines_ != 0 || !paused_.empty() || shutdown_deadline_;
  tick_timer_.expires_after(fine ? kTick : std::chrono::milliseconds(kLimitCheck));
  fine_tick_ = fine;
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    role_.assert_held();
    if (!error) tick();
    schedule_tick();
  });
}

void IoThread::need_fine_tick() {
  if (!fine_tick_) tick_timer_.cancel();
}

void IoThread::tick() {
  touch_clock();
  if (index_ == 0) server_.stats().tick(now_, server_.counters());
  if (shutdown_deadline_ && now_ >= *shutdown_deadline_) stopping_ = true;
  std::vector<std::uint64_t> due;
  if (deadlines_ != 0) {
    for (auto& [number, session] : sessions_) {
      if (session->blocked()) due.push_back(number);
    }
  }
  for (const std::uint64_t number : due) {
    if (Session* session = find(number)) session->check_deadline(now_);
  }
  if (!paused_.empty() && server_.pause().mode(now_) == PauseMode::off) resume_paused();
  if (now_ - last_limit_check_ < kLimitCheck) return;
  last_limit_check_ = now_;
  for (auto& [number, session] : sessions_) session->check_limits(now_);
}

void IoThread::watch_deadlines() {
  role_.assert_held();
  ++deadlines_;
  need_fine_tick();
}

void IoThread::add_paused(std::uint64_t number) {
  role_.assert_held();
  paused_.push_back(number);
  need_fine_tick();
}

void IoThread::resume_paused() {
  role_.assert_held();
  std::vector<std::uint64_t> paused;
  paused.swap(paused_);
  for (const std::uint64_t number : paused) {
    if (Session* session = find(number)) session->resume();
  }
}

}  // namespace respublica
