#include "server/durable_channels.h"

#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "broker/virtual_channel.h"
#include "server/io_thread.h"
#include "server/live_payload.h"
#include "server/log.h"
#include "server/process.h"
#include "server/server_state.h"
#include "storage/memory_file_system.h"
#include "storage/posix_file_system.h"

namespace respublica {
namespace {

/// A start reads the log from a checkpoint on; to write one costs little, but for its syncs.
constexpr std::uint64_t kCheckpointBytes = 16ULL << 20;
/// Where `appendonly no` keeps entries in memory and `maxmemory` sets no limit.
constexpr std::uint64_t kDefaultMemory = 1ULL << 30;

std::string log_directory(const Settings& settings) {
  return settings.dir.empty() ? settings.appenddirname : settings.dir + "/" + settings.appenddirname;
}

std::uint64_t memory_limit(const Settings& settings) {
  return settings.maxmemory != 0 ? settings.maxmemory : kDefaultMemory;
}

LogOptions log_options(const Settings& settings) {
  LogOptions options;
  options.segment_bytes = settings.auto_aof_rewrite_min_size;
  // What is dead goes by whole segments.
  const std::uint64_t in_memory = std::max(memory_limit(settings) / 32, LogOptions::kMinSegmentBytes);
  if (!settings.appendonly) options.segment_bytes = std::min(options.segment_bytes, in_memory);
  return options;
}

Sequencer::OpenFiles opener(const Settings& settings) {
  if (settings.appendonly) {
    return [directory = log_directory(settings)]() -> Result<std::unique_ptr<FileSystem>> {
      Result<std::unique_ptr<PosixFileSystem>> files = PosixFileSystem::at(directory);
      if (!files) return files.error();
      return std::unique_ptr<FileSystem>(std::move(files.value()));
    };
  }
  return [limit = memory_limit(settings)]() -> Result<std::unique_ptr<FileSystem>> {
    return std::unique_ptr<FileSystem>(std::make_unique<MemoryFileSystem>(limit));
  };
}

UpkeepLimits upkeep_limits(const Settings& settings) {
  UpkeepLimits limits;
  // What is in memory goes with the process.
  limits.is_read_again = settings.appendonly;
  limits.checkpoint_bytes = settings.appendonly ? std::min(settings.auto_aof_rewrite_min_size, kCheckpointBytes) : 0;
  return limits;
}

}  // namespace

DurableChannels::DurableChannels(ServerState& server, const Settings& settings)
    : server_(server),
      on_disk_(settings.appendonly),
      directory_(log_directory(settings)),
      fan_out_(server.registry(), *this),
      sequencer_(opener(settings), log_options(settings), server.clock(), *this, upkeep_limits(settings)) {
  set_append_sync(settings.appendfsync);
  set_key_events(settings.notify_keyspace_events);
}

DurableChannels::~DurableChannels() = default;

Result<void> DurableChannels::open() {
  to_wake_.resize(server_.io_threads().size());
  struct ::stat found {};
  if (on_disk_ && ::stat(directory_.c_str(), &found) == 0) {
    const Result<LogRecovery> recovered = sequencer_.open();
    if (!recovered) return recovered.error();
    log_bytes_at_start_ = log_bytes();
    const LogRecovery& recovery = recovered.value();
    // What reading took stands between the streams: the allocator does not give it back by itself.
    ::malloc_trim(0);
    log_event(LogLevel::notice, "log read",
              {{"directory", directory_},
               {"segments", recovery.segments},
               {"frames", recovery.frames},
               {"records", recovery.records},
               {"channels", sequencer_.streams().size()}});
    if (recovery.cut_bytes != 0) {
      log_event(LogLevel::warning, "the log ended in the middle of a commit that nobody had been told of: cut off",
                {{"bytes", recovery.cut_bytes}});
    }
  }
  return {};
}

std::uint64_t DurableChannels::log_bytes() const {
  const MessageLog* const log = this->log();
  if (log == nullptr) return 0;
  const LogPosition shown_end = this->shown_end().position;
  std::uint64_t bytes = 0;
  for (const std::shared_ptr<const Segment>& segment : *log->view()) {
    const LogPosition end = segment->end();
    bytes += segment->file_bytes(end == Segment::kOpenEnd ? std::max(shown_end, segment->header.base) : end);
  }
  return bytes;
}

void DurableChannels::stop() { sequencer_.stop(); }

std::uint64_t DurableChannels::deliver(std::span<const StreamBatch::LiveEntry> entries) {
  std::vector<std::string> texts(entries.size());
  std::vector<std::string_view> payloads;
  payloads.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) payloads.push_back(live_payload(entries[i].fields, texts[i]));
  const std::string_view channel = entries.front().channel;
  // Those who follow the channel are told of it in appended().
  return fan_out_.publish(ChannelKind::channel, channel, payloads, SharedBytes()) + followers_.count(channel);
}

void DurableChannels::take(std::size_t io_thread, Delivery delivery) {
  server_.io_threads()[io_thread]->mailbox().push(std::move(delivery));
  to_wake_[io_thread] = true;
}

void DurableChannels::set_key_events(std::string_view flags) {
  constexpr std::array<std::pair<char, KeyEventClass>, 4> kClasses{{{'g', KeyEventClass::generic},
                                                                    {'t', KeyEventClass::stream},
                                                                    {'x', KeyEventClass::expired},
                                                                    {'n', KeyEventClass::made}}};
  const auto has = [flags](char flag) { return flags.find(flag) != std::string_view::npos; };
  tell_by_stream_.store(has('K'), std::memory_order_relaxed);
  tell_by_event_.store(has('E'), std::memory_order_relaxed);
  KeyEventClasses told;
  for (const auto& [flag, one] : kClasses) {
    if ((has(flag) || (has('A') && flag != 'n')) && (has('K') || has('E'))) told.add(one);
  }
  sequencer_.tell(told);
}

void DurableChannels::happened(const std::vector<KeyEvent>& events) {
  const auto tell = [this](std::string_view channel, std::string_view payload) {
    fan_out_.publish(ChannelKind::channel, channel, {&payload, 1}, SharedBytes());
  };
  for (const KeyEvent& event : events) {
    if (tell_by_stream_.load(std::memory_order_relaxed)) tell("__keyspace@0__:" + event.channel, event.name);
    if (tell_by_event_.load(std::memory_order_relaxed))
      tell("__keyevent@0__:" + std::string(event.name), event.channel);
  }
  wake();
}

void DurableChannels::wake() {
  for (std::size_t thread = 0; thread < to_wake_.size(); ++thread) {
    // The end of that thread's turn empties its mailbox: any task will do.
    if (to_wake_[thread]) server_.io_threads()[thread]->post([] {});
    to_wake_[thread] = false;
  }
}

void DurableChannels::appended(const std::vector<std::string_view>& channels) {
  wake();
  for (const std::shared_ptr<FollowerBell>& bell : followers_.ring(channels)) {
    IoThread* const io = server_.io_threads()[bell->io_thread()];
    io->post([io, number = bell->session()] {
      if (Session* session = io->find(number)) session->read_followed();
    });
  }
  if (blocked_readers_.size() != 0) wake_blocked(channels);
}

void DurableChannels::wake_blocked(const std::vector<std::string_view>& channels) {
  std::vector<std::string> categories;
  for (const std::string_view channel : channels) {
    std::string category = VirtualChannel::category_name(channel);
    if (categories.empty() || categories.back() != category) categories.push_back(std::move(category));
  }
  std::vector<std::string_view> names = channels;
  names.insert(names.end(), categories.begin(), categories.end());
  names.push_back(VirtualChannel::kAll);
  for (const BlockedReader reader : blocked_readers_.find(names)) {
    IoThread* const io = server_.io_threads()[reader.io_thread];
    io->post([io, number = reader.session] {
      if (Session* session = io->find(number)) session->look_again();
    });
  }
}

void DurableChannels::gave_back(std::uint64_t bytes) {
  log_event(LogLevel::verbose, "space of the log given back", {{"bytes", bytes}});
}

std::shared_ptr<const DurableRules> DurableChannels::rules() {
  const std::shared_ptr<const Settings> settings = server_.settings();
  return {settings, &settings->durable};
}

void DurableChannels::upkeep_failed(const Error& error) {
  log_event(LogLevel::warning, "upkeep of the log failed, and will be tried again", {{"reason", error.message}});
}

void DurableChannels::log_failed(const Error& error) {
  log_event(LogLevel::warning, "the log has failed, what is on the disk is not known: ending at once",
            {{"reason", error.message}});
  std::_Exit(static_cast<int>(ExitCode::log_failed));
}

}  // namespace respublica
