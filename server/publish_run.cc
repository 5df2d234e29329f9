#include "server/publish_run.h"

#include <charconv>

#include "server/io_thread.h"

namespace respublica {
namespace {

/// One delivery should be far below every limit on what may wait for a subscriber.
constexpr std::size_t kMaxRunBytes = 256 * 1024;

}  // namespace

PublishRun::PublishRun(IoThread& io) : io_(io), fan_out_(io.server().registry(), *this) {}

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
  ++added_;
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
  reply(payloads.size(), fan_out_.publish(kind_, channel_, payloads, std::move(block_)));
  for (const Delivery& delivery : local_) io_.deliver(delivery);
  local_.clear();
  io_.counters().messages_published.add(payloads.size());
  const std::string_view arguments[] = {command_->row.name, channel_, payloads.back()};
  io_.dispatcher().count_calls(*command_, payloads.size(), arguments);
  payloads.clear();
  if (payloads_.empty()) payloads_.swap(payloads);
}

void PublishRun::take(std::size_t io_thread, Delivery delivery) {
  const bool own = io_thread == io_.index();
  if (own && !io_.mailbox().filled()) {
    local_.push_back(std::move(delivery));
    return;
  }
  io_.server().io_threads()[io_thread]->mailbox().push(std::move(delivery));
  if (!own) io_.wake_later(static_cast<std::uint8_t>(io_thread));
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
