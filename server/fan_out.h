#pragma once
// Encodes messages and hands them to those who hear their channel.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.h"
#include "broker/shared_registry.h"
#include "server/mailbox.h"

namespace respublica {

/// Where deliveries go. Called while the registry holds the lock of the channel.
class DeliveryTarget {
 public:
  virtual ~DeliveryTarget() = default;
  /// For the sessions of one io thread.
  virtual void take(std::size_t io_thread, Delivery delivery) = 0;
};

/// Publishes: one look at the registry, one encoding for each protocol version in use, one block that all receivers
/// share.
///
/// Thread: its owner's.
class FanOut {
 public:
  FanOut(SharedRegistry& registry, DeliveryTarget& target) : registry_(registry), target_(target) {}

  /// Hands `payloads` to the receivers of the channel, who are the same for all of them; returns how many. `block`, if
  /// set, holds the one payload followed by CRLF.
  std::size_t publish(ChannelKind kind, std::string_view channel, std::span<const std::string_view> payloads,
                      SharedBytes block);

 private:
  /// One delivery per source.
  void hand_over_from(std::span<const Source> sources, std::span<const std::string_view> payloads);
  /// channel_delivery_ has these messages, in all these lanes.
  bool is_encoded(std::size_t messages, std::uint32_t lanes) const;
  void encode_channel(std::span<const std::string_view> payloads, std::uint32_t lanes);
  Delivery encode_pattern(std::string_view pattern, std::span<const std::string_view> payloads, std::uint32_t lanes);
  void hand_over(const Delivery& prototype, std::span<const Subscriber> subscribers);

  SharedRegistry& registry_;
  DeliveryTarget& target_;
  ChannelKind kind_ = ChannelKind::channel;
  std::string_view channel_;
  SharedBytes block_;
  /// What the channel's own subscribers receive, encoded before the registry's lock is taken.
  Delivery channel_delivery_;
  std::vector<std::vector<Subscriber>> by_thread_;
  std::string scratch_;
};

}  // namespace respublica
