#include "tools/bench/message_shape.h"

#include <fmt/format.h>

namespace respublica::bench {

std::string channel_name(std::size_t number) { return fmt::format("channel:{:06}", number); }

MessageShape MessageShape::delivery(ProtocolVersion version, std::string_view channel, std::size_t payload_size) {
  const char kind = version == ProtocolVersion::resp3 ? '>' : '*';
  return {fmt::format("{}3\r\n$7\r\nmessage\r\n${}\r\n{}\r\n${}\r\n", kind, channel.size(), channel, payload_size),
          payload_size};
}

MessageShape MessageShape::publish(std::string_view channel, std::size_t payload_size) {
  return {fmt::format("*3\r\n$7\r\nPUBLISH\r\n${}\r\n{}\r\n${}\r\n", channel.size(), channel, payload_size),
          payload_size};
}

MessageShape MessageShape::xadd(std::string_view channel, std::size_t payload_size) {
  return {fmt::format("*5\r\n$4\r\nXADD\r\n${}\r\n{}\r\n$1\r\n*\r\n${}\r\n{}\r\n${}\r\n", channel.size(), channel,
                      kPayloadField.size(), kPayloadField, payload_size),
          payload_size};
}

}  // namespace respublica::bench
