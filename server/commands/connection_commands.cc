// The connection itself: https://redis.io/docs/latest/commands/?group=connection

#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/authentication.h"
#include "server/commands/families.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void run_auth(CommandContext& context) {
  if (context.size() > 3) {
    context.reply.error(errors::kSyntax);
    return;
  }
  if (context.size() == 2 && context.io.settings().requirepass.empty()) {
    context.reply.error(errors::kAuthWithoutPassword);
    return;
  }
  const std::string_view user = context.size() == 3 ? context[1] : kDefaultUser;
  if (authenticate(context, user, context[context.size() - 1])) context.reply.ok();
}

/// What HELLO was asked for.
struct HelloOptions {
  std::optional<ProtocolVersion> protocol;
  std::optional<std::string_view> user;
  std::string_view password;
  std::optional<std::string_view> name;
};

/// Nothing when an error has been answered.
std::optional<HelloOptions> parse_hello(CommandContext& context) {
  HelloOptions options;
  if (context.size() > 1) {
    const std::optional<std::int64_t> version = parse_integer(context[1]);
    if (!version || *version < 2 || *version > 3) {
      context.reply.error(version ? errors::kNoProto : errors::kProtocolVersionNotAnInteger);
      return std::nullopt;
    }
    options.protocol = *version == 2 ? ProtocolVersion::resp2 : ProtocolVersion::resp3;
  }
  for (std::size_t i = 2; i < context.size(); ++i) {
    const std::size_t more = context.size() - 1 - i;
    if (context.is(i, "auth") && more >= 2) {
      options.user = context[i + 1];
      options.password = context[i + 2];
      i += 2;
    } else if (context.is(i, "setname") && more >= 1) {
      options.name = context[++i];
      if (!is_valid_client_name(*options.name)) {
        context.reply.error(errors::kClientName);
        return std::nullopt;
      }
    } else {
      context.reply.error(errors::hello_syntax(context[i]));
      return std::nullopt;
    }
  }
  return options;
}

/// From here on messages come in the new protocol. Those already on their way in the old one are queued first.
void switch_protocol(CommandContext& context, ProtocolVersion protocol) {
  if (context.client.protocol == protocol) return;
  context.client.protocol = protocol;
  if (!context.client.subscribed()) return;
  context.server.registry().change_lane(context.session.subscriber(), *context.client.subscriptions);
  context.io.drain_mailbox_before(context.session.subscriber());
}

void run_hello(CommandContext& context) {
  const std::optional<HelloOptions> options = parse_hello(context);
  if (!options) return;
  if (options->user && !authenticate(context, *options->user, options->password)) return;
  if (context.session.must_authenticate()) {
    context.reply.error(errors::kHelloNoAuth);
    return;
  }
  // Messages that wait for EXEC's end are in the protocol in which they were published.
  if (context.client.in_exec() && context.client.subscribed() && options->protocol &&
      *options->protocol != context.client.protocol) {
    context.reply.error(errors::kNotAllowedInTransaction);
    return;
  }
  if (options->name) set_client_name(context, *options->name);
  if (options->protocol) switch_protocol(context, *options->protocol);
  ReplyEncoder reply(context.io.replies(), context.client.protocol);
  reply.map(7);
  reply.bulk_string("server");
  reply.bulk_string("redis");
  reply.bulk_string("version");
  reply.bulk_string(RESPUBLICA_REDIS_VERSION);
  reply.bulk_string("proto");
  reply.integer(static_cast<std::int64_t>(context.client.protocol));
  reply.bulk_string("id");
  reply.integer(static_cast<std::int64_t>(context.client.id));
  reply.bulk_string("mode");
  reply.bulk_string("standalone");
  reply.bulk_string("role");
  reply.bulk_string("master");
  reply.bulk_string("modules");
  reply.array(0);
}

void run_ping(CommandContext& context) {
  if (context.size() > 2) {
    context.reply.error(errors::wrong_number_of_arguments("ping"));
    return;
  }
  if (context.client.in_subscribed_mode()) {
    context.reply.array(2);
    context.reply.bulk_string("pong");
    context.reply.bulk_string(context.size() == 2 ? context[1] : "");
  } else if (context.size() == 2) {
    context.reply.bulk_string(context[1]);
  } else {
    context.reply.simple_string("PONG");
  }
}

void run_echo(CommandContext& context) { context.reply.bulk_string(context[1]); }

void run_select(CommandContext& context) {
  const std::optional<std::int64_t> index = parse_integer(context[1]);
  if (!index) {
    context.reply.error(errors::kNotAnInteger);
  } else if (*index < 0 || *index >= context.io.settings().databases) {
    context.reply.error(errors::kDatabaseOutOfRange);
  } else {
    context.client.database = static_cast<std::uint16_t>(*index);
    context.reply.ok();
  }
}

void run_quit(CommandContext& context) {
  context.reply.ok();
  context.client.close_after_reply = true;
}

/// Ends all subscriptions without a word. What was published before is queued before RESET's answer.
void drop_subscriptions(CommandContext& context) {
  if (!context.client.subscriptions) return;
  context.server.registry().forget(context.session.subscriber(), *context.client.subscriptions);
  context.client.subscriptions.reset();
  context.session.unfollow_all();
  context.io.drain_mailbox();
}

void run_reset(CommandContext& context) {
  ClientState& client = context.client;
  drop_subscriptions(context);
  if (client.monitor) context.server.monitors().fetch_sub(1, std::memory_order_relaxed);
  client.monitor = false;
  client.tracking = false;
  client.no_evict = false;
  client.no_touch = false;
  client.reply_mode = ReplyMode::on;
  client.database = 0;
  client.protocol = ProtocolVersion::resp2;
  client.authenticated = context.io.settings().requirepass.empty();
  if (client.details) {
    client.details->transaction.reset();
    client.details->watches.clear();
    client.details->name.clear();
    client.details->tracking.reset();
  }
  ReplyEncoder(context.io.replies(), client.protocol).simple_string("RESET");
}

constexpr std::uint32_t kHandshake = kNoscript | kLoading | kStale | kFast | kNoAuth | kAllowBusy;

constexpr CommandRow kRows[] = {
    {"auth",
     -2,
     kHandshake,
     kAclConnection,
     {},
     run_auth,
     "Authenticates the connection.",
     "1.0.0",
     "connection",
     "O(N) where N is the number of passwords defined for the user"},
    {"hello",
     -1,
     kHandshake,
     kAclConnection,
     {},
     run_hello,
     "Handshakes with the server.",
     "6.0.0",
     "connection",
     "O(1)"},
    {"ping",
     -1,
     kFast | kAllowedWhileSubscribed,
     kAclConnection,
     {},
     run_ping,
     "Answers while the server lives.",
     "1.0.0",
     "connection",
     "O(1)"},
    {"echo",
     2,
     kLoading | kStale | kFast,
     kAclConnection,
     {},
     run_echo,
     "Returns the given string.",
     "1.0.0",
     "connection",
     "O(1)"},
    {"select",
     2,
     kLoading | kStale | kFast,
     kAclConnection,
     {},
     run_select,
     "Changes the selected database.",
     "1.0.0",
     "connection",
     "O(1)"},
    {"quit",
     -1,
     kHandshake | kAllowedWhileSubscribed | kRunsInsideMulti,
     kAclConnection,
     {},
     run_quit,
     "Closes the connection.",
     "1.0.0",
     "connection",
     "O(1)"},
    {"reset",
     1,
     kHandshake | kAllowedWhileSubscribed | kRunsInsideMulti,
     kAclConnection,
     {},
     run_reset,
     "Resets the connection.",
     "6.2.0",
     "connection",
     "O(1)"},
};

}  // namespace

CommandFamily connection_commands() { return kRows; }

}  // namespace respublica
