#include "tools/bench/publish_batch.h"

#include "tools/bench/message_shape.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kChannelDigits = 6;

MessageShape command_shape(WriteCommand write, std::string_view channel, std::size_t payload_size) {
  return write == WriteCommand::xadd ? MessageShape::xadd(channel, payload_size)
                                     : MessageShape::publish(channel, payload_size);
}

}  // namespace

PublishBatch::PublishBatch(WriteCommand write, std::size_t channels, std::size_t payload_size, std::size_t depth)
    : channels_(channels), depth_(depth) {
  const std::string name = channel_name(0);
  const MessageShape shape = command_shape(write, name, payload_size);
  command_size_ = shape.frame_size();
  payload_at_ = shape.header().size();
  channel_at_ = shape.header().find(name) + name.size() - kChannelDigits;
  std::string command(shape.header());
  command.append(payload_size, kPadding);
  command.append("\r\n");
  bytes_.reserve(command_size_ * depth);
  for (std::size_t i = 0; i < depth; ++i) {
    bytes_ += command;
  }
}

void PublishBatch::put_channel(char* command, std::size_t channel) {
  for (std::size_t digit = kChannelDigits; digit > 0; --digit) {
    command[channel_at_ + digit - 1] = static_cast<char>('0' + channel % 10);
    channel /= 10;
  }
}

std::string_view PublishBatch::prepare(std::size_t count, PayloadStamp first, std::int64_t step_ns) {
  char* command = bytes_.data();
  for (std::size_t i = 0; i < count; ++i, command += command_size_) {
    if (channels_ > 1) {
      put_channel(command, (first.publisher + first.sequence) % channels_);
    }
    write_stamp(first, command + payload_at_);
    ++first.sequence;
    first.sent_ns += step_ns;
  }
  return std::string_view(bytes_).substr(0, count * command_size_);
}

}  // namespace respublica::bench
