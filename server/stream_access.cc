#include "server/stream_access.h"

#include "protocol/error_replies.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"
#include "server/server_state.h"

namespace respublica {

std::shared_ptr<const Stream> StreamAccess::find(std::string_view name) {
  if (const MessageLog* const log = io_.server().durable().log(); view_ == nullptr && log != nullptr)
    view_ = log->view();
  // What is in the log for its groups is none.
  if (VirtualChannel::is_name(name)) return nullptr;
  std::shared_ptr<const Stream> stream = table().find(name);
  // For an EXEC time stands still.
  if (stream == nullptr || !stream->expires_ms() || shown_ != nullptr) return stream;
  return stream->expired(unix_ms(io_.server().clock().wall_now())) ? nullptr : stream;
}

bool StreamAccess::may_exist(std::string_view name) { return io_.durable_run().gathering() || find(name) != nullptr; }

const StreamTable& StreamAccess::table() const {
  return shown_ != nullptr ? *shown_ : io_.server().durable().streams();
}

const DurableRule* StreamAccess::rule_of(std::string_view channel) const {
  io_.role().assert_held();
  const DurableRules& rules = io_.settings().durable;
  return rules.all().empty() ? nullptr : rules.find(channel);
}

bool StreamAccess::is_dlq(std::string_view channel) const { return io_.settings().durable.is_dlq(channel); }

EntryRule StreamAccess::entry_rule_of(std::string_view channel) const {
  const DurableRule* const rule = rule_of(channel);
  return rule == nullptr ? EntryRule() : io_.settings().durable.entries_of(*rule, channel);
}

Result<void> StreamAccess::apply_rule(std::string_view channel, AppendEntry& entry) const {
  const DurableRule* const rule = rule_of(channel);
  if (rule == nullptr) return {};
  entry.live = AppendEntry::Live::deliver;
  entry.limits = rule->limits();
  if (rule->groups.dlq_undelivered) {
    ServerState& server = io_.server();
    entry.is_unheard = server.registry().audience(ChannelKind::channel, channel).receivers == 0 &&
                       server.durable().followers().count(channel) == 0;
  }
  const Result<EntryTiming> timing = entry_rule_of(channel).timing_of(entry.fields);
  if (!timing) return Error{errors::reserved_field(timing.error().message)};
  entry.timing = timing.value();
  const bool waits = entry.timing.deliver_at_ms || entry.timing.deliver_in_ms;
  if (waits && entry.id.kind != RequestedId::Kind::automatic) return Error{std::string(errors::kDelayedId)};
  if (waits && entry.trim) return Error{std::string(errors::kDelayedTrim)};
  return {};
}

bool StreamAccess::append_only(std::string_view channel) const {
  const DurableRule* const rule = rule_of(channel);
  return rule != nullptr && rule->append_only;
}

IdempotenceLimits StreamAccess::idempotence() const {
  io_.role().assert_held();
  return {io_.settings().stream_idmp_duration, io_.settings().stream_idmp_maxsize};
}

std::optional<VirtualReader> StreamAccess::virtual_reader() const {
  DurableChannels& durable = io_.server().durable();
  const MessageLog* const log = durable.log();
  if (log == nullptr) return std::nullopt;
  return std::optional<VirtualReader>(std::in_place, durable.streams(), *log, durable.frame_marks(),
                                      durable.shown_end().position, unix_ms(io_.server().clock().wall_now()));
}

Result<std::size_t> StreamAccess::read(LogPosition position, std::span<char> into) const {
  const MessageLog* const log = io_.server().durable().log();
  if (log == nullptr) return Error{"there is no log"};
  return view_ == nullptr ? log->read(position, into) : log->read(*view_, position, into);
}

}  // namespace respublica
