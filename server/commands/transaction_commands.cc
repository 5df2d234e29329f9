// Transactions: https://redis.io/docs/latest/develop/using-commands/transactions/

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/families.h"
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

void run_exec(CommandContext& context) {
  ClientState& client = context.client;
  if (!client.in_transaction()) {
    context.reply.error(errors::kExecWithoutMulti);
    return;
  }
  const std::unique_ptr<Transaction> transaction = std::move(client.details->transaction);
  client.details->watched_keys = 0;
  if (transaction->aborted) {
    context.reply.error(errors::kExecAborted);
    return;
  }
  context.io.commit_replies();
  // What was published before is queued before EXEC's answer; what is published from here on, behind it.
  context.io.drain_mailbox();
  if (client.reply_mode == ReplyMode::on) context.reply.array(transaction->queue.size());
  client.details->exec = std::make_unique<ExecProgress>();
  client.details->exec->queue = std::move(transaction->queue);
  context.io.dispatcher().continue_exec(context.session);
}

void run_discard(CommandContext& context) {
  if (!context.client.in_transaction()) {
    context.reply.error(errors::kDiscardWithoutMulti);
    return;
  }
  context.client.details->transaction.reset();
  context.client.details->watched_keys = 0;
  context.reply.ok();
}

void run_watch(CommandContext& context) {
  if (context.client.in_transaction()) {
    context.reply.error(errors::kWatchInsideMulti);
    return;
  }
  context.client.ensure_details().watched_keys += static_cast<std::uint32_t>(context.size() - 1);
  context.reply.ok();
}

void run_unwatch(CommandContext& context) {
  if (context.client.details) context.client.details->watched_keys = 0;
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
