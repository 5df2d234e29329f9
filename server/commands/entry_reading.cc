#include "server/commands/entry_reading.h"

#include <algorithm>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/durable_channels.h"
#include "server/entry_encoder.h"
#include "server/io_thread.h"
#include "server/session.h"

namespace respublica {
namespace {

/// Fewer bytes are cheaper to copy than to share.
constexpr std::size_t kSharedBytes = 4 * 1024;

void add(EntryEncoder& encoder, const StoredEntry& entry) { encoder.add(entry.id, entry.fields); }
void add(EntryEncoder& encoder, const VirtualEntry& entry) { encoder.add(entry); }

/// Adds entries until there are `count`.
auto gather(Entries& entries, EntryEncoder& encoder, std::uint64_t count) {
  return [&entries, &encoder, count](const auto& entry) {
    if (entries.count == 0) {
      entries.first = entry.id;
      encoder.expect(count, entry.fields);
    }
    add(encoder, entry);
    return ++entries.count != count;
  };
}

}  // namespace

ReadableChannel::ReadableChannel(IoThread& io, std::string_view name) : io_(io), virtual_(VirtualChannel::named(name)) {
  if (!virtual_) stream_ = io.streams().find(name);
}

std::optional<StreamId> ReadableChannel::next_id() const {
  if (virtual_) return virtual_id_at(io_.server().durable().shown_end());
  return stream_ == nullptr ? StreamId{0, 1} : stream_->last_id().next();
}

std::uint64_t ReadableChannel::length() const {
  if (!virtual_) return stream_ == nullptr ? 0 : stream_->length();
  const std::optional<VirtualReader> reader = io_.streams().virtual_reader();
  return reader ? reader->length(*virtual_) : 0;
}

Result<Entries> ReadableChannel::read(const IdRange& range, std::uint64_t count, RangeOrder order) const {
  if (virtual_) return read_virtual(range, count, order);
  Entries entries;
  // The last ID alone, which may be of an entry that is gone, says nothing.
  if (stream_ == nullptr || stream_->length() == 0 || range.first > stream_->last_id()) return entries;
  StreamReader& reader = io_.streams().reader();
  EntryEncoder encoder;
  const auto visit = gather(entries, encoder, count);
  const Result<void> read =
      order == RangeOrder::forward ? reader.forward(*stream_, range, visit) : reader.backward(*stream_, range, visit);
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  entries.bytes = encoder.take();
  return entries;
}

Result<Entries> ReadableChannel::read_new(StreamId first, std::uint64_t count) const {
  const DurableRule* const rule = stream_ == nullptr ? nullptr : io_.streams().rule_of(stream_->name());
  if (rule == nullptr || !rule->entries.may_expire()) {
    return read({first, kMaxStreamId}, count, RangeOrder::forward);
  }
  const std::uint64_t now_ms = unix_ms(io_.server().clock().wall_now());
  Entries entries;
  EntryEncoder encoder;
  const auto add = gather(entries, encoder, count);
  const Result<void> read = io_.streams().reader().forward(
      *stream_, {std::max(first, rule->entries.first_alive(now_ms)), kMaxStreamId},
      [&](const StoredEntry& entry) { return rule->entries.is_over(entry.id, entry.fields, now_ms) || add(entry); });
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  if (entries.count > 0) entries.bytes = encoder.take();
  return entries;
}

Result<Entries> ReadableChannel::read_virtual(const IdRange& range, std::uint64_t count, RangeOrder order) const {
  Entries entries;
  std::optional<VirtualReader> reader = io_.streams().virtual_reader();
  if (!reader) return entries;
  EntryEncoder encoder;
  const auto visit = gather(entries, encoder, count);
  const Result<void> read = order == RangeOrder::forward ? reader->forward(*virtual_, range, visit)
                                                         : reader->backward(*virtual_, range, visit);
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  entries.bytes = encoder.take();
  return entries;
}

void reply_elements(CommandContext& context, const Entries& entries) {
  if (!entries.bytes) return;
  // What an EXEC replies is held back until it ends; what a client does not want to hear is cut off again.
  const bool goes_out = !context.client.in_exec() && context.client.reply_mode == ReplyMode::on;
  if (goes_out && entries.bytes.size() >= kSharedBytes) {
    context.io.commit_replies();
    context.session.send_shared(entries.bytes);
  } else {
    context.io.replies() += entries.bytes.view();
  }
}

void reply_entries(CommandContext& context, const Entries& entries) {
  context.reply.array(entries.count);
  reply_elements(context, entries);
}

}  // namespace respublica
