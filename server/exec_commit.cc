#include "server/exec_commit.h"

#include <algorithm>
#include <utility>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/command_description.h"
#include "server/commands/durable_replies.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

using Arguments = std::span<const std::string_view>;

std::vector<std::string_view> views(const QueuedCommand& queued) {
  return {queued.arguments.begin(), queued.arguments.end()};
}

bool is_of_streams(const Command& command) { return (command.row.acl_categories & (kAclKeyspace | kAclStream)) != 0; }

/// Its handler adds commands to a DurableRun.
bool adds_commands(IoThread& io, const Command& command, std::string_view first_argument) {
  if (command.row.name == "publish") return io.streams().rule_of(first_argument) != nullptr;
  return command.has(kAsksSequencer) || (command.has(kWrite) && is_of_streams(command));
}

/// What a command that reads is to be shown; none when it reads no stream.
std::optional<ShowStreams> to_be_shown(const Command& command, Arguments arguments) {
  if (!command.has(kReadonly)) return std::nullopt;
  ShowStreams shown;
  for (const std::string_view key : keys_of(command, arguments)) shown.names.emplace_back(key);
  // KEYS and its like look at all.
  const bool of_all = is_of_streams(command) && !has_keys(command);
  if (shown.names.empty() && !of_all) return std::nullopt;
  return shown;
}

}  // namespace

std::shared_ptr<ExecCommit> ExecCommit::gather(CommandContext& context, const std::vector<QueuedCommand>& queue) {
  const auto adds = [&context](const QueuedCommand& queued) {
    const bool has_argument = queued.arguments.size() > 1;
    return adds_commands(context.io, *queued.command, has_argument ? queued.arguments[1] : std::string_view());
  };
  if (std::ranges::none_of(queue, adds)) return nullptr;
  DurableRun& run = context.io.durable_run();
  run.begin_gathering(context.command);
  for (const QueuedCommand& queued : queue) {
    const std::vector<std::string_view> arguments = views(queued);
    CommandContext one{*queued.command, arguments,  context.reply, context.client,
                       context.session, context.io, context.server};
    if (adds(queued)) {
      Dispatcher::handler_of(*queued.command, arguments)(one);
    } else if (std::optional<ShowStreams> shown = to_be_shown(*queued.command, arguments)) {
      run.add(one, DurableCommand{{}, std::move(*shown)}, nullptr);
    } else {
      run.add(one, std::vector<DurableCommand>(), nullptr);
    }
  }
  auto gathered = std::make_shared<ExecCommit>();
  std::tie(gathered->calls_, gathered->commands_) = run.end_gathering();
  // What only shows streams needs no commit, where nothing else does.
  const auto decided = [](const DurableCommand& command) {
    return !std::holds_alternative<ShowStreams>(command.change);
  };
  return std::ranges::any_of(gathered->commands_, decided) ? gathered : nullptr;
}

void ExecCommit::submit(CommandContext& context, std::vector<std::shared_ptr<const StreamWatch>> watches) {
  context.session.suspend();
  auto home = [io = &context.io, number = context.session.number(),
               self = shared_from_this()](std::vector<DurableOutcome> outcomes) {
    self->outcomes_ = std::move(outcomes);
    io->post([io, number, self] {
      if (Session* const session = io->find(number)) self->go_on(*session);
    });
  };
  context.server.durable().submit({std::move(commands_), std::move(home), std::move(watches)});
}

void ExecCommit::go_on(Session& session) {
  ClientState& client = session.client();
  ExecProgress& exec = *client.details->exec;
  const Command& command = *exec.command;
  // A work that was refused was refused as a whole.
  const DurableOutcome& first = outcomes_.front();
  switch (first.refusal) {
    case Refusal::watched_changed:
      exec.queue.clear();
      session.resume(command, [](CommandContext& context) { context.reply.null_array(); });
      return;
    case Refusal::too_large:
    case Refusal::disk_full:
    case Refusal::log_unavailable:
      exec.queue.clear();
      session.resume(command, [&first](CommandContext& context) {
        context.reply.error(errors::exec_aborted_because(sentence_of(first)));
      });
      return;
    default:
      break;
  }
  if (client.reply_mode == ReplyMode::on) ReplyEncoder(exec.replies, client.protocol).array(exec.queue.size());
  session.resume(command, 0, {});
}

void ExecCommit::call_next(Session& session, const QueuedCommand& queued, std::span<const std::string_view> arguments) {
  IoThread& io = session.io();
  const DurableRun::Call& call = calls_[next_call_];
  if (call.answers()) {
    io.dispatcher().call(session, *queued.command, arguments, answer);
  } else {
    if (call.commands != 0) io.streams().show(outcomes_[next_outcome_].shown);
    io.dispatcher().call(session, *queued.command, arguments);
    io.streams().show(nullptr);
  }
  next_outcome_ += call.commands;
  ++next_call_;
}

void ExecCommit::answer(CommandContext& context) {
  const ExecCommit& commit = *context.client.details->exec->commit;
  const DurableRun::Call& call = commit.calls_[commit.next_call_];
  call.reply(context, std::span(commit.outcomes_).subspan(commit.next_outcome_, call.commands));
}

}  // namespace respublica
