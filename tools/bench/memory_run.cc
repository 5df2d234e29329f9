#include "tools/bench/memory_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tools/bench/bench_error.h"
#include "tools/bench/process_usage.h"
#include "tools/bench/settled_memory.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kPerLine = 500;
constexpr std::size_t kChannelsPerCommand = 1000;
constexpr std::size_t kMessagesPerLine = 1024;
constexpr std::size_t kWarmUpConnections = 100;
constexpr int kSmallReceiveBuffer = 4096;
constexpr std::size_t kSocketBufferBytes = 16U << 20U;  ///< more than tcp_wmem lets a socket hold

double each(std::int64_t bytes, std::size_t count) { return static_cast<double>(bytes) / static_cast<double>(count); }

ClientConnection idle_subscriber(const Scenario& scenario, const Target& target, const std::string& channel) {
  ClientConnection connection = ClientConnection::open(target.endpoint(), scenario.shape.version);
  connection.command({"SUBSCRIBE", channel});
  return connection;
}

/// A subscriber that will never read, with a small receive buffer: its messages wait in the server, not in the kernel.
ClientConnection slow_subscriber(const Scenario& scenario, const Target& target, std::string_view channel) {
  ClientConnection connection =
      ClientConnection::open(target.endpoint(), scenario.shape.version, {.receive_buffer = kSmallReceiveBuffer});
  connection.command({"SUBSCRIBE", channel});
  return connection;
}

void publish_many(const Scenario& scenario, std::size_t messages, ClientConnection& publisher, std::string_view channel,
                  ProgressLine& progress_line) {
  const std::string payload(scenario.shape.payload, 'x');
  const std::string command = encode_command({"PUBLISH", channel, payload});
  for (std::size_t done = 0; done < messages;) {
    const std::size_t count = std::min(scenario.shape.pipeline, messages - done);
    std::string batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch += command;
    }
    publisher.send_all(batch);
    publisher.skip_replies(count);
    done += count;
    if (done % kMessagesPerLine == 0) {
      progress_line.show(fmt::format("{} of {} messages queued on {}", done, messages, channel));
    }
  }
}

}  // namespace

Metrics measure_idle_subscribers(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const pid_t pid = target.need_pid(scenario.name);
  std::vector<ClientConnection> connections;
  // What the first connections make the server allocate once is not the price of one more.
  for (std::size_t i = 0; i < kWarmUpConnections; ++i) {
    connections.push_back(idle_subscriber(scenario, target, fmt::format("warm-up:{}", i)));
  }
  const std::int64_t before = settled_memory_of(pid, progress_line);
  for (std::size_t i = 0; i < scenario.count; ++i) {
    connections.push_back(idle_subscriber(scenario, target, fmt::format("idle:{}", i)));
    if (i % kPerLine == 0) {
      progress_line.show(fmt::format("{} of {} connections", i, scenario.count));
    }
  }
  const std::int64_t at_once = anonymous_memory_of(pid);
  const std::int64_t settled = settled_memory_of(pid, progress_line);
  return {{"user memory/connection, settled", "B", each(settled - before, scenario.count)},
          {"user memory/connection, just connected", "B", each(at_once - before, scenario.count)}};
}

Metrics measure_subscriptions(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const pid_t pid = target.need_pid(scenario.name);
  ClientConnection connection = idle_subscriber(scenario, target, "warm-up");
  const std::int64_t before = anonymous_memory_of(pid);
  for (std::size_t first = 0; first < scenario.count; first += kChannelsPerCommand) {
    const std::size_t count = std::min(kChannelsPerCommand, scenario.count - first);
    std::string command = fmt::format("*{}\r\n$9\r\nSUBSCRIBE\r\n", count + 1);
    for (std::size_t i = first; i < first + count; ++i) {
      command += fmt::format("$20\r\nchannel-{:012}\r\n", i);
    }
    connection.send_all(command);
    connection.skip_replies(count);
    progress_line.show(fmt::format("{} of {} subscriptions", first, scenario.count));
  }
  const std::int64_t at_once = anonymous_memory_of(pid);
  const std::int64_t settled = settled_memory_of(pid, progress_line);
  return {{"user memory/subscription, settled", "B", each(settled - before, scenario.count)},
          {"user memory/subscription, at once", "B", each(at_once - before, scenario.count)}};
}

Metrics measure_queued_messages(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const pid_t pid = target.need_pid(scenario.name);
  ClientConnection publisher = ClientConnection::open(target.endpoint(), scenario.shape.version);
  publisher.command({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0"});
  const auto growth = [&](std::string_view channel) {
    // First the kernel's socket buffers are filled: what comes after that waits in the server.
    publish_many(scenario, kSocketBufferBytes / scenario.shape.payload, publisher, channel, progress_line);
    const std::int64_t before = anonymous_memory_of(pid);
    publish_many(scenario, scenario.count, publisher, channel, progress_line);
    return anonymous_memory_of(pid) - before;
  };
  const ClientConnection alone = slow_subscriber(scenario, target, "queued:one");
  const std::int64_t one = growth("queued:one");
  const ClientConnection first = slow_subscriber(scenario, target, "queued:two");
  const ClientConnection second = slow_subscriber(scenario, target, "queued:two");
  const std::int64_t two = growth("queued:two");
  return {{"user memory/message, second subscriber", "B", each(two - one, scenario.count)},
          {"user memory/message, one subscriber", "B", each(one, scenario.count)},
          {"user memory/message, two subscribers", "B", each(two, scenario.count)}};
}

}  // namespace respublica::bench
