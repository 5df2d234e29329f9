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

/// Adds entries until there are `count`, or the budget has no more.
auto gather(Entries& entries, EntryEncoder& encoder, std::uint64_t count, ReadBudget& budget) {
  return [&entries, &encoder, &budget, count](const auto& entry) {
    if (!budget.take(entry.fields.size())) return false;
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
  ReadBudget all({});
  return read_wanted(range, count, order, all, [](const auto&) { return true; });
}

Result<Entries> ReadableChannel::read_new(StreamId first, std::uint64_t count, ReadBudget& budget) const {
  const EntryRule rule = stream_ == nullptr ? EntryRule() : io_.streams().entry_rule_of(stream_->name());
  if (!rule.may_expire()) {
    return read_wanted({first, kMaxStreamId}, count, RangeOrder::forward, budget, [](const auto&) { return true; });
  }
  const std::uint64_t now_ms = unix_ms(io_.server().clock().wall_now());
  const auto is_alive = [&rule, now_ms](const auto& entry) { return !rule.is_over(entry.id, entry.fields, now_ms); };
  const IdRange alive{std::max(first, rule.first_alive(now_ms)), kMaxStreamId};
  return read_wanted(alive, count, RangeOrder::forward, budget, is_alive);
}

template <typename Wanted>
Result<Entries> ReadableChannel::read_wanted(const IdRange& range, std::uint64_t count, RangeOrder order,
                                             ReadBudget& budget, const Wanted& wanted) const {
  Entries entries;
  EntryEncoder encoder;
  const auto add = gather(entries, encoder, count, budget);
  const auto visit = [&wanted, &add](const auto& entry) { return !wanted(entry) || add(entry); };
  const Result<void> read = virtual_ ? visit_virtual(range, order, visit) : visit_stream(range, order, visit);
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  if (entries.count > 0) entries.bytes = encoder.take();
  return entries;
}

template <typename Visitor>
Result<void> ReadableChannel::visit_stream(const IdRange& range, RangeOrder order, const Visitor& visit) const {
  // The last ID alone, which may be of an entry that is gone, says nothing.
  if (stream_ == nullptr || stream_->length() == 0 || range.first > stream_->last_id()) return {};
  StreamReader& reader = io_.streams().reader();
  return order == RangeOrder::forward ? reader.forward(*stream_, range, visit)
                                      : reader.backward(*stream_, range, visit);
}

template <typename Visitor>
Result<void> ReadableChannel::visit_virtual(const IdRange& range, RangeOrder order, const Visitor& visit) const {
  std::optional<VirtualReader> reader = io_.streams().virtual_reader();
  if (!reader) return {};
  return order == RangeOrder::forward ? reader->forward(*virtual_, range, visit)
                                      : reader->backward(*virtual_, range, visit);
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
