#include "tools/bench/load_loop.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tools/bench/bench_error.h"
#include "tools/bench/interruption.h"
#include "tools/bench/process_usage.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kReadSize = 128 * 1024;
constexpr int kEventsPerTurn = 512;
constexpr std::uint64_t kPublisherTag = std::uint64_t{1} << 63U;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kIdleTurn = 100 * kMillisecond;
/// A subscriber may lag by so many bytes: below Redis's soft limit for pub/sub clients (8 MB).
constexpr std::size_t kLagBytes = 6U << 20U;
constexpr std::size_t kFrameOverhead = 64;

std::uint64_t window_of(const LoadShape& shape) {
  const std::size_t receivers = (shape.subscribers + shape.channels - 1) / shape.channels;
  const std::size_t batches = shape.pipeline * shape.publishers;
  const std::size_t lag_of_one = std::max<std::size_t>(1, batches / shape.channels) * (shape.payload + kFrameOverhead);
  const std::size_t window = std::clamp<std::size_t>(kLagBytes / lag_of_one, 1, shape.window);
  return window * batches * receivers;
}

std::int64_t step_of(const LoadShape& shape) {
  return shape.open_loop() ? static_cast<std::int64_t>(1e9 * static_cast<double>(shape.publishers) / shape.rate) : 0;
}

}  // namespace

LoadLoop::LoadLoop(const LoadShape& shape, LoadProgress& progress)
    : shape_(shape),
      progress_(progress),
      window_(window_of(shape)),
      step_ns_(step_of(shape)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kReadSize) {
  if (epoll_ < 0) {
    throw BenchError(fmt::format("cannot make an epoll descriptor: {}", std::strerror(errno)));
  }
}

LoadLoop::~LoadLoop() { close(epoll_); }

void LoadLoop::watch(int fd, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    throw BenchError(fmt::format("cannot watch a socket: {}", std::strerror(errno)));
  }
}

void LoadLoop::add(Subscriber subscriber) {
  subscriber.connection.make_non_blocking();
  watch(subscriber.connection.fd(), subscribers_.size());
  subscribers_.push_back(std::move(subscriber));
}

void LoadLoop::add(Publisher publisher) {
  publisher.connection.make_non_blocking();
  publisher.epoll_tag = publishers_.size() | kPublisherTag;
  watch(publisher.connection.fd(), publisher.epoll_tag);
  publishers_.push_back(std::move(publisher));
}

void LoadLoop::fail(const std::string& who, const std::string& what) { progress_.fail(who + ": " + what); }

void LoadLoop::run_phase() {
  prctl(PR_SET_TIMERSLACK, 1UL);  // open loop: wake up when a message is due, not 50 us later
  waiting_.clear();
  unfinished_ = publishers_.size();
  if (unfinished_ == 0) {
    --progress_.publishing;
  }
  for (Publisher& publisher : publishers_) {
    publisher.finished = false;
    publisher.scheduled = 0;
    publish(publisher);
  }
  while (!progress_.failed() && !phase_is_over()) {
    serve_events();
    if (shape_.open_loop()) {
      for (Publisher& publisher : publishers_) {
        publish(publisher);
      }
    } else {
      resume_waiting();
    }
  }
}

bool LoadLoop::phase_is_over() { return progress_.publishing == 0 && progress_.delivered == progress_.expected; }

void LoadLoop::serve_events() {
  std::int64_t timeout = kIdleTurn;
  if (shape_.threads > 1) {
    timeout = kMillisecond;  // the other loops' deliveries open the window and end the phase
  }
  if (shape_.open_loop()) {
    const std::int64_t now = monotonic_ns();
    for (const Publisher& publisher : publishers_) {
      if (!publisher.finished && publisher.unsent.empty()) {
        timeout = std::clamp<std::int64_t>(due_ns(publisher) - now, 0, timeout);
      }
    }
  }
  std::array<epoll_event, kEventsPerTurn> events;
  const timespec wait{.tv_sec = 0, .tv_nsec = timeout};
  const int ready = epoll_pwait2(epoll_, events.data(), kEventsPerTurn, &wait, nullptr);
  for (int i = 0; i < ready && !progress_.failed(); ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if ((event.data.u64 & kPublisherTag) == 0) {
      read_deliveries(subscribers_[event.data.u64]);
      continue;
    }
    Publisher& publisher = publishers_[event.data.u64 & ~kPublisherTag];
    if ((event.events & EPOLLOUT) != 0) {
      continue_sending(publisher);
    }
    if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
      read_replies(publisher);
    }
  }
  if (interrupted()) {
    progress_.fail("interrupted");
  }
}

void LoadLoop::read_deliveries(Subscriber& subscriber) {
  const ssize_t received = recv(subscriber.connection.fd(), buffer_.data(), buffer_.size(), 0);
  if (received <= 0) {
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    const std::string reason = received == 0 ? "the server closed the connection" : std::strerror(errno);
    return fail(fmt::format("subscriber {}", subscriber.number), reason + " (is it over an output limit?)");
  }
  std::uint64_t deliveries = 0;
  const std::int64_t now = shape_.open_loop() ? monotonic_ns() : 0;
  const auto read =
      subscriber.scanner.feed({buffer_.data(), static_cast<std::size_t>(received)}, [&](const PayloadStamp& stamp) {
        ++deliveries;
        if (!subscriber.order.accept(stamp)) {
          fail(fmt::format("subscriber {}", subscriber.number), subscriber.order.describe(stamp).message);
        }
        if (now != 0) {
          latencies_.record(now - stamp.sent_ns);
        }
      });
  if (!read) {
    return fail(fmt::format("subscriber {}", subscriber.number), read.error().message);
  }
  progress_.delivered += deliveries;
}

void LoadLoop::read_replies(Publisher& publisher) {
  const ssize_t received = recv(publisher.connection.fd(), buffer_.data(), buffer_.size(), 0);
  if (received <= 0) {
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    return fail(fmt::format("publisher {}", publisher.number),
                received == 0 ? "the server closed the connection" : std::strerror(errno));
  }
  const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(received));
  const auto replies = std::visit([bytes](auto& checker) { return checker.feed(bytes); }, publisher.replies);
  if (!replies) {
    return fail(fmt::format("publisher {}", publisher.number), replies.error().message);
  }
  if (replies.value() > publisher.unanswered) {
    return fail(fmt::format("publisher {}", publisher.number), "more replies than commands");
  }
  publisher.unanswered -= replies.value();
  progress_.answered += replies.value();
  publish(publisher);
}

void LoadLoop::publish(Publisher& publisher) {
  if (publisher.finished || !publisher.unsent.empty()) {
    return;
  }
  if (shape_.open_loop()) {
    publish_what_is_due(publisher);
  } else if (publisher.unanswered == 0) {
    publish_next_batch(publisher);
  }
}

void LoadLoop::publish_next_batch(Publisher& publisher) {
  const std::uint64_t delivered = progress_.delivered;  // read first: it must not overtake what is expected
  const std::uint64_t under_way = progress_.expected - delivered;
  if (under_way > 0 && under_way + deliveries_of(publisher, shape_.pipeline) > window_) {
    waiting_.push_back(&publisher);
    return;
  }
  const std::int64_t now = monotonic_ns();
  const std::size_t count = now < progress_.deadline_ns() ? progress_.take(shape_.pipeline) : 0;
  if (count == 0) {
    return finish(publisher);
  }
  start_batch(publisher, count, now, 0);
}

void LoadLoop::resume_waiting() {
  for (std::size_t tries = waiting_.size(); tries > 0; --tries) {
    Publisher* publisher = waiting_.front();
    waiting_.pop_front();
    publish_next_batch(*publisher);  // queues it again if there is still no room
  }
}

std::int64_t LoadLoop::due_ns(const Publisher& publisher) const {
  const std::int64_t offset =
      step_ns_ * static_cast<std::int64_t>(publisher.number) / static_cast<std::int64_t>(shape_.publishers);
  return progress_.start_ns() + offset + step_ns_ * static_cast<std::int64_t>(publisher.scheduled);
}

void LoadLoop::publish_what_is_due(Publisher& publisher) {
  const std::int64_t due = due_ns(publisher);
  if (due >= progress_.deadline_ns()) {
    if (publisher.unanswered == 0) {
      finish(publisher);
    }
    return;
  }
  const std::int64_t until = std::min(monotonic_ns(), progress_.deadline_ns() - 1);
  if (due > until) {
    return;
  }
  const auto late = static_cast<std::size_t>((until - due) / step_ns_) + 1;
  const std::size_t count = progress_.take(std::min(late, shape_.pipeline));
  if (count == 0) {
    if (publisher.unanswered == 0) {
      finish(publisher);
    }
    return;
  }
  publisher.scheduled += count;
  start_batch(publisher, count, due, step_ns_);
}

std::size_t LoadLoop::deliveries_of(const Publisher& publisher, std::size_t count) const {
  if (shape_.subscribers % shape_.channels == 0) {
    return count * (shape_.subscribers / shape_.channels);
  }
  std::size_t deliveries = 0;
  for (std::size_t i = 0; i < count; ++i) {
    deliveries += shape_.receivers((publisher.number + publisher.next_sequence + i) % shape_.channels);
  }
  return deliveries;
}

void LoadLoop::start_batch(Publisher& publisher, std::size_t count, std::int64_t sent_ns, std::int64_t step_ns) {
  progress_.expected += deliveries_of(publisher, count);
  PayloadStamp first;
  first.publisher = static_cast<std::uint32_t>(publisher.number);
  first.sequence = publisher.next_sequence;
  first.sent_ns = sent_ns;
  publisher.unsent = publisher.batch.prepare(count, first, step_ns);
  publisher.next_sequence += count;
  publisher.unanswered += count;
  continue_sending(publisher);
}

void LoadLoop::continue_sending(Publisher& publisher) {
  while (!publisher.unsent.empty()) {
    const ssize_t sent =
        send(publisher.connection.fd(), publisher.unsent.data(), publisher.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno != EAGAIN) {
        fail(fmt::format("publisher {}", publisher.number), std::strerror(errno));
      }
      break;
    }
    publisher.unsent.remove_prefix(static_cast<std::size_t>(sent));
  }
  watch_writability(publisher, !publisher.unsent.empty());
}

void LoadLoop::watch_writability(Publisher& publisher, bool watch) {
  if (publisher.watches_writability == watch) {
    return;
  }
  publisher.watches_writability = watch;
  epoll_event event{};
  event.events = EPOLLIN | (watch ? EPOLLOUT : 0U);
  event.data.u64 = publisher.epoll_tag;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, publisher.connection.fd(), &event);
}

void LoadLoop::finish(Publisher& publisher) {
  publisher.finished = true;
  if (--unfinished_ == 0) {
    --progress_.publishing;
  }
}

}  // namespace respublica::bench
