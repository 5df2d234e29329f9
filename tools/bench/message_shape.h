#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/protocol_version.h"

namespace respublica::bench {

/// `channel:000042`: the name of channel number 42. All names have the same length.
std::string channel_name(std::size_t number);

/// The field of an entry that has the message.
inline constexpr std::string_view kPayloadField = "payload";

/// One frame on the wire whose payload changes and whose other bytes do not: header, payload, CRLF.
/// Thread: any, immutable.
class MessageShape {
 public:
  /// The push that a subscriber of `channel` receives.
  static MessageShape delivery(ProtocolVersion version, std::string_view channel, std::size_t payload_size);

  /// The PUBLISH command that a publisher sends.
  static MessageShape publish(std::string_view channel, std::size_t payload_size);

  /// The XADD command that a publisher sends: the server chooses the ID, the payload is the only field's value.
  static MessageShape xadd(std::string_view channel, std::size_t payload_size);

  std::string_view header() const { return header_; }
  std::size_t payload_size() const { return payload_size_; }
  std::size_t frame_size() const { return header_.size() + payload_size_ + 2; }

 private:
  MessageShape(std::string header, std::size_t payload_size)
      : header_(std::move(header)), payload_size_(payload_size) {}

  std::string header_;
  std::size_t payload_size_;
};

}  // namespace respublica::bench
