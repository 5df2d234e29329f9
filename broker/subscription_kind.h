#pragma once

#include <cstdint>

namespace respublica {

/// What a client can be subscribed to.
enum class SubscriptionKind : std::uint8_t { channel, pattern, shard_channel };

/// What a message can be published to.
enum class ChannelKind : std::uint8_t { channel, shard_channel };

constexpr SubscriptionKind subscription_kind(ChannelKind kind) {
  return kind == ChannelKind::channel ? SubscriptionKind::channel : SubscriptionKind::shard_channel;
}

/// Of a channel or shard channel, not of a pattern.
constexpr ChannelKind channel_kind(SubscriptionKind kind) {
  return kind == SubscriptionKind::channel ? ChannelKind::channel : ChannelKind::shard_channel;
}

}  // namespace respublica
