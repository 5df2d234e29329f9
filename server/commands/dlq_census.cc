#include "server/commands/dlq_census.h"

#include <utility>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/info_fields.h"
#include "server/io_thread.h"
#include "server/session.h"

namespace respublica {
namespace {

/// Entries that are read in one turn.
constexpr std::size_t kReadAtOnce = 1024;

}  // namespace

DlqCensus::DlqCensus(const CommandContext& context, std::deque<std::string> channels)
    : io_(context.io), command_(context.command), session_(context.session.number()), channels_(std::move(channels)) {}

void DlqCensus::answer(CommandContext& context) {
  Result<bool> read = read_some();
  while (read && read.value() && context.client.in_exec()) read = read_some();
  if (!read || !read.value()) return reply(context, read);
  context.session.suspend();
  io_.post_behind_others([self = shared_from_this()] { self->go_on(); });
}

void DlqCensus::go_on() {
  Session* const session = io_.find(session_);
  if (session == nullptr) return;
  const Result<bool> read = read_some();
  if (read && read.value()) return io_.post_behind_others([self = shared_from_this()] { self->go_on(); });
  session->resume(command_, [&](CommandContext& context) { reply(context, read); });
}

Result<bool> DlqCensus::read_some() {
  if (channels_.empty()) return false;
  const std::string& channel = channels_.front();
  std::size_t count = 0;
  bool has_more = false;
  if (const std::shared_ptr<const Stream> stream = io_.streams().find(channel)) {
    const Result<void> read =
        io_.streams().reader().forward(*stream, {from_, kMaxStreamId}, [&](const StoredEntry& entry) {
          has_more = count++ == kReadAtOnce;
          from_ = entry.id;
          if (!has_more) census_.add(channel, entry.id, entry.fields);
          return !has_more;
        });
    if (!read) return read.error();
  }
  if (has_more) return true;
  channels_.pop_front();
  from_ = {};
  return !channels_.empty();
}

void DlqCensus::reply(CommandContext& context, const Result<bool>& read) const {
  if (!read) return context.reply.error(errors::log_not_readable(read.error().message));
  ReplyEncoder& out = context.reply;
  out.array(census_.all().size());
  for (const auto& [place, count] : census_.all()) {
    out.map(7);
    write_field(out, "dlq", place.dlq);
    write_field(out, "channel", place.channel);
    write_field(out, "group", place.group);
    write_field(out, "reason", place.reason);
    write_field(out, "count", count.letters);
    write_field(out, "oldest-ms", count.oldest_ms);
    write_field(out, "newest-ms", count.newest_ms);
  }
}

}  // namespace respublica
