// Transactions: https://redis.io/docs/latest/develop/using-commands/transactions/

#include <algorithm>
#include <utility>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/durable_channels.h"
#include "server/exec_commit.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void run_multi(CommandContext& context) {
  if (context.client.in_transaction()) {
    context.reply.error(errors::kNestedMulti);
    return;
  }
  context.client.ensure_details().transaction = std::make_unique<Transaction>();
  context.reply.ok();
}

/// For an EXEC that changes no stream itself.
bool has_changed(const CommandContext& context, const StreamWatch& watch) {
  if (watch.changed()) return true;
  const std::shared_ptr<const Stream> stream = context.io.streams().table().find(watch.name());
  return stream != nullptr && !watch.expired() && stream->expired(unix_ms(context.server.clock().wall_now()));
}

void run_exec(CommandContext& context) {
  ClientState& client = context.client;
  if (!client.in_transaction()) {
    context.reply.error(errors::kExecWithoutMulti);
    return;
  }
  const std::unique_ptr<Transaction> transaction = std::move(client.details->transaction);
  std::vector<std::shared_ptr<const StreamWatch>> watches = std::exchange(client.details->watches, {});
  if (transaction->aborted) {
    context.reply.error(errors::kExecAborted);
    return;
  }
  const std::shared_ptr<ExecCommit> commit = ExecCommit::gather(context, transaction->queue);
  const auto changed = [&context](const auto& watch) { return has_changed(context, *watch); };
  if (commit == nullptr && std::ranges::any_of(watches, changed)) {
    context.reply.null_array();
    return;
  }
  context.io.commit_replies();
  // What was published before is queued before EXEC's answer; what is published from here on, behind it.
  context.io.drain_mailbox();
  client.details->exec = std::make_unique<ExecProgress>();
  client.details->exec->command = &context.command;
  client.details->exec->queue = std::move(transaction->queue);
  client.details->exec->commit = commit;
  if (commit != nullptr) {
    commit->submit(context, std::move(watches));
    return;
  }
  if (client.reply_mode == ReplyMode::on) context.reply.array(client.details->exec->queue.size());
  context.io.dispatcher().continue_exec(context.session);
}

void run_discard(CommandContext& context) {
  if (!context.client.in_transaction()) {
    context.reply.error(errors::kDiscardWithoutMulti);
    return;
  }
  context.client.details->transaction.reset();
  context.client.details->watches.clear();
  context.reply.ok();
}

void run_watch(CommandContext& context) {
  if (context.client.in_transaction()) {
    context.reply.error(errors::kWatchInsideMulti);
    return;
  }
  DurableChannels& durable = context.server.durable();
  auto& watches = context.client.ensure_details().watches;
  for (const std::string_view key : context.arguments.subspan(1)) {
    const auto same = [key](const auto& watch) { return watch->name() == key; };
    if (std::ranges::any_of(watches, same)) continue;
    const std::uint64_t now_ms = unix_ms(context.server.clock().wall_now());
    watches.push_back(durable.watches().watch(std::string(key), durable.streams(), now_ms));
  }
  context.reply.ok();
}

void run_unwatch(CommandContext& context) {
  if (context.client.details) context.client.details->watches.clear();
  context.reply.ok();
}

constexpr std::uint32_t kControl = kNoscript | kLoading | kStale | kFast | kAllowBusy | kRunsInsideMulti;

constexpr CommandRow kRows[] = {
    {"multi", 1, kControl, kAclTransaction, {}, run_multi, "Starts a transaction.", "1.2.0", "transactions", "O(1)"},
    {"exec",
     1,
     kNoscript | kLoading | kStale | kSkipSlowlog | kRunsInsideMulti,
     kAclTransaction,
     {},
     run_exec,
     "Executes all commands in a transaction.",
     "1.2.0",
     "transactions",
     "Depends on commands in the transaction"},
    {"discard",
     1,
     kControl,
     kAclTransaction,
     {},
     run_discard,
     "Discards a transaction.",
     "2.0.0",
     "transactions",
     "O(N), when N is the number of queued commands"},
    {"watch",
     -2,
     kControl,
     kAclTransaction,
     {1, -1, 1},
     run_watch,
     "Monitors changes to keys to determine the execution of a transaction.",
     "2.2.0",
     "transactions",
     "O(1) for every key."},
    {"unwatch",
     1,
     kNoscript | kLoading | kStale | kFast | kAllowBusy,
     kAclTransaction,
     {},
     run_unwatch,
     "Forgets about watched keys of a transaction.",
     "2.2.0",
     "transactions",
     "O(1)"},
};

}  // namespace

CommandFamily transaction_commands() { return kRows; }

}  // namespace respublica
