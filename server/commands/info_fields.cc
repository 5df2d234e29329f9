#include "server/commands/info_fields.h"

namespace respublica {

void write_field(ReplyEncoder& reply, std::string_view name, std::string_view text) {
  reply.bulk_string(name);
  reply.bulk_string(text);
}

void write_field(ReplyEncoder& reply, std::string_view name, std::uint64_t number) {
  reply.bulk_string(name);
  reply.integer(static_cast<std::int64_t>(number));
}

void write_field(ReplyEncoder& reply, std::string_view name, StreamId id) {
  write_field(reply, name, format_stream_id(id));
}

void write_known_field(ReplyEncoder& reply, std::string_view name, std::optional<std::uint64_t> number) {
  if (number) return write_field(reply, name, *number);
  reply.bulk_string(name);
  reply.null();
}

void write_time_field(ReplyEncoder& reply, std::string_view name, std::optional<std::uint64_t> ms) {
  if (ms) return write_field(reply, name, *ms);
  reply.bulk_string(name);
  reply.integer(-1);
}

}  // namespace respublica
