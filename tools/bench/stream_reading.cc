#include "tools/bench/stream_reading.h"

#include <fmt/format.h>

#include <string>

#include "tools/bench/bench_error.h"
#include "tools/bench/delivery_order.h"
#include "tools/bench/message_shape.h"
#include "tools/bench/stream_page.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kPage = 1000;
constexpr std::uint64_t kEntriesPerLine = 100'000;

/// The number in `:<number>\r\n`.
std::uint64_t integer_of(const std::string& reply) { return std::stoull(reply.substr(1)); }

void check_entry(const StreamEntry& entry, const LoadShape& shape, DeliveryOrder& order) {
  if (entry.payload.size() != shape.payload) {
    throw BenchError(fmt::format("entry {} has {} bytes instead of {}", entry.id, entry.payload.size(), shape.payload));
  }
  const PayloadStamp stamp = stamp_of(entry);
  if (!order.accept(stamp)) {
    throw BenchError(fmt::format("entry {}: {}", entry.id, order.describe(stamp).message));
  }
}

}  // namespace

std::uint64_t read_channel(ClientConnection& connection, const LoadShape& shape, std::size_t channel, std::size_t page,
                           ProgressLine& progress_line) {
  const std::string name = channel_name(channel);
  const std::string count = std::to_string(page);
  DeliveryOrder order(channel, shape.channels, shape.publishers);
  std::uint64_t read = 0;
  for (std::string last = "0";;) {
    const std::string reply = connection.command({"XREAD", "COUNT", count, "STREAMS", name, last});
    const auto entries = entries_of(reply, name);
    if (!entries) {
      throw BenchError(entries.error().message);
    }
    if (entries.value().empty()) {
      return read;
    }
    for (const StreamEntry& entry : entries.value()) {
      check_entry(entry, shape, order);
      if (++read % kEntriesPerLine == 0) {
        progress_line.show(fmt::format("{} entries of {} read", read, name));
      }
    }
    last = entries.value().back().id;
  }
}

void check_kept(const Endpoint& endpoint, const LoadShape& shape, std::uint64_t written, ProgressLine& progress_line) {
  ClientConnection connection = ClientConnection::open(endpoint, shape.version);
  std::uint64_t counted = 0;
  std::uint64_t read = 0;
  for (std::size_t channel = 0; channel < shape.channels; ++channel) {
    counted += integer_of(connection.command({"XLEN", channel_name(channel)}));
    read += read_channel(connection, shape, channel, kPage, progress_line);
  }
  if (counted != written || read != written) {
    throw BenchError(
        fmt::format("{} entries were written, XLEN counts {}, and XREAD reads {}", written, counted, read));
  }
}

}  // namespace respublica::bench
