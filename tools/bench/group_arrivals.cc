#include "tools/bench/group_arrivals.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "tools/bench/bench_error.h"
#include "tools/bench/interruption.h"
#include "tools/bench/message_shape.h"
#include "tools/bench/process_usage.h"

namespace respublica::bench {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kEntriesPerLine = 1000;
/// After the last entry was sent, all must be acknowledged within this time.
constexpr std::int64_t kPatienceNs = 60 * kSecondNs;

}  // namespace

GroupArrivals::GroupArrivals(const LoadShape& shape, ClientConnection publisher, std::vector<GroupConsumer> consumers)
    : shape_(shape), publisher_(std::move(publisher)), consumers_(std::move(consumers)), replies_(0, 1) {
  for (GroupConsumer& consumer : consumers_) {
    consumer.ask();
  }
}

std::uint64_t GroupArrivals::run(double seconds, ProgressLine& progress_line) {
  const std::uint64_t before = sent_;
  const std::uint64_t end = before + static_cast<std::uint64_t>(seconds * shape_.rate);
  const std::int64_t begin = monotonic_ns();
  const auto due = [&](std::uint64_t entry) {
    return begin + static_cast<std::int64_t>(static_cast<double>(entry - before) / shape_.rate * kSecondNs);
  };
  while (sent_ < end || answered_ < sent_ || acknowledged_ < sent_) {
    throw_if_interrupted();
    const std::int64_t next = sent_ < end ? due(sent_) : due(end) + kPatienceNs;
    const std::int64_t now = monotonic_ns();
    if (now < next) {
      wait(next - now);
    } else if (sent_ < end) {
      send(next);
    } else {
      throw BenchError(fmt::format("of {} entries {} were acknowledged", sent_, acknowledged_));
    }
    if (sent_ % kEntriesPerLine == 0) {
      progress_line.show(fmt::format("{} entries acknowledged", acknowledged_));
    }
  }
  return end - before;
}

void GroupArrivals::send(std::int64_t due_ns) {
  std::string command(MessageShape::xadd(channel_name(0), shape_.payload).header());
  std::string payload(shape_.payload, kPadding);
  PayloadStamp stamp;
  stamp.sequence = sent_++;
  stamp.sent_ns = due_ns;
  write_stamp(stamp, payload.data());
  publisher_.send_all(command + payload + "\r\n");
}

void GroupArrivals::wait(std::int64_t timeout_ns) {
  std::vector<pollfd> sockets = {{publisher_.fd(), POLLIN, 0}};
  for (const GroupConsumer& consumer : consumers_) {
    sockets.push_back({consumer.fd(), POLLIN, 0});
  }
  const timespec timeout{timeout_ns / kSecondNs, timeout_ns % kSecondNs};
  if (ppoll(sockets.data(), sockets.size(), &timeout, nullptr) <= 0) {
    return;
  }
  for (std::size_t i = 0; i < consumers_.size(); ++i) {
    if (sockets[i + 1].revents != 0) {
      take_all(consumers_[i]);
    }
  }
  if (sockets.front().revents != 0) {
    do {
      const auto answered = replies_.feed(publisher_.read_reply());
      if (!answered) {
        throw BenchError(answered.error().message);
      }
      answered_ += answered.value();
    } while (publisher_.has_unread());
  }
}

void GroupArrivals::take_all(GroupConsumer& consumer) {
  do {
    const GroupConsumer::Reply reply = consumer.take();
    if (reply.kind == GroupConsumer::Reply::Kind::delivered) {
      for (const PayloadStamp& stamp : reply.stamps) {
        if (!seen_.add(stamp)) {
          throw BenchError(fmt::format("message {} was delivered twice", stamp.sequence));
        }
      }
      consumer.ask();
      continue;
    }
    const std::int64_t now = monotonic_ns();
    for (const PayloadStamp& stamp : reply.stamps) {
      latencies_.record(now - stamp.sent_ns);
    }
    acknowledged_ += reply.stamps.size();
  } while (consumer.has_unread());
}

}  // namespace respublica::bench
