// CLIENT: https://redis.io/docs/latest/commands/client/

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/authentication.h"
#include "server/commands/families.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void run_id(CommandContext& context) { context.reply.integer(static_cast<std::int64_t>(context.client.id)); }

void run_getname(CommandContext& context) {
  if (!context.client.details || context.client.details->name.empty()) {
    context.reply.null();
  } else {
    context.reply.bulk_string(context.client.details->name);
  }
}

void run_setname(CommandContext& context) {
  if (!is_valid_client_name(context[2])) {
    context.reply.error(errors::kClientName);
    return;
  }
  set_client_name(context, context[2]);
  context.reply.ok();
}

constexpr std::uint32_t kOwn = kNoscript | kLoading | kStale;

constexpr CommandRow kRows[] = {
    {"client",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for client connection commands.",
     "2.4.0",
     "connection",
     "Depends on subcommand."},
    {"client|id",
     2,
     kOwn,
     kAclConnection,
     {},
     run_id,
     "Returns the unique client ID of the connection.",
     "5.0.0",
     "connection",
     "O(1)"},
    {"client|getname",
     2,
     kOwn,
     kAclConnection,
     {},
     run_getname,
     "Returns the name of the connection.",
     "2.6.9",
     "connection",
     "O(1)"},
    {"client|setname",
     3,
     kOwn,
     kAclConnection,
     {},
     run_setname,
     "Sets the connection name.",
     "2.6.9",
     "connection",
     "O(1)"},
};

}  // namespace

CommandFamily client_commands() { return kRows; }

}  // namespace respublica
