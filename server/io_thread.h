#pragma once
// One thread of the live path: its loop, its sessions, its mailbox.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/thread_role.h"
#include "protocol/request_parser.h"
#include "server/dispatcher.h"
#include "server/durable_run.h"
#include "server/flush_stage.h"
#include "server/io_counters.h"
#include "server/mailbox.h"
#include "server/monitor_feed.h"
#include "server/publish_run.h"
#include "server/server_state.h"
#include "server/session.h"
#include "server/stream_access.h"

namespace respublica {

/// An io thread: one io_context, the sessions that were accepted on it, and a mailbox through which other io threads
/// hand it messages. A session lives and dies on one io thread.
///
/// One turn of the loop: run every handler that is ready (so every ready socket is read), and the tasks that they have
/// posted, take what is in the mailbox, then flush sessions that have something to send, as FlushStage says.
///
/// Thread: post(), counters(), index(), mailbox() and monitors(): any. All else: the io thread.
class IoThread {
 public:
  IoThread(ServerState& server, std::uint8_t index);
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Starts the thread.
  void start();
  /// Serves no further request, then calls `done` on this thread.
  /// Thread: any.
  void stop_serving(std::function<void()> done);
  /// Closes every session once what is queued for it has been sent, or at `deadline`; then the thread ends.
  /// Thread: any.
  void shut_down(SteadyTime deadline);
  /// Waits for the thread's end.
  void join();

  /// Runs `task` on this thread, soon: as a rule behind this handler or at the end of the turn if this thread posts it.
  /// Tasks run in the order in which one thread posts them.
  void post(std::function<void()> task);
  /// The same, of this thread alone; if a task posts it, in the next turn: it goes on with long work between which
  /// other sessions are to be served.
  void post_behind_others(std::function<void()> task);

  std::uint8_t index() const { return index_; }
  IoCounters& counters() { return counters_; }
  Mailbox& mailbox() { return mailbox_; }
  MonitorList& monitors() { return monitors_; }
  boost::asio::io_context& context() { return context_; }
  ServerState& server() { return server_; }
  ThreadRole& role() { return role_; }

  /// Adopts a connected socket as a new session; its place among maxclients has been taken.
  void adopt(ClientSocket socket);

  /// The session of that number, or null when it has gone.
  Session* find(std::uint64_t number);
  template <typename F>
  void for_each_session(F&& visit) {
    role_.assert_held();
    for (auto& [number, session] : sessions_) visit(*session);
  }
  std::size_t session_count() const {
    role_.assert_held();
    return sessions_.size();
  }

  /// The settings as of the beginning of this turn.
  const Settings& settings() const {
    role_.assert_held();
    return *settings_;
  }
  /// Takes over settings that have changed, now instead of at the end of the turn.
  void refresh_settings();
  /// Output up to this size is below every limit there is.
  std::size_t smallest_output_limit() const {
    role_.assert_held();
    return smallest_output_limit_;
  }
  /// The time at which a socket was last found readable, or of the last tick, which comes once a second: good enough
  /// for limits and idle times.
  SteadyTime now() const {
    role_.assert_held();
    return now_;
  }
  void touch_clock() {
    role_.assert_held();
    now_ = std::chrono::steady_clock::now();
  }

  /// For Session and Dispatcher: a buffer to read into, a parser for sessions with nothing pending, the replies of the
  /// session that is being served, the open run of PUBLISHes.
  std::vector<char>& read_buffer() {
    role_.assert_held();
    return read_buffer_;
  }
  RequestParser& parser() {
    role_.assert_held();
    return parser_;
  }
  std::string& replies() {
    role_.assert_held();
    return replies_;
  }
  Session* serving() {
    role_.assert_held();
    return serving_;
  }
  /// Replies of the session being served go to its queue now (before anything else that is to follow them).
  void commit_replies();
  PublishRun& publish_run() { return publish_run_; }
  DurableRun& durable_run() { return durable_run_; }
  StreamAccess& streams() { return streams_; }
  Dispatcher& dispatcher() { return dispatcher_; }
  /// Between these two calls `session` is being served: its replies gather in replies().
  void begin_serving(Session& session);
  void end_serving();

  /// Counts bytes that a session read.
  void count_read(std::size_t bytes) {
    role_.assert_held();
    bytes_read_ += bytes;
    counters_.net_input_bytes.add(bytes);
    counters_.reads_processed.add();
  }
  /// Has a session flushed at the end of this turn, or soon after.
  void flush_later(Session& session, FlushDue due);
  /// Puts a session on this turn's list of those to close.
  void mark_closing(Session& session);
  /// Hands the messages to sessions of this thread.
  void deliver(const Delivery& delivery);
  /// Delivers everything in the mailbox: what was published before now has then been queued.
  void drain_mailbox();
  /// The same, but what is meant for `subscriber` in exactly its lane stays: it was published after the session changed
  /// its lane, and is to come after the answer to that change.
  void drain_mailbox_before(Subscriber subscriber);
  /// Another thread's mailbox was filled by this one: wake it at the end of the turn.
  void wake_later(std::uint8_t io_thread) {
    role_.assert_held();
    to_wake_[io_thread] = 1;
    wakes_others_ = true;
  }
  /// A session is blocked with a deadline, or paused: look again at each tick.
  void watch_deadlines();
  void unwatch_deadlines() {
    role_.assert_held();
    --deadlines_;
  }
  /// A session held back by CLIENT PAUSE: resumed when the pause ends.
  void add_paused(std::uint64_t number);
  void resume_paused();

 private:
  void run();
  void end_turn() REQUIRES(role_);
  bool has_own_tasks() const REQUIRES(role_) { return !own_tasks_.empty() || !tasks_behind_others_.empty(); }
  void run_own_tasks() REQUIRES(role_);
  /// Sends the replies that are awaited, if there are some and no messages wait; says whether it did.
  bool answer() REQUIRES(role_);
  void flush_some() REQUIRES(role_);
  /// False if there was nothing to flush.
  bool flush(std::uint64_t number);
  void close_marked() REQUIRES(role_);
  void wake_others() REQUIRES(role_);
  void schedule_tick() REQUIRES(role_);
  void need_fine_tick() REQUIRES(role_);
  void tick() REQUIRES(role_);

  ServerState& server_;
  const std::uint8_t index_;
  IoCounters& counters_;
  ThreadRole role_;
  boost::asio::io_context context_;
  boost::asio::steady_timer tick_timer_;
  std::thread thread_;
  Mailbox mailbox_;
  MonitorList monitors_;
  /// Set by stop_serving(): clients that come now are turned away.
  bool serving_ended_ GUARDED_BY(role_) = false;
  /// Since no session waited to be flushed.
  std::size_t bytes_read_ GUARDED_BY(role_) = 0;
  bool stopping_ GUARDED_BY(role_) = false;
  /// Set by shut_down().
  std::optional<SteadyTime> shutdown_deadline_ GUARDED_BY(role_);

  boost::unordered_flat_map<std::uint64_t, std::unique_ptr<Session>> sessions_ GUARDED_BY(role_);
  FlushStage flush_stage_ GUARDED_BY(role_);
  /// Turns in a row that had one handler, or looked for no more.
  std::uint32_t lone_turns_ GUARDED_BY(role_) = 0;
  std::vector<std::uint64_t> closing_ GUARDED_BY(role_);
  /// What this thread has posted to itself: the loop's own queue would cost another look at all sockets.
  std::vector<std::function<void()>> own_tasks_ GUARDED_BY(role_);
  /// Joins own_tasks_ once a turn.
  std::vector<std::function<void()>> tasks_behind_others_ GUARDED_BY(role_);
  /// Those that run now: what they post runs behind them.
  std::vector<std::function<void()>> running_tasks_ GUARDED_BY(role_);
  std::vector<std::uint64_t> paused_ GUARDED_BY(role_);
  std::vector<Delivery> incoming_ GUARDED_BY(role_);
  std::vector<char> to_wake_ GUARDED_BY(role_);
  /// One of them is to be woken.
  bool wakes_others_ GUARDED_BY(role_) = false;
  std::shared_ptr<const Settings> settings_ GUARDED_BY(role_);
  std::uint64_t settings_version_ GUARDED_BY(role_) = 0;
  std::size_t smallest_output_limit_ GUARDED_BY(role_) = 0;
  SteadyTime now_ GUARDED_BY(role_);
  SteadyTime last_limit_check_ GUARDED_BY(role_);
  std::size_t deadlines_ GUARDED_BY(role_) = 0;
  bool fine_tick_ GUARDED_BY(role_) = false;

  std::vector<char> read_buffer_ GUARDED_BY(role_);
  RequestParser parser_ GUARDED_BY(role_);
  std::string replies_ GUARDED_BY(role_);
  Session* serving_ GUARDED_BY(role_) = nullptr;
  PublishRun publish_run_;
  DurableRun durable_run_;
  StreamAccess streams_;
  Dispatcher dispatcher_;
};

}  // namespace respublica
