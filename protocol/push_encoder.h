#pragma once
// What subscribers receive: messages, and the confirmations of (un)subscribe commands. RESP3 sends pushes (">"),
// RESP2 arrays ("*"); all else is alike. https://redis.io/docs/latest/develop/pubsub/

#include <optional>
#include <string>
#include <string_view>

#include "protocol/protocol_version.h"

namespace respublica {

/// Appends [kind, channel, payload], kind being "message" or "smessage".
void append_message(std::string& out, ProtocolVersion version, std::string_view kind, std::string_view channel,
                    std::string_view payload);

/// Appends ["pmessage", pattern, channel, payload].
void append_pattern_message(std::string& out, ProtocolVersion version, std::string_view pattern,
                            std::string_view channel, std::string_view payload);

/// The frame up to and with the payload's "$<length>\r\n", for a payload that stands in a block of its own (the payload
/// and CRLF follow). `pattern` is empty for messages of a channel.
void append_message_header(std::string& out, ProtocolVersion version, std::string_view kind,
                           std::optional<std::string_view> pattern, std::string_view channel, std::size_t payload_size);

/// Appends [kind, name or null, count], kind being "subscribe", "punsubscribe" and so on.
void append_confirmation(std::string& out, ProtocolVersion version, std::string_view kind,
                         std::optional<std::string_view> name, std::size_t count);

}  // namespace respublica
