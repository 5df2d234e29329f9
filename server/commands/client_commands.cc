// CLIENT, what a client says of its own connection: https://redis.io/docs/latest/commands/client/

#include <array>

#include "protocol/error_replies.h"
#include "server/client_description.h"
#include "server/command_context.h"
#include "server/commands/authentication.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void run_id(CommandContext& context) { context.reply.integer(static_cast<std::int64_t>(context.client.id)); }

void run_info(CommandContext& context) {
  context.reply.verbatim("txt", to_line(describe(context.session, context.io.now())) + "\n");
}

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

void run_setinfo(CommandContext& context) {
  std::string ClientDetails::*attribute = nullptr;
  if (context.is(2, "lib-name")) attribute = &ClientDetails::lib_name;
  if (context.is(2, "lib-ver")) attribute = &ClientDetails::lib_ver;
  if (attribute == nullptr) {
    context.reply.error(errors::unrecognized_option(context[2]));
  } else if (!is_valid_client_name(context[3])) {
    context.reply.error(errors::client_attribute(context[2]));
  } else {
    context.client.ensure_details().*attribute = context[3];
    context.reply.ok();
  }
}

void run_reply(CommandContext& context) {
  if (context.is(2, "on")) {
    context.client.reply_mode = ReplyMode::on;
    context.reply.ok();
  } else if (context.is(2, "off")) {
    context.client.reply_mode = ReplyMode::off;
  } else if (context.is(2, "skip")) {
    if (context.client.reply_mode != ReplyMode::off) context.client.reply_mode = ReplyMode::skip_next;
  } else {
    context.reply.error(errors::kSyntax);
  }
}

/// Sets what ON or OFF says.
void set_switch(CommandContext& context, bool& value) {
  if (context.is(2, "on") || context.is(2, "off")) {
    value = context.is(2, "on");
    context.reply.ok();
  } else {
    context.reply.error(errors::kSyntax);
  }
}

void run_no_evict(CommandContext& context) { set_switch(context, context.client.no_evict); }
void run_no_touch(CommandContext& context) { set_switch(context, context.client.no_touch); }

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 53> kHelp = {
      "CACHING (YES|NO)",
      "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
      "GETREDIR",
      "    Return the client ID we are redirecting to when tracking is enabled.",
      "GETNAME",
      "    Return the name of the current connection.",
      "ID",
      "    Return the ID of the current connection.",
      "INFO",
      "    Return information about the current client connection.",
      "KILL <ip:port>",
      "    Kill connection made from <ip:port>.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Kill connections. Options are:",
      "    * ADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made from the specified address",
      "    * LADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made to specified local address",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Kill connections by type.",
      "    * USER <username>",
      "      Kill connections authenticated by <username>.",
      "    * SKIPME (YES|NO)",
      "      Skip killing current connection (default: yes).",
      "    * ID <client-id>",
      "      Kill the connection with that ID.",
      "    * MAXAGE <seconds>",
      "      Kill connections that are older than that.",
      "LIST [options ...]",
      "    Return information about client connections. Options:",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Return clients of specified type.",
      "UNPAUSE",
      "    Stop the current client pause, resuming traffic.",
      "PAUSE <timeout> [WRITE|ALL]",
      "    Suspend all, or just write, clients for <timeout> milliseconds.",
      "REPLY (ON|OFF|SKIP)",
      "    Control the replies sent to the current connection.",
      "SETNAME <name>",
      "    Assign the name <name> to the current connection.",
      "SETINFO (LIB-NAME|LIB-VER) <value>",
      "    Tell the name or version of the library that the current connection uses.",
      "UNBLOCK <clientid> [TIMEOUT|ERROR]",
      "    Unblock the specified blocked client.",
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
      "         [OPTIN] [OPTOUT] [NOLOOP]",
      "    Control server assisted client side caching.",
      "TRACKINGINFO",
      "    Report tracking status for the current connection.",
      "NO-EVICT (ON|OFF)",
      "    Protect current client connection from eviction.",
      "NO-TOUCH (ON|OFF)",
      "    Leave the idle times of keys alone. There are no keys here.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kOwn = kNoscript | kLoading | kStale;
constexpr std::uint32_t kAdminOwn = kAdmin | kOwn;

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
    {"client|info",
     2,
     kOwn,
     kAclConnection,
     {},
     run_info,
     "Returns information about the connection.",
     "6.2.0",
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
    {"client|setinfo",
     4,
     kOwn,
     kAclConnection,
     {},
     run_setinfo,
     "Sets information specific to the client or connection.",
     "7.2.0",
     "connection",
     "O(1)"},
    {"client|reply",
     3,
     kOwn,
     kAclConnection,
     {},
     run_reply,
     "Instructs the server whether to reply to commands.",
     "3.2.0",
     "connection",
     "O(1)"},
    {"client|no-evict",
     3,
     kAdminOwn,
     kAclConnection | kAclDangerous,
     {},
     run_no_evict,
     "Sets the client eviction mode of the connection.",
     "7.0.0",
     "connection",
     "O(1)"},
    {"client|no-touch",
     3,
     kOwn,
     kAclConnection,
     {},
     run_no_touch,
     "Controls whether commands sent by the client affect the idle times of keys.",
     "7.2.0",
     "connection",
     "O(1)"},
    {"client|help",
     2,
     kLoading | kStale,
     kAclConnection,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "5.0.0",
     "connection",
     "O(1)"},
};

}  // namespace

CommandFamily client_commands() { return kRows; }

}  // namespace respublica
