#include "tools/bench/group_consumer.h"

#include <fmt/format.h>

#include <utility>

#include "tools/bench/bench_error.h"
#include "tools/bench/printable.h"
#include "tools/bench/stream_page.h"

namespace respublica::bench {

namespace {

std::string read_request(std::string_view name, std::string_view channel, std::size_t count,
                         GroupConsumer::Block block) {
  const std::string number = std::to_string(count);
  if (block == GroupConsumer::Block::no) {
    return encode_command({"XREADGROUP", "GROUP", kGroup, name, "COUNT", number, "STREAMS", channel, ">"});
  }
  return encode_command({"XREADGROUP", "GROUP", kGroup, name, "COUNT", number, "BLOCK", "0", "STREAMS", channel, ">"});
}

void append_bulk(std::string& bytes, std::string_view text) {
  fmt::format_to(std::back_inserter(bytes), "${}\r\n{}\r\n", text.size(), text);
}

std::string acknowledgement(std::string_view channel, const std::vector<std::string>& ids) {
  std::string bytes = fmt::format("*{}\r\n$4\r\nXACK\r\n", ids.size() + 3);
  append_bulk(bytes, channel);
  append_bulk(bytes, kGroup);
  for (const std::string& id : ids) {
    append_bulk(bytes, id);
  }
  return bytes;
}

}  // namespace

GroupConsumer::GroupConsumer(ClientConnection connection, std::string name, std::string channel, std::size_t count,
                             Block block)
    : connection_(std::move(connection)),
      name_(std::move(name)),
      channel_(std::move(channel)),
      request_(read_request(name_, channel_, count, block)) {}

void GroupConsumer::ask() {
  if (unacked_.empty()) {
    connection_.send_all(request_);
    return;
  }
  connection_.send_all(acknowledgement(channel_, unacked_) + request_);
  unacked_.clear();
  acking_ = std::exchange(unacked_stamps_, {});
}

GroupConsumer::Reply GroupConsumer::take() {
  const std::string reply = connection_.read_reply();
  if (acking_.empty()) {
    return delivered(reply);
  }
  if (reply != fmt::format(":{}\r\n", acking_.size())) {
    throw BenchError(
        fmt::format("{}: XACK of {} entries is answered with {}", name_, acking_.size(), printable(reply)));
  }
  return {Reply::Kind::acknowledged, std::exchange(acking_, {})};
}

GroupConsumer::Reply GroupConsumer::delivered(const std::string& reply) {
  const auto entries = entries_of(reply, channel_);
  if (!entries) {
    throw BenchError(fmt::format("{}: {}", name_, entries.error().message));
  }
  for (const StreamEntry& entry : entries.value()) {
    unacked_stamps_.push_back(stamp_of(entry));
    unacked_.emplace_back(entry.id);
  }
  return {Reply::Kind::delivered, unacked_stamps_};
}

}  // namespace respublica::bench
