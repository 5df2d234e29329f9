#include "server/fan_out.h"

#include "protocol/push_encoder.h"

namespace respublica {
namespace {

constexpr std::string_view message_kind(ChannelKind kind) {
  return kind == ChannelKind::channel ? "message" : "smessage";
}

constexpr ProtocolVersion version_of_lane(std::size_t lane) {
  return lane == kLaneResp3 ? ProtocolVersion::resp3 : ProtocolVersion::resp2;
}

}  // namespace

std::size_t FanOut::publish(ChannelKind kind, std::string_view channel, std::span<const std::string_view> payloads,
                            SharedBytes block) {
  const Audience audience = registry_.audience(kind, channel);
  if (audience.receivers == 0) return 0;
  kind_ = kind;
  channel_ = channel;
  block_ = std::move(block);
  // What is likely to be needed is encoded before the registry's lock is taken.
  if (audience.sources == 1 || payloads.size() == 1) encode_channel(payloads, audience.lanes);
  const std::size_t receivers = registry_.publish(kind, channel, [&](std::span<const Source> sources) {
    if (sources.size() == 1) {
      hand_over_from(sources, payloads);
      return;
    }
    // A client may hear the channel and a pattern: message by message keeps the order of one PUBLISH after the other.
    for (const std::string_view& payload : payloads) hand_over_from(sources, {&payload, 1});
  });
  block_ = SharedBytes();
  channel_delivery_ = Delivery();
  return receivers;
}

void FanOut::encode_channel(std::span<const std::string_view> payloads, std::uint32_t lanes) {
  channel_delivery_ = Delivery();
  channel_delivery_.messages = static_cast<std::uint32_t>(payloads.size());
  channel_delivery_.payload = block_;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if ((lanes & (1U << lane)) == 0) continue;
    scratch_.clear();
    if (block_) {
      append_message_header(scratch_, version_of_lane(lane), message_kind(kind_), std::nullopt, channel_,
                            payloads.front().size());
    } else {
      for (const std::string_view payload : payloads) {
        append_message(scratch_, version_of_lane(lane), message_kind(kind_), channel_, payload);
      }
    }
    channel_delivery_.frames[lane] = SharedBytes::copy_of(scratch_);
  }
}

Delivery FanOut::encode_pattern(std::string_view pattern, std::span<const std::string_view> payloads,
                                std::uint32_t lanes) {
  Delivery delivery;
  delivery.messages = static_cast<std::uint32_t>(payloads.size());
  delivery.payload = block_;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if ((lanes & (1U << lane)) == 0) continue;
    scratch_.clear();
    if (block_) {
      append_message_header(scratch_, version_of_lane(lane), "pmessage", pattern, channel_, payloads.front().size());
    } else {
      for (const std::string_view payload : payloads) {
        append_pattern_message(scratch_, version_of_lane(lane), pattern, channel_, payload);
      }
    }
    delivery.frames[lane] = SharedBytes::copy_of(scratch_);
  }
  return delivery;
}

void FanOut::hand_over_from(std::span<const Source> sources, std::span<const std::string_view> payloads) {
  for (const Source& source : sources) {
    std::uint32_t lanes = 0;
    for (const Subscriber subscriber : source.subscribers) lanes |= 1U << subscriber.lane();
    if (source.pattern) {
      hand_over(encode_pattern(*source.pattern, payloads, lanes), source.subscribers);
      continue;
    }
    if (!is_encoded(payloads.size(), lanes)) encode_channel(payloads, lanes);
    hand_over(channel_delivery_, source.subscribers);
    if (sources.size() > 1) channel_delivery_ = Delivery();
  }
}

bool FanOut::is_encoded(std::size_t messages, std::uint32_t lanes) const {
  if (channel_delivery_.messages != messages) return false;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    // Somebody may have subscribed since, in a version nobody used.
    if ((lanes & (1U << lane)) != 0 && !channel_delivery_.frames[lane]) return false;
  }
  return true;
}

void FanOut::hand_over(const Delivery& prototype, std::span<const Subscriber> subscribers) {
  for (const Subscriber subscriber : subscribers) {
    if (by_thread_.size() <= subscriber.io_thread()) by_thread_.resize(subscriber.io_thread() + std::size_t{1});
    by_thread_[subscriber.io_thread()].push_back(subscriber);
  }
  for (std::size_t thread = 0; thread < by_thread_.size(); ++thread) {
    if (by_thread_[thread].empty()) continue;
    Delivery delivery = prototype;
    delivery.receivers.swap(by_thread_[thread]);
    target_.take(thread, std::move(delivery));
  }
}

}  // namespace respublica
