#pragma once
// Names and values in the maps that XINFO and DLQ answer.

#include <cstdint>
#include <optional>
#include <string_view>

#include "broker/stream_id.h"
#include "protocol/reply_encoder.h"

namespace respublica {

void write_field(ReplyEncoder& reply, std::string_view name, std::string_view text);
void write_field(ReplyEncoder& reply, std::string_view name, std::uint64_t number);
void write_field(ReplyEncoder& reply, std::string_view name, StreamId id);
/// Null where the number is not known.
void write_known_field(ReplyEncoder& reply, std::string_view name, std::optional<std::uint64_t> number);
/// A time, or a duration; -1 where there is none.
void write_time_field(ReplyEncoder& reply, std::string_view name, std::optional<std::uint64_t> ms);

}  // namespace respublica
