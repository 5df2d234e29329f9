#include "server/publish_run.h"

#include <charconv>

#include "protocol/push_encoder.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// One delivery should be far below every limit on what may wait for a subscriber.
constexpr std::size_t kMaxRunBytes = 256 * 1024;

constexpr std::string_view message_kind(ChannelKind kind) {
  return kind == ChannelKind::channel ? "message" : "smessage";
}

constexpr ProtocolVersion version_of_lane(std::size_t lane) {
  return lane == kLaneResp3 ? ProtocolVersion::resp3 : ProtocolVersion::resp2;
}

}  // namespace

bool PublishRun::is_stable(std::string_view bytes) const {
  const std::less_equal<const char*> not_after;
  return not_after(stable_.data(), bytes.data()) &&
         not_after(bytes.data() + bytes.size(), stable_.data() + stable_.size());
}

void PublishRun::add(const Command& command, ChannelKind kind, std::string_view channel, std::string_view payload,
                     SharedBytes block) {
  if (open() && (kind != kind_ || channel != channel_)) seal();
  command_ = &command;
  kind_ = kind;
  if (!open()) channel_ = channel;
  payloads_.push_back(payload);
  bytes_ += payload.size() + channel.size();
  block_ = std::move(block);
  const ClientState& client = io_.serving()->client();
  // A client that hears itself gets each reply before the message; CLIENT REPLY may change with the next command.
  if (block_ || bytes_ >= kMaxRunBytes || !is_stable(payload) || !is_stable(channel) || client.subscribed() ||
      client.reply_mode != ReplyMode::on) {
    seal();
  }
}

void PublishRun::seal() {
  if (!open()) return;
  // What is published here may not be added to while it is being delivered.
  std::vector<std::string_view> payloads;
  payloads.swap(payloads_);
  bytes_ = 0;
  const Audience audience = io_.server().registry().audience(kind_, channel_);
  if (audience.receivers == 0) {
    reply(payloads.size(), 0);
  } else {
    // What is likely to be needed is encoded before the registry's lock is taken.
    if (audience.sources == 1 || payloads.size() == 1) encode_channel(payloads, audience.lanes);
    reply(payloads.size(), publish(payloads));
  }
  for (const Delivery& delivery : local_) io_.deliver(delivery);
  local_.clear();
  block_ = SharedBytes();
  channel_delivery_ = Delivery();
  io_.counters().messages_published.add(payloads.size());
  const std::string_view arguments[] = {command_->row.name, channel_, payloads.back()};
  io_.dispatcher().count_calls(*command_, payloads.size(), arguments);
  payloads.clear();
  if (payloads_.empty()) payloads_.swap(payloads);
}

void PublishRun::encode_channel(std::span<const std::string_view> payloads, std::uint32_t lanes) {
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

Delivery PublishRun::encode_pattern(std::string_view pattern, std::span<const std::string_view> payloads,
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

std::size_t PublishRun::publish(std::span<const std::string_view> payloads) {
  return io_.server().registry().publish(kind_, channel_, [&](std::span<const Source> sources) {
    if (sources.size() == 1) {
      hand_over_from(sources, payloads);
      return;
    }
    // A client may hear the channel and a pattern: message by message keeps the order of one PUBLISH after the other.
    for (const std::string_view& payload : payloads) hand_over_from(sources, {&payload, 1});
  });
}

void PublishRun::hand_over_from(std::span<const Source> sources, std::span<const std::string_view> payloads) {
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

bool PublishRun::is_encoded(std::size_t messages, std::uint32_t lanes) const {
  if (channel_delivery_.messages != messages) return false;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    // Somebody may have subscribed since, in a version nobody used.
    if ((lanes & (1U << lane)) != 0 && !channel_delivery_.frames[lane]) return false;
  }
  return true;
}

void PublishRun::hand_over(const Delivery& prototype, std::span<const Subscriber> subscribers) {
  const std::size_t threads = io_.server().io_threads().size();
  by_thread_.resize(threads);
  for (const Subscriber subscriber : subscribers) by_thread_[subscriber.io_thread()].receivers.push_back(subscriber);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    if (by_thread_[thread].receivers.empty()) continue;
    Delivery delivery = prototype;
    delivery.receivers.swap(by_thread_[thread].receivers);
    const bool own = thread == io_.index();
    if (own && !io_.mailbox().filled()) {
      local_.push_back(std::move(delivery));
    } else {
      io_.server().io_threads()[thread]->mailbox().push(std::move(delivery));
      if (!own) io_.wake_later(static_cast<std::uint8_t>(thread));
    }
  }
}

void PublishRun::reply(std::size_t count, std::size_t receivers) {
  if (io_.serving()->client().reply_mode != ReplyMode::on) return;
  char text[24] = {':'};
  char* end = std::to_chars(text + 1, text + sizeof(text), receivers).ptr;
  *end++ = '\r';
  *end++ = '\n';
  const std::string_view encoded(text, static_cast<std::size_t>(end - text));
  std::string& replies = io_.replies();
  for (std::size_t i = 0; i < count; ++i) replies += encoded;
}

}  // namespace respublica
