#include "server/dispatcher.h"

#include <algorithm>
#include <utility>

#include "broker/entry_timers.h"
#include "broker/virtual_channel.h"
#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/exec_commit.h"
#include "server/io_thread.h"
#include "server/monitor_feed.h"
#include "server/redaction.h"

namespace respublica {
namespace {

constexpr std::uint32_t kWritesForPause = kWrite | kMayReplicate;

bool pause_concerns(const ClientState& client, const Command& command) {
  if ((command.row.flags & kWritesForPause) != 0) return true;
  if (!client.in_transaction() || command.row.name != "exec") return false;
  for (const QueuedCommand& queued : client.details->transaction->queue) {
    if ((queued.command->row.flags & kWritesForPause) != 0) return true;
  }
  return false;
}

/// Of a key of the broker's own that the command may not change.
bool names_broker_key(const Command& command, std::span<const std::string_view> arguments) {
  const KeyPositions& keys = command.row.keys;
  if (keys.first == 0) return false;
  const auto count = static_cast<int>(arguments.size());
  const int last = keys.last < 0 ? count + keys.last : std::min(keys.last, count - 1);
  for (int i = keys.first; i <= last; i += keys.step) {
    const std::string_view key = arguments[static_cast<std::size_t>(i)];
    const bool has_groups = command.has(kChangesGroups) && VirtualChannel::is_name(key);
    if (is_broker_name(key) && !has_groups) return true;
  }
  return false;
}

void refuse_broker_key(CommandContext& context) { context.io.durable_run().fail(context, errors::kBrokerName); }

}  // namespace

CommandHandler Dispatcher::handler_of(const Command& command, std::span<const std::string_view> arguments) {
  // What waits for its time is cancelled by its ID.
  const bool cancels = command.row.name == "xdel" && arguments.size() > 1 && arguments[1].starts_with(kDelayedPrefix);
  const bool refused = command.has(kWrite) && !cancels && names_broker_key(command, arguments);
  return refused ? refuse_broker_key : command.row.handler;
}

SharedBytes Dispatcher::argument_block(std::size_t index) const {
  return request_ != nullptr ? request_->block(index) : SharedBytes();
}

void Dispatcher::refuse(Session& session, const Command* command, std::string_view sentence) {
  io_.publish_run().seal();
  ClientState& client = session.client();
  std::string exec_sentence;
  if (command != nullptr && command->row.name == "exec") {
    // EXEC that cannot run takes the transaction with it.
    if (client.in_transaction()) {
      client.details->transaction.reset();
      client.details->watches.clear();
    }
    exec_sentence = errors::exec_aborted_because(sentence);
    sentence = exec_sentence;
  }
  if (client.in_transaction()) client.details->transaction->aborted = true;
  if (command != nullptr) io_.counters().per_command[command->number].rejected_calls.add();
  if (client.reply_mode == ReplyMode::on) ReplyEncoder(io_.replies(), client.protocol).error(sentence);
  if (client.reply_mode == ReplyMode::skip_next) client.reply_mode = ReplyMode::on;
  io_.counters().count_error(sentence);
}

const Command* Dispatcher::resolve(Session& session, const Arguments& arguments) {
  const std::string_view name = arguments[0];
  const Command* command = last_command_;
  if (command == nullptr || name != last_name_) {
    command = io_.server().commands().find(name);
    if (command == nullptr) {
      session.client().last_command = nullptr;
      refuse(session, nullptr, errors::unknown_command(arguments.views()));
      return nullptr;
    }
    last_name_ = name;
    last_command_ = command;
  }
  if (command->is_container() && arguments.size() > 1) {
    const Command* subcommand = CommandTable::find_subcommand(*command, arguments[1]);
    if (subcommand == nullptr) {
      session.client().last_command = nullptr;
      refuse(session, nullptr, errors::unknown_subcommand(command->row.name, arguments[1]));
      return nullptr;
    }
    command = subcommand;
  }
  session.client().last_command = command;
  if (!command->arity_accepts(arguments.size()) || command->row.handler == nullptr) {
    refuse(session, command, errors::wrong_number_of_arguments(command->row.name));
    return nullptr;
  }
  return command;
}

bool Dispatcher::held_back(const Session& session, const Command& command) const {
  const ClientPause& pause = io_.server().pause();
  if (!pause.set()) return false;
  const PauseMode mode = pause.mode(std::chrono::steady_clock::now());
  return mode == PauseMode::all || (mode == PauseMode::write && pause_concerns(session.client(), command));
}

void Dispatcher::queue(Session& session, const Command& command, const Arguments& arguments) {
  QueuedCommand queued{&command, {}};
  queued.arguments.reserve(arguments.size());
  Transaction& transaction = *session.client().details->transaction;
  for (const std::string_view argument : arguments.views()) {
    queued.arguments.emplace_back(argument);
    transaction.bytes += sizeof(std::string) + argument.size();
  }
  transaction.bytes += sizeof(QueuedCommand);
  transaction.queue.push_back(std::move(queued));
  if (session.client().reply_mode == ReplyMode::on) {
    ReplyEncoder(io_.replies(), session.client().protocol).simple_string("QUEUED");
  } else if (session.client().reply_mode == ReplyMode::skip_next) {
    session.client().reply_mode = ReplyMode::on;
  }
}

Dispatcher::Outcome Dispatcher::execute(Session& session, const Arguments& arguments) {
  ClientState& client = session.client();
  if (io_.durable_run().open() && !io_.durable_run().takes(arguments.views())) {
    io_.durable_run().seal();
    return Outcome::waits;
  }
  const Command* command = resolve(session, arguments);
  if (command == nullptr) return Outcome::done;
  if (!command->has(kJoinsPublishRun)) io_.publish_run().seal();
  ++client.commands;
  if (!command->has(kNoAuth) && session.must_authenticate()) {
    refuse(session, command, errors::kNoAuth);
    return Outcome::done;
  }
  if (client.in_transaction() && command->has(kNoMulti)) {
    refuse(session, command, errors::kNotAllowedInTransaction);
    return Outcome::done;
  }
  if (client.in_subscribed_mode() && !command->has(kAllowedWhileSubscribed)) {
    refuse(session, command, errors::not_allowed_while_subscribed(command->row.name));
    return Outcome::done;
  }
  if (held_back(session, *command)) {
    if (!io_.durable_run().open()) return Outcome::postponed;
    io_.durable_run().seal();
    return Outcome::waits;
  }
  if (client.in_transaction() && !command->has(kRunsInsideMulti)) {
    io_.publish_run().seal();
    queue(session, *command, arguments);
    return Outcome::done;
  }
  request_ = &arguments;
  call(session, *command, arguments.views());
  request_ = nullptr;
  return Outcome::done;
}

void Dispatcher::call(Session& session, const Command& command, std::span<const std::string_view> arguments,
                      CommandHandler handler) {
  ClientState& client = session.client();
  const std::size_t outer_start = std::exchange(reply_start_, io_.replies().size());
  // CLIENT REPLY SKIP holds for this command, unless the command is itself a CLIENT REPLY.
  if (client.reply_mode == ReplyMode::skip_next) client.reply_mode = ReplyMode::skip_this;
  const bool silent = client.reply_mode != ReplyMode::on;
  ReplyEncoder reply(io_.replies(), client.protocol);
  CommandContext context{command, arguments, reply, client, session, io_, io_.server()};
  const std::uint64_t published = io_.publish_run().added();
  handler(context);
  // A call that has joined a run is counted, and answered, with it.
  const bool joined = io_.publish_run().added() != published;
  if (io_.server().monitors().load(std::memory_order_relaxed) != 0 && !client.close_after_reply &&
      (command.row.flags & (kSkipMonitor | kAdmin)) == 0) {
    feed_monitors(io_, session, redacted(command, arguments));
  }
  if (joined && io_.publish_run().open()) {
    reply_start_ = std::min(outer_start, reply_start_);
    return;
  }
  finish_reply(session, command, silent);
  reply_start_ = std::min(outer_start, reply_start_);
  if (joined) return;
  count_calls(command, 1, arguments);
  io_.refresh_settings();
}

void Dispatcher::leave_publish_run() {
  io_.publish_run().seal();
  reply_start_ = io_.replies().size();
}

void Dispatcher::finish_reply(Session& session, const Command& command, bool silent) {
  ClientState& client = session.client();
  std::string& replies = io_.replies();
  if (replies.size() > reply_start_ && replies[reply_start_] == '-') {
    io_.counters().per_command[command.number].failed_calls.add();
    const std::string_view sentence = std::string_view(replies).substr(reply_start_ + 1);
    io_.counters().count_error(sentence.substr(0, sentence.find('\r')));
  }
  if (silent && client.reply_mode != ReplyMode::on && !command.has(kRepliesWithPushes)) {
    replies.resize(std::min(reply_start_, replies.size()));
  }
  if (client.reply_mode == ReplyMode::skip_this && !session.suspended()) client.reply_mode = ReplyMode::on;
}

void Dispatcher::answer(Session& session, const Command& command, const std::function<void(CommandContext&)>& answer) {
  reply_start_ = io_.replies().size();
  const bool silent = session.client().reply_mode != ReplyMode::on;
  ReplyEncoder reply(io_.replies(), session.client().protocol);
  CommandContext context{command, {}, reply, session.client(), session, io_, io_.server()};
  answer(context);
  finish_reply(session, command, silent);
}

void Dispatcher::continue_exec(Session& session) {
  ClientState& client = session.client();
  std::vector<std::string_view> arguments;
  while (client.in_exec() && !session.suspended()) {
    ExecProgress& exec = *client.details->exec;
    if (exec.next == exec.queue.size()) {
      io_.commit_replies();
      session.send_held();
      client.details->exec.reset();
      return;
    }
    const QueuedCommand& queued = exec.queue[exec.next++];
    arguments.assign(queued.arguments.begin(), queued.arguments.end());
    if (exec.commit != nullptr) {
      exec.commit->call_next(session, queued, arguments);
    } else {
      call(session, *queued.command, arguments);
    }
    io_.publish_run().seal();
    io_.durable_run().seal();
  }
}

void Dispatcher::count_calls(const Command& command, std::uint64_t count, std::span<const std::string_view> arguments) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const std::chrono::nanoseconds all = now - clock_;
  const std::chrono::nanoseconds duration = all / static_cast<std::int64_t>(count);
  clock_ = now;
  io_.counters().per_command[command.number].record(count, static_cast<std::uint64_t>(all.count()));
  io_.counters().commands_processed.add(count);
  const std::int64_t threshold = io_.settings().slowlog_log_slower_than;
  if (threshold >= 0 && duration >= std::chrono::microseconds(threshold) && !command.has(kSkipSlowlog)) {
    note_slow(redacted(command, arguments), duration);
  }
}

void Dispatcher::note_slow(std::span<const std::string_view> arguments, std::chrono::nanoseconds duration) {
  const Session* session = io_.serving();
  if (session == nullptr) return;
  const ClientState& client = session->client();
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  io_.server().slow_log().add(arguments, std::chrono::duration_cast<std::chrono::seconds>(unix_time).count(),
                              std::chrono::duration_cast<std::chrono::microseconds>(duration).count(),
                              session->peer_address(), client.details ? client.details->name : std::string(),
                              static_cast<std::size_t>(io_.settings().slowlog_max_len));
}

}  // namespace respublica
