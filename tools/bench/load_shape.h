#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/protocol_version.h"
#include "tools/bench/frame_scanner.h"

namespace respublica::bench {

/// What a publisher says: PUBLISH, or XADD of an entry whose one field, `payload`, is the message.
enum class WriteCommand { publish, xadd };

/// The parameters of a load of messages and deliveries. Subscriber i hears channel i mod channels; message k of
/// publisher p goes to channel (p + k) mod channels.
struct LoadShape {
  WriteCommand write = WriteCommand::publish;
  std::size_t publishers = 1;
  std::size_t subscribers = 0;
  std::size_t channels = 1;
  std::size_t idle_connections = 0;  ///< more connections that say nothing, each subscribed to a channel of its own
  std::size_t payload = 64;          ///< bytes
  std::size_t pipeline = 64;         ///< commands sent together
  std::size_t window = 2;            ///< closed loop: deliveries under way, in batches of each publisher
  double rate = 0;                   ///< messages per second of all publishers together; 0: closed loop
  double seconds = 2;                ///< of the measured phase
  std::uint64_t messages = 0;        ///< of the measured phase; if not 0, instead of seconds
  double warmup_seconds = 0.5;
  std::size_t threads = 1;  ///< of the bench
  ProtocolVersion version = ProtocolVersion::resp2;
  PaddingCheck padding = PaddingCheck::last_bytes;

  bool open_loop() const { return rate > 0; }
  /// Subscribers of one channel.
  std::size_t receivers(std::size_t channel) const {
    return subscribers / channels + (channel < subscribers % channels ? 1 : 0);
  }
};

}  // namespace respublica::bench
