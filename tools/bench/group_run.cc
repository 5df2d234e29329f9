#include "tools/bench/group_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tools/bench/bench_error.h"
#include "tools/bench/durable_rule.h"
#include "tools/bench/group_arrivals.h"
#include "tools/bench/group_consumer.h"
#include "tools/bench/interruption.h"
#include "tools/bench/load_metrics.h"
#include "tools/bench/message_shape.h"
#include "tools/bench/process_usage.h"
#include "tools/bench/seen_messages.h"
#include "tools/bench/settled_memory.h"
#include "tools/bench/stream_filling.h"

namespace respublica::bench {

namespace {

constexpr std::uint64_t kEntriesPerLine = 100'000;
constexpr auto kIdlePoll = std::chrono::milliseconds(100);

double seconds_since(std::int64_t begin_ns) { return static_cast<double>(monotonic_ns() - begin_ns) / 1e9; }

std::vector<GroupConsumer> make_consumers(const Scenario& scenario, const Target& target, GroupConsumer::Block block) {
  std::vector<GroupConsumer> consumers;
  for (std::size_t i = 0; i < scenario.shape.subscribers; ++i) {
    consumers.emplace_back(ClientConnection::open(target.endpoint(), scenario.shape.version),
                           fmt::format("consumer-{}", i), channel_name(0), scenario.shape.pipeline, block);
  }
  return consumers;
}

/// Entries that the group has been given and that nobody has acknowledged.
std::uint64_t pending_entries(ClientConnection& connection) {
  const std::string reply = connection.command({"XPENDING", channel_name(0), kGroup});
  return std::stoull(reply.substr(reply.find(':') + 1));
}

void require_pending(ClientConnection& connection, std::uint64_t expected) {
  const std::uint64_t pending = pending_entries(connection);
  if (pending != expected) {
    throw BenchError(fmt::format("XPENDING counts {} entries instead of {}", pending, expected));
  }
}

void see_all(const std::vector<PayloadStamp>& stamps, SeenMessages& seen) {
  for (const PayloadStamp& stamp : stamps) {
    if (!seen.add(stamp)) {
      throw BenchError(fmt::format("message {} of publisher {} was delivered twice", stamp.sequence, stamp.publisher));
    }
  }
}

/// `work` returns the number of entries that it has had the server deal with.
template <typename Work>
PhaseResult measured(pid_t pid, Work work) {
  PhaseResult phase;
  const CpuTime server_before = cpu_time_of(pid);
  const CpuTime bench_before = cpu_time_of(getpid());
  const std::int64_t begin = monotonic_ns();
  phase.published = work();
  phase.seconds = seconds_since(begin);
  phase.server = cpu_time_of(pid) - server_before;
  phase.bench = cpu_time_of(getpid()) - bench_before;
  return phase;
}

void require_all(std::uint64_t seen, std::uint64_t written) {
  if (seen != written) {
    throw BenchError(fmt::format("{} entries were written, and {} were delivered", written, seen));
  }
}

/// The server's load while nobody asks it anything, in percent of a core.
double idle_load(pid_t pid, double seconds) {
  const CpuTime before = cpu_time_of(pid);
  const std::int64_t begin = monotonic_ns();
  while (seconds_since(begin) < seconds) {
    throw_if_interrupted();
    std::this_thread::sleep_for(kIdlePoll);
  }
  return static_cast<double>((cpu_time_of(pid) - before).total_ns) / 1e7 / seconds_since(begin);
}

}  // namespace

std::uint64_t consume_all(std::vector<GroupConsumer>& consumers, ProgressLine& progress_line) {
  using Kind = GroupConsumer::Reply::Kind;
  SeenMessages seen;
  for (GroupConsumer& consumer : consumers) {
    consumer.ask();
  }
  std::uint64_t next_line = kEntriesPerLine;
  for (std::size_t asking = consumers.size(); asking != 0;) {
    asking = 0;
    for (GroupConsumer& consumer : consumers) {
      GroupConsumer::Reply reply = consumer.take();
      if (reply.kind == Kind::acknowledged) {
        reply = consumer.take();
      }
      see_all(reply.stamps, seen);
      // Those that found the end stay in step: they ask until all have found it.
      asking += reply.stamps.empty() ? 0 : 1;
      consumer.ask();
    }
    throw_if_interrupted();
    if (seen.count() >= next_line) {
      progress_line.show(fmt::format("{} entries consumed", seen.count()));
      next_line += kEntriesPerLine;
    }
  }
  for (GroupConsumer& consumer : consumers) {
    consumer.take();
  }
  return seen.count();
}

Metrics run_group_consuming(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const pid_t pid = target.need_process(scenario.name).pid();
  fill_stream(scenario, target, progress_line);
  ClientConnection control = ClientConnection::open(target.endpoint(), scenario.shape.version);
  control.command({"XGROUP", "CREATE", channel_name(0), kGroup, "0"});
  std::vector<GroupConsumer> consumers = make_consumers(scenario, target, GroupConsumer::Block::no);
  const PhaseResult phase = measured(pid, [&] {
    std::uint64_t consumed = 0;
    for (const std::int64_t begin = monotonic_ns(); seconds_since(begin) < scenario.shape.seconds;) {
      control.command({"XGROUP", "SETID", channel_name(0), kGroup, "0"});
      const std::uint64_t seen = consume_all(consumers, progress_line);
      require_all(seen, scenario.count);
      require_pending(control, 0);
      consumed += seen;
    }
    return consumed;
  });
  Metrics metrics;
  add_cpu(metrics, phase, "entry");
  add_throughput(metrics, phase, "entry");
  return metrics;
}

Metrics run_group_latency(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const pid_t pid = target.need_process(scenario.name).pid();
  ClientConnection control = ClientConnection::open(target.endpoint(), scenario.shape.version);
  control.command({"XGROUP", "CREATE", channel_name(0), kGroup, "$", "MKSTREAM"});
  GroupArrivals arrivals(scenario.shape, ClientConnection::open(target.endpoint(), scenario.shape.version),
                         make_consumers(scenario, target, GroupConsumer::Block::yes));
  arrivals.run(scenario.shape.warmup_seconds, progress_line);
  arrivals.reset_latencies();
  const PhaseResult phase = measured(pid, [&] { return arrivals.run(scenario.shape.seconds, progress_line); });
  require_pending(control, 0);
  Metrics metrics;
  add_latencies(metrics, arrivals.latencies());
  std::swap(metrics.at(0), metrics.at(2));  // the 99th percentile is what the scenario is about
  add_cpu(metrics, phase, "entry");
  add_throughput(metrics, phase, "entry");
  return metrics;
}

Metrics run_pending_memory(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const pid_t pid = target.need_process(scenario.name).pid();
  make_durable(target, "ack-wait 1d");
  fill_stream(scenario, target, progress_line);
  ClientConnection connection = ClientConnection::open(target.endpoint(), scenario.shape.version);
  connection.command({"XGROUP", "CREATE", channel_name(0), kGroup, "0"});
  const double load_before = idle_load(pid, scenario.shape.seconds);
  const std::int64_t before = settled_memory_of(pid, progress_line);
  const std::string count = std::to_string(scenario.shape.pipeline);
  for (std::size_t asked = 0; asked < scenario.count; asked += scenario.shape.pipeline) {
    connection.command({"XREADGROUP", "GROUP", kGroup, "consumer-0", "COUNT", count, "STREAMS", channel_name(0), ">"});
    progress_line.show(fmt::format("{} of {} entries pending", asked, scenario.count));
  }
  require_pending(connection, scenario.count);
  const std::int64_t after = settled_memory_of(pid, progress_line);
  const double load = idle_load(pid, scenario.shape.seconds);
  return {{"user memory/pending entry", "B", static_cast<double>(after - before) / static_cast<double>(scenario.count)},
          {"server load, nobody asks", "%", load, Better::neither},
          {"server load before they were pending", "%", load_before, Better::neither}};
}

}  // namespace respublica::bench
