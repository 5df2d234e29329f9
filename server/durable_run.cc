#include "server/durable_run.h"

#include <algorithm>
#include <utility>

#include "server/command_context.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// A run is sealed at this size, so that what a client sends at once does not wait in memory as a whole.
constexpr std::size_t kMaxRunBytes = 1024 * 1024;

}  // namespace

bool DurableRun::takes(std::span<const std::string_view> request) const {
  // One that may wait is alone.
  if (run_->command->has(kBlocking)) return false;
  if (request[0] != name_ || !run_->command->arity_accepts(request.size())) return false;
  if (run_->command->is_subcommand() && request[1] != subcommand_) return false;
  if (bytes_ >= kMaxRunBytes) return false;
  // A PUBLISH that is not durable has no part in this.
  return run_->command->row.name != "publish" || io_.streams().rule_of(request[1]) != nullptr;
}

void DurableRun::begin(const CommandContext& context) {
  if (run_ != nullptr) return;
  run_ = std::make_shared<Run>();
  run_->command = &context.command;
  name_ = context.arguments[0];
  subcommand_ = context.command.is_subcommand() ? context.arguments[1] : std::string_view();
  bytes_ = 0;
}

void DurableRun::add(CommandContext& context, std::vector<DurableCommand> commands, Answer write_reply) {
  if (commands.empty() && !open()) {
    write_reply(context, {});
    return;
  }
  take(context, std::move(commands), {0, write_reply, {}, nullptr});
}

void DurableRun::add(CommandContext& context, std::vector<DurableCommand> commands, RememberingAnswer write_reply) {
  take(context, std::move(commands),
       {0, nullptr, {}, std::make_unique<const RememberingAnswer>(std::move(write_reply))});
}

void DurableRun::add(CommandContext& context, DurableCommand&& command, Answer write_reply) {
  begin(context);
  commands_.push_back(std::move(command));
  finish(context, {1, write_reply, {}, nullptr});
}

void DurableRun::fail_behind(CommandContext& context, std::vector<DurableCommand> commands, Answer write_reply,
                             std::string_view sentence) {
  take(context, std::move(commands), {0, write_reply, std::string(sentence), nullptr});
}

void DurableRun::take(const CommandContext& context, std::vector<DurableCommand> commands, Call call) {
  begin(context);
  call.commands = commands.size();
  for (DurableCommand& command : commands) commands_.push_back(std::move(command));
  finish(context, std::move(call));
}

void DurableRun::finish(const CommandContext& context, Call call) {
  run_->calls.push_back(std::move(call));
  for (const std::string_view argument : context.arguments) bytes_ += argument.size();
  // CLIENT REPLY may change with the next command.
  if (context.client.reply_mode != ReplyMode::on && !gathering_) seal();
}

void DurableRun::fail(CommandContext& context, std::string_view sentence) {
  if (open()) {
    run_->calls.push_back({0, nullptr, std::string(sentence), nullptr});
  } else {
    context.reply.error(sentence);
  }
}

void DurableRun::begin_gathering(const Command& exec) {
  run_ = std::make_shared<Run>();
  run_->command = &exec;
  gathering_ = true;
}

std::pair<std::vector<DurableRun::Call>, std::vector<DurableCommand>> DurableRun::end_gathering() {
  gathering_ = false;
  const std::shared_ptr<Run> run = std::exchange(run_, nullptr);
  return {std::move(run->calls), std::exchange(commands_, {})};
}

void DurableRun::seal() {
  if (!open()) return;
  Session& session = *io_.serving();
  session.suspend();
  const auto home = [io = &io_, number = session.number(),
                     run = std::move(run_)](std::vector<DurableOutcome> outcomes) {
    auto shared = std::make_shared<const std::vector<DurableOutcome>>(std::move(outcomes));
    io->post([io, number, run, shared] {
      Session* const waiting = io->find(number);
      if (waiting == nullptr) return;
      std::span<const DurableOutcome> rest = *shared;
      waiting->resume(*run->command, run->calls.size(), [&](CommandContext& context, std::size_t i) {
        const Call& call = run->calls[i];
        call.reply(context, rest.first(call.commands));
        rest = rest.subspan(call.commands);
      });
    });
  };
  run_ = nullptr;
  io_.server().durable().submit({std::exchange(commands_, {}), home});
}

void DurableRun::Call::reply(CommandContext& context, std::span<const DurableOutcome> outcomes) const {
  const auto refused = [](const DurableOutcome& outcome) { return outcome.refusal != Refusal::none; };
  if (remembering != nullptr) {
    (*remembering)(context, outcomes);
  } else if (write_reply == nullptr || (!error.empty() && std::ranges::none_of(outcomes, refused))) {
    context.reply.error(error);
  } else {
    write_reply(context, outcomes);
  }
}

}  // namespace respublica
