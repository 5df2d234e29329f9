#include "tools/bench/load_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <semaphore>
#include <thread>

#include "tools/bench/bench_error.h"
#include "tools/bench/interruption.h"

namespace respublica::bench {

namespace {

constexpr auto kWatchInterval = std::chrono::milliseconds(200);
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kStallNs = 30 * kNanosecondsPerSecond;
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kConnectionsPerLine = 500;

}  // namespace

LoadRun::LoadRun(const LoadShape& shape, Target& target, ProgressLine& progress_line)
    : shape_(shape), target_(target), progress_line_(progress_line) {
  for (std::size_t channel = 0; channel < shape_.channels; ++channel) {
    deliveries_.push_back(MessageShape::delivery(shape_.version, channel_name(channel), shape_.payload));
  }
  for (std::size_t thread = 0; thread < shape_.threads; ++thread) {
    loops_.emplace_back(shape_, progress_);
  }
  add_idle_connections();
  add_subscribers();
  add_publishers();
}

void LoadRun::add_idle_connections() {
  for (std::size_t i = 0; i < shape_.idle_connections; ++i) {
    idle_.push_back(ClientConnection::open(target_.endpoint(), shape_.version));
    idle_.back().command({"SUBSCRIBE", fmt::format("idle:{}", i)});
    if (i % kConnectionsPerLine == 0) {
      progress_line_.show(fmt::format("{} of {} idle connections", i, shape_.idle_connections));
    }
  }
}

void LoadRun::add_subscribers() {
  for (std::size_t i = 0; i < shape_.subscribers; ++i) {
    const std::size_t channel = i % shape_.channels;
    ClientConnection connection = ClientConnection::open(target_.endpoint(), shape_.version);
    connection.command({"SUBSCRIBE", channel_name(channel)});
    loops_[i % loops_.size()].add(Subscriber{i, channel, std::move(connection),
                                             FrameScanner(deliveries_[channel], shape_.padding),
                                             DeliveryOrder(channel, shape_.channels, shape_.publishers)});
    if (i % kConnectionsPerLine == 0) {
      progress_line_.show(fmt::format("{} of {} subscribers", i, shape_.subscribers));
    }
  }
}

void LoadRun::add_publishers() {
  std::vector<std::size_t> receivers;
  for (std::size_t channel = 0; channel < shape_.channels; ++channel) {
    receivers.push_back(shape_.receivers(channel));
  }
  for (std::size_t i = 0; i < shape_.publishers; ++i) {
    Publisher publisher{i, ClientConnection::open(target_.endpoint(), shape_.version),
                        PublishBatch(shape_.write, shape_.channels, shape_.payload, shape_.pipeline),
                        PublishReplies(i, receivers)};
    if (shape_.write == WriteCommand::xadd) {
      publisher.replies = XaddReplies(i, shape_.channels);
    }
    loops_[i % loops_.size()].add(std::move(publisher));
  }
}

PhaseResult LoadRun::run_phase(double seconds) {
  return run(static_cast<std::int64_t>(seconds * static_cast<double>(kNanosecondsPerSecond)), 0);
}

PhaseResult LoadRun::run_messages(std::uint64_t messages) { return run(0, messages); }

PhaseResult LoadRun::run_measured() {
  return shape_.messages > 0 ? run_messages(shape_.messages) : run_phase(shape_.seconds);
}

PhaseResult LoadRun::run(std::int64_t duration_ns, std::uint64_t messages) {
  const std::uint64_t answered = progress_.answered;
  const std::uint64_t delivered = progress_.delivered;
  const CpuTime bench = cpu_time_of(getpid());
  const CpuTime server = target_.pid() ? cpu_time_of(*target_.pid()) : CpuTime{};
  const std::int64_t start = monotonic_ns();
  progress_.begin_phase(loops_.size(), start, messages > 0 ? kNoLimit : start + duration_ns,
                        messages > 0 ? static_cast<std::int64_t>(messages) : kNoLimit);
  run_loops();
  PhaseResult result;
  result.seconds = static_cast<double>(monotonic_ns() - start) / static_cast<double>(kNanosecondsPerSecond);
  if (target_.pid()) {
    result.server = cpu_time_of(*target_.pid()) - server;
  }
  result.bench = cpu_time_of(getpid()) - bench;
  result.published = progress_.answered - answered;
  result.delivered = progress_.delivered - delivered;
  return result;
}

void LoadRun::run_loops() {
  std::counting_semaphore<> ended(0);
  std::vector<std::jthread> threads;
  for (LoadLoop& loop : loops_) {
    threads.emplace_back([&loop, &ended] {
      loop.run_phase();
      ended.release();
    });
  }
  std::uint64_t last_seen = 0;
  std::int64_t last_change_ns = monotonic_ns();
  for (std::size_t running = loops_.size(); running > 0;) {
    if (ended.try_acquire_for(kWatchInterval)) {
      --running;
    } else {
      watch_progress(last_seen, last_change_ns);
    }
  }
  threads.clear();
  if (progress_.failed()) {
    throw_if_interrupted();
    ServerProcess* process = target_.process();
    const auto obituary = process == nullptr ? std::nullopt : process->obituary();
    throw BenchError(obituary ? *obituary : progress_.failure());
  }
}

void LoadRun::watch_progress(std::uint64_t& last_seen, std::int64_t& last_change_ns) {
  const std::uint64_t seen = progress_.answered + progress_.delivered;
  const std::int64_t now = monotonic_ns();
  if (seen != last_seen) {
    last_seen = seen;
    last_change_ns = now;
  } else if (now - last_change_ns > kStallNs) {
    progress_.fail(fmt::format("nothing has moved for {} s: {} commands answered, {} of {} deliveries arrived",
                               kStallNs / kNanosecondsPerSecond, progress_.answered.load(), progress_.delivered.load(),
                               progress_.expected.load()));
  }
  progress_line_.show(fmt::format("{:.1f} s, {} published, {} delivered",
                                  static_cast<double>(now - progress_.start_ns()) / 1e9, progress_.answered.load(),
                                  progress_.delivered.load()));
}

LatencyHistogram LoadRun::latencies() const {
  LatencyHistogram all;
  for (const LoadLoop& loop : loops_) {
    all.merge(loop.latencies());
  }
  return all;
}

void LoadRun::reset_latencies() {
  for (LoadLoop& loop : loops_) {
    loop.reset_latencies();
  }
}

void LoadRun::check_one_order() const {
  std::vector<std::optional<std::uint64_t>> digests(shape_.channels);
  for (const LoadLoop& loop : loops_) {
    for (const Subscriber& subscriber : loop.subscribers()) {
      auto& digest = digests[subscriber.channel];
      if (digest && *digest != subscriber.order.digest()) {
        throw BenchError(fmt::format("subscriber {} heard {} in another order than the subscribers before it",
                                     subscriber.number, channel_name(subscriber.channel)));
      }
      digest = subscriber.order.digest();
    }
  }
}

}  // namespace respublica::bench
