#include "tests/bench/faulty_server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "tools/bench/message_shape.h"
#include "tools/bench/payload_stamp.h"
#include "tools/bench/reply_length.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kFaultyMessage = 98;  // in the middle of a batch of 4
constexpr int kPollMs = 10;

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// The arguments of a command that is complete.
std::vector<std::string> arguments_of(std::string_view command) {
  std::vector<std::string> arguments;
  for (std::size_t at = command.find('$'); at < command.size();) {
    const std::size_t end = command.find("\r\n", at);
    const std::size_t size = std::stoul(std::string(command.substr(at + 1, end - at - 1)));
    arguments.emplace_back(command.substr(end + 2, size));
    at = end + 2 + size + 2;
  }
  return arguments;
}

}  // namespace

FaultyServer::FaultyServer(Fault fault) : fault_(fault), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, SOMAXCONN) != 0) {
    throw std::runtime_error("cannot listen");
  }
  thread_ = std::jthread([this] { serve(); });
}

FaultyServer::~FaultyServer() {
  stop_ = true;
  thread_.join();
  for (const Client& client : clients_) {
    close(client.fd);
  }
  close(listener_);
}

Endpoint FaultyServer::endpoint() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  Endpoint endpoint;
  endpoint.port = ntohs(address.sin_port);
  return endpoint;
}

void FaultyServer::serve() {
  while (!stop_) {
    std::vector<pollfd> sockets = {{listener_, POLLIN, 0}};
    for (const Client& client : clients_) {
      sockets.push_back({client.fd, POLLIN, 0});
    }
    poll(sockets.data(), sockets.size(), kPollMs);
    for (std::size_t i = 1; i < sockets.size(); ++i) {
      if (sockets[i].revents != 0 && !read_from(clients_[i - 1])) {
        close(clients_[i - 1].fd);
        clients_[i - 1].fd = -1;  // poll ignores it from now on
      }
    }
    if (sockets[0].revents != 0) {
      clients_.push_back({accept(listener_, nullptr, nullptr), "", ""});
    }
  }
}

bool FaultyServer::read_from(Client& client) {
  std::array<char, 16384> buffer{};
  const ssize_t received = recv(client.fd, buffer.data(), buffer.size(), 0);
  if (received <= 0) {
    return false;
  }
  client.unread.append(buffer.data(), static_cast<std::size_t>(received));
  std::string replies;
  while (true) {
    const auto length = reply_length(client.unread);  // a command is an array of bulk strings, as replies can be
    if (!length.ok() || !length.value()) {
      break;
    }
    const std::string command = client.unread.substr(0, *length.value());
    client.unread.erase(0, command.size());
    replies += answer(client, arguments_of(command));
  }
  send_all(client.fd, replies);
  return true;
}

std::string FaultyServer::answer(Client& client, const std::vector<std::string>& command) {
  if (command[0] == "SUBSCRIBE") {
    client.channel = command[1];
    return fmt::format("*3\r\n$9\r\nsubscribe\r\n${}\r\n{}\r\n:1\r\n", command[1].size(), command[1]);
  }
  if (command[0] == "PUBLISH") {
    ++published_;
    std::size_t receivers = deliver(command[1], command[2]);
    if (fault_ == Fault::wrong_count && published_ == kFaultyMessage) {
      ++receivers;
    }
    return fmt::format(":{}\r\n", receivers);
  }
  if (command[0] == "XADD") {
    return append(command.back());
  }
  if (command[0] == "XLEN") {
    return fmt::format(":{}\r\n", entries_.size());
  }
  if (command[0] == "XREAD") {
    return page(std::stoul(command[2]), command[4], std::stoul(command[5]));
  }
  if (command[0] == "XREADGROUP") {
    return hand_out(std::stoul(command[5]), command[7]);
  }
  if (command[0] == "XACK") {
    return acknowledge(command.size() - 3);
  }
  if (command[0] == "XPENDING") {
    return fmt::format("*4\r\n:{}\r\n$-1\r\n$-1\r\n*-1\r\n", pending_);
  }
  return "+OK\r\n";
}

std::string FaultyServer::append(const std::string& payload) {
  const bool faulty = ++appended_ == kFaultyMessage;
  if (!faulty || fault_ != Fault::forgotten) {
    entries_.push_back(payload);
  }
  if (faulty && fault_ == Fault::swapped_entries) {
    std::swap(entries_.back(), entries_[entries_.size() - 2]);
  }
  const std::string id = fmt::format("{}-0", appended_);
  return fmt::format("${}\r\n{}\r\n", id.size(), id);
}

std::string FaultyServer::page(std::size_t count, const std::string& channel, std::size_t after) const {
  const std::size_t end = std::min(entries_.size(), after + count);
  if (after >= end) {
    return "*-1\r\n";
  }
  std::string reply = fmt::format("*1\r\n*2\r\n${}\r\n{}\r\n*{}\r\n", channel.size(), channel, end - after);
  for (std::size_t i = after; i < end; ++i) {
    const std::string id = fmt::format("{}-0", i + 1);
    reply += fmt::format("*2\r\n${}\r\n{}\r\n*2\r\n$7\r\npayload\r\n${}\r\n", id.size(), id, entries_[i].size());
    reply += entries_[i] + "\r\n";
  }
  return reply;
}

std::string FaultyServer::hand_out(std::size_t count, const std::string& channel) {
  const std::string reply = page(count, channel, handed_out_);
  const std::size_t given = std::min(count, entries_.size() - handed_out_);
  const bool is_faulty = handed_out_ < kFaultyMessage && handed_out_ + given >= kFaultyMessage;
  handed_out_ += given;
  pending_ += given;
  if (is_faulty && fault_ == Fault::delivered_twice) {
    handed_out_ = kFaultyMessage - 1;
    fault_ = Fault::none;
  }
  return reply;
}

std::string FaultyServer::acknowledge(std::size_t count) {
  pending_ -= count;
  const bool is_faulty = fault_ == Fault::acknowledged_less && handed_out_ >= kFaultyMessage;
  return fmt::format(":{}\r\n", count - (is_faulty ? 1 : 0));
}

std::size_t FaultyServer::deliver(const std::string& channel, const std::string& payload) {
  std::string frame(MessageShape::delivery(ProtocolVersion::resp2, channel, payload.size()).header());
  frame += payload + "\r\n";
  std::size_t receivers = 0;
  for (Client& client : clients_) {
    if (client.channel != channel) {
      continue;
    }
    ++receivers;
    send_all(client.fd, receivers == 1 ? spoiled(frame, payload) : frame);
    if (receivers == 1 && fault_ == Fault::closed && published_ == kFaultyMessage) {
      shutdown(client.fd, SHUT_RDWR);
    }
  }
  return receivers;
}

std::string FaultyServer::spoiled(std::string frame, const std::string& payload) {
  if (fault_ == Fault::other_order) {
    return reordered(std::move(frame), read_stamp(payload.data()).publisher);
  }
  if (!held_back_.empty()) {
    return frame + std::exchange(held_back_, "");
  }
  if (published_ != kFaultyMessage) {
    return frame;
  }
  switch (fault_) {
    case Fault::lost:
      return "";
    case Fault::repeated:
      return frame + frame;
    case Fault::swapped:
      held_back_ = frame;
      return "";
    case Fault::changed:
      frame[frame.size() - 3] = 'y';
      return frame;
    default:
      return frame;
  }
}

std::string FaultyServer::reordered(std::string frame, std::size_t publisher) {
  if (published_ < kFaultyMessage || reordered_) {
    return frame;
  }
  if (publisher == 0) {
    held_back_ += frame;  // until the other publisher's next message: each publisher's own order stays right
    return "";
  }
  reordered_ = !held_back_.empty();
  return frame + std::exchange(held_back_, "");
}

}  // namespace respublica::bench
