// Publish and subscribe: https://redis.io/docs/latest/commands/?group=pubsub

#include "broker/virtual_channel.h"
#include "protocol/error_replies.h"
#include "protocol/push_encoder.h"
#include "server/command_context.h"
#include "server/commands/durable_replies.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"
#include "server/live_payload.h"
#include "storage/record.h"

namespace respublica {
namespace {

/// The words of a kind's confirmations.
struct KindWords {
  std::string_view subscribe;
  std::string_view unsubscribe;
};

constexpr KindWords words_of(SubscriptionKind kind) {
  switch (kind) {
    case SubscriptionKind::pattern:
      return {"psubscribe", "punsubscribe"};
    case SubscriptionKind::shard_channel:
      return {"ssubscribe", "sunsubscribe"};
    case SubscriptionKind::channel:
      break;
  }
  return {"subscribe", "unsubscribe"};
}

/// What a confirmation counts: channels and patterns together, shard channels apart.
std::size_t subscription_count(const ClientState& client, SubscriptionKind kind) {
  return kind == SubscriptionKind::shard_channel ? client.shard_channel_count() : client.channel_and_pattern_count();
}

std::uint64_t now_ms(const CommandContext& context) { return unix_ms(context.server.clock().wall_now()); }

/// Why the names cannot be subscribed to, as a whole error reply; empty when they can.
std::string since_error(const CommandContext& context) {
  for (const std::string_view name : context.arguments.subspan(1)) {
    if (!is_since_name(name)) continue;
    const std::optional<SinceName> since = parse_since_name(name, now_ms(context));
    if (!since) return errors::malformed_since(name);
    if (context.io.streams().rule_of(since->channel) == nullptr) return errors::since_not_durable(since->channel);
  }
  return {};
}

void subscribe(CommandContext& context, SubscriptionKind kind) {
  Subscriptions& subscriptions = context.client.ensure_subscriptions();
  for (std::size_t i = 1; i < context.size(); ++i) {
    const bool added =
        context.server.registry().subscribe(context.session.subscriber(), subscriptions, kind, context[i]);
    if (added && kind == SubscriptionKind::channel && is_since_name(context[i])) {
      context.session.follow(context[i], *parse_since_name(context[i], now_ms(context)));
    }
    append_confirmation(context.io.replies(), context.client.protocol, words_of(kind).subscribe, context[i],
                        subscription_count(context.client, kind));
  }
}

/// Unsubscribes from `names`. What was published to a name before has been queued for the client when the confirmation
/// is: nothing comes after it.
template <typename Names>
void unsubscribe_from(CommandContext& context, SubscriptionKind kind, const Names& names) {
  Subscriptions& subscriptions = context.client.ensure_subscriptions();
  for (const auto& name : names) {
    context.server.registry().unsubscribe(context.session.subscriber(), subscriptions, kind, name);
    if (kind == SubscriptionKind::channel) context.session.unfollow(name);
    context.io.drain_mailbox();
    context.session.send_held();
    append_confirmation(context.io.replies(), context.client.protocol, words_of(kind).unsubscribe, name,
                        subscription_count(context.client, kind));
  }
}

void unsubscribe(CommandContext& context, SubscriptionKind kind) {
  if (context.size() > 1) {
    unsubscribe_from(context, kind, context.arguments.subspan(1));
  } else {
    const std::vector<std::string> names = context.client.ensure_subscriptions().names(kind);
    unsubscribe_from(context, kind, names);
    if (names.empty()) {
      append_confirmation(context.io.replies(), context.client.protocol, words_of(kind).unsubscribe, std::nullopt,
                          subscription_count(context.client, kind));
    }
  }
  if (!context.client.subscribed()) context.client.subscriptions.reset();
}

void run_subscribe(CommandContext& context) {
  // All or nothing: a client that cannot follow one of them is not left with the others.
  if (const std::string error = since_error(context); !error.empty()) return context.reply.error(error);
  subscribe(context, SubscriptionKind::channel);
}
void run_psubscribe(CommandContext& context) { subscribe(context, SubscriptionKind::pattern); }
void run_unsubscribe(CommandContext& context) { unsubscribe(context, SubscriptionKind::channel); }
void run_punsubscribe(CommandContext& context) { unsubscribe(context, SubscriptionKind::pattern); }
void run_sunsubscribe(CommandContext& context) { unsubscribe(context, SubscriptionKind::shard_channel); }

void run_ssubscribe(CommandContext& context) {
  if (context.client.in_exec()) {
    context.reply.error(errors::kSsubscribeInTransaction);
    return;
  }
  subscribe(context, SubscriptionKind::shard_channel);
}

void publish(CommandContext& context, ChannelKind kind) {
  context.io.publish_run().add(context.command, kind, context[1], context[2],
                               context.io.dispatcher().argument_block(2));
}

void reply_receivers(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (outcomes.front().refusal == Refusal::none) context.io.counters().messages_published.add();
  reply_count(context, outcomes);
}

/// The message becomes an entry with one field, and is delivered once the log has it.
void publish_durable(CommandContext& context) {
  context.io.dispatcher().leave_publish_run();
  FieldsWriter fields(1);
  fields.add(kPayloadField, context[2]);
  AppendEntry entry;
  entry.fields = fields.take();
  const Result<void> applied = context.io.streams().apply_rule(context[1], entry);
  if (!applied) return context.io.durable_run().fail(context, applied.error().message);
  context.io.durable_run().add(context, DurableCommand{std::string(context[1]), std::move(entry)}, reply_receivers);
}

void run_publish(CommandContext& context) {
  if (is_since_name(context[1]) || VirtualChannel::named(context[1])) {
    context.io.dispatcher().leave_publish_run();
    context.reply.error(errors::kBrokerName);
  } else if (context.io.streams().rule_of(context[1]) != nullptr) {
    publish_durable(context);
  } else {
    publish(context, ChannelKind::channel);
  }
}
void run_spublish(CommandContext& context) { publish(context, ChannelKind::shard_channel); }

void list_channels(CommandContext& context, ChannelKind kind) {
  if (context.size() > 3) {
    context.reply.error(errors::unknown_subcommand_or_arity("pubsub", context[1]));
    return;
  }
  std::optional<std::string_view> pattern;
  if (context.size() > 2) pattern = context[2];
  const std::vector<std::string> channels = context.server.registry().channels(kind, pattern);
  context.reply.array(channels.size());
  for (const std::string& channel : channels) context.reply.bulk_string(channel);
}

void count_subscribers(CommandContext& context, ChannelKind kind) {
  context.reply.array((context.size() - 2) * 2);
  for (std::size_t i = 2; i < context.size(); ++i) {
    context.reply.bulk_string(context[i]);
    context.reply.integer(static_cast<std::int64_t>(context.server.registry().subscribers(kind, context[i])));
  }
}

void run_channels(CommandContext& context) { list_channels(context, ChannelKind::channel); }
void run_shardchannels(CommandContext& context) { list_channels(context, ChannelKind::shard_channel); }
void run_numsub(CommandContext& context) { count_subscribers(context, ChannelKind::channel); }
void run_shardnumsub(CommandContext& context) { count_subscribers(context, ChannelKind::shard_channel); }

void run_numpat(CommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(context.server.registry().patterns()));
}

void run_help(CommandContext& context) {
  static constexpr std::string_view kHelp[] = {
      "CHANNELS [<pattern>]",
      "    Return the currently active channels matching a <pattern> (default: '*').",
      "NUMPAT",
      "    Return number of subscriptions to patterns.",
      "NUMSUB [<channel> ...]",
      "    Return the number of subscribers for the specified channels, excluding",
      "    pattern subscriptions(default: no channels).",
      "SHARDCHANNELS [<pattern>]",
      "    Return the currently active shard level channels matching a <pattern> (default: '*').",
      "SHARDNUMSUB [<shardchannel> ...]",
      "    Return the number of subscribers for the specified shard level channel(s)",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kSubscribing =
    kPubsub | kNoscript | kLoading | kStale | kAllowedWhileSubscribed | kRepliesWithPushes;
constexpr std::uint32_t kPublishing = kPubsub | kLoading | kStale | kFast | kMayReplicate | kJoinsPublishRun;
constexpr std::uint32_t kAsking = kPubsub | kLoading | kStale;
constexpr KeyPositions kNoKeys{};

constexpr CommandRow kRows[] = {
    {"subscribe", -2, kSubscribing, kNoCategory, kNoKeys, run_subscribe, "Listens for messages published to channels.",
     "2.0.0", "pubsub", "O(N) where N is the number of channels to subscribe to."},
    {"unsubscribe", -1, kSubscribing, kNoCategory, kNoKeys, run_unsubscribe,
     "Stops listening to messages posted to channels.", "2.0.0", "pubsub",
     "O(N) where N is the number of channels to unsubscribe."},
    {"psubscribe", -2, kSubscribing, kNoCategory, kNoKeys, run_psubscribe,
     "Listens for messages published to channels that match one or more patterns.", "2.0.0", "pubsub",
     "O(N) where N is the number of patterns to subscribe to."},
    {"punsubscribe", -1, kSubscribing, kNoCategory, kNoKeys, run_punsubscribe,
     "Stops listening to messages published to channels that match one or more patterns.", "2.0.0", "pubsub",
     "O(N) where N is the number of patterns to unsubscribe."},
    {"ssubscribe",
     -2,
     kSubscribing,
     kNoCategory,
     {1, -1, 1},
     run_ssubscribe,
     "Listens for messages published to shard channels.",
     "7.0.0",
     "pubsub",
     "O(N) where N is the number of shard channels to subscribe to."},
    {"sunsubscribe",
     -1,
     kSubscribing,
     kNoCategory,
     {1, -1, 1},
     run_sunsubscribe,
     "Stops listening to messages posted to shard channels.",
     "7.0.0",
     "pubsub",
     "O(N) where N is the number of shard channels to unsubscribe."},
    {"publish", 3, kPublishing, kNoCategory, kNoKeys, run_publish, "Posts a message to a channel.", "2.0.0", "pubsub",
     "O(N) where N is the number of clients that receive the message."},
    {"spublish",
     3,
     kPublishing,
     kNoCategory,
     {1, 1, 1},
     run_spublish,
     "Posts a message to a shard channel.",
     "7.0.0",
     "pubsub",
     "O(N) where N is the number of clients that receive the message."},
    {"pubsub", -2, kNone, kNoCategory, kNoKeys, nullptr, "A container for Pub/Sub commands.", "2.8.0", "pubsub",
     "Depends on subcommand."},
    {"pubsub|channels", -2, kAsking, kNoCategory, kNoKeys, run_channels, "Returns the active channels.", "2.8.0",
     "pubsub", "O(N) where N is the number of active channels."},
    {"pubsub|numsub", -2, kAsking, kNoCategory, kNoKeys, run_numsub, "Returns a count of subscribers to channels.",
     "2.8.0", "pubsub", "O(N) where N is the number of requested channels."},
    {"pubsub|numpat", 2, kAsking, kNoCategory, kNoKeys, run_numpat, "Returns a count of unique pattern subscriptions.",
     "2.8.0", "pubsub", "O(1)"},
    {"pubsub|shardchannels", -2, kAsking, kNoCategory, kNoKeys, run_shardchannels, "Returns the active shard channels.",
     "7.0.0", "pubsub", "O(N) where N is the number of active shard channels."},
    {"pubsub|shardnumsub", -2, kAsking, kNoCategory, kNoKeys, run_shardnumsub,
     "Returns the count of subscribers of shard channels.", "7.0.0", "pubsub",
     "O(N) where N is the number of requested shard channels."},
    {"pubsub|help", 2, kLoading | kStale, kNoCategory, kNoKeys, run_help, "Returns helpful text about the subcommands.",
     "6.2.0", "pubsub", "O(1)"},
};

}  // namespace

CommandFamily pubsub_commands() { return kRows; }

}  // namespace respublica
