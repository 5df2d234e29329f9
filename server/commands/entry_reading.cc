#include "server/commands/entry_reading.h"

#include <algorithm>

#include "protocol/error_replies.h"
#include "protocol/reply_encoder.h"
#include "server/command_context.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// What stands before the fields of an entry in a virtual channel.
constexpr std::string_view kChannelField = "$channel";
constexpr std::string_view kIdField = "$id";
constexpr std::size_t kOwnFields = 2;

void append_fields(ReplyEncoder& reply, FieldsReader& fields) {
  for (std::size_t i = 0; i < fields.count(); ++i) {
    const FieldsReader::Field field = fields.next();
    reply.bulk_string(field.name);
    reply.bulk_string(field.value);
  }
}

void append_entry(std::string& out, ProtocolVersion version, const StoredEntry& entry) {
  ReplyEncoder reply(out, version);
  FieldsReader fields(entry.fields);
  reply.array(2);
  reply.bulk_string(format_stream_id(entry.id));
  reply.array(fields.count() * 2);
  append_fields(reply, fields);
}

void append_entry(std::string& out, ProtocolVersion version, const VirtualEntry& entry) {
  ReplyEncoder reply(out, version);
  FieldsReader fields(entry.fields);
  reply.array(2);
  reply.bulk_string(format_stream_id(entry.id));
  reply.array((kOwnFields + fields.count()) * 2);
  reply.bulk_string(kChannelField);
  reply.bulk_string(entry.channel);
  reply.bulk_string(kIdField);
  reply.bulk_string(format_stream_id(entry.channel_id));
  append_fields(reply, fields);
}

/// Room that is made for entries before they are read, and what one takes beside its fields.
constexpr std::uint64_t kMostRoom = 512 * 1024;
constexpr std::uint64_t kRoomBesideFields = 64;

/// Adds entries until there are `count`.
auto gather(Entries& entries, ProtocolVersion version, std::uint64_t count) {
  return [&entries, version, count](const auto& entry) {
    if (entries.count == 0) {
      entries.first = entry.id;
      const std::uint64_t room = entry.fields.size() + kRoomBesideFields;
      entries.bytes.reserve(std::min(count, kMostRoom / room) * room);
    }
    append_entry(entries.bytes, version, entry);
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

Result<Entries> ReadableChannel::read(ProtocolVersion version, const IdRange& range, std::uint64_t count,
                                      RangeOrder order) const {
  if (virtual_) return read_virtual(version, range, count, order);
  Entries entries;
  // The last ID alone, which may be of an entry that is gone, says nothing.
  if (stream_ == nullptr || stream_->length() == 0 || range.first > stream_->last_id()) return entries;
  StreamReader& reader = io_.streams().reader();
  const auto visit = gather(entries, version, count);
  const Result<void> read =
      order == RangeOrder::forward ? reader.forward(*stream_, range, visit) : reader.backward(*stream_, range, visit);
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  return entries;
}

Result<Entries> ReadableChannel::read_virtual(ProtocolVersion version, const IdRange& range, std::uint64_t count,
                                              RangeOrder order) const {
  Entries entries;
  std::optional<VirtualReader> reader = io_.streams().virtual_reader();
  if (!reader) return entries;
  const auto visit = gather(entries, version, count);
  const Result<void> read = order == RangeOrder::forward ? reader->forward(*virtual_, range, visit)
                                                         : reader->backward(*virtual_, range, visit);
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  return entries;
}

void reply_entries(CommandContext& context, const Entries& entries) {
  context.reply.array(entries.count);
  context.io.replies() += entries.bytes;
}

}  // namespace respublica
