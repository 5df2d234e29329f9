#pragma once
// What all io threads share.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "broker/shared_registry.h"
#include "server/client_pause.h"
#include "server/command_table.h"
#include "server/io_counters.h"
#include "server/settings.h"
#include "server/slow_log.h"
#include "server/stats_history.h"

namespace respublica {

class DurableChannels;
class IoThread;

/// The process-wide state behind every session: tables that never change, state behind its own locks, and counters.
/// Owned by Server; outlives the io threads.
/// Thread: any.
class ServerState {
 public:
  ServerState(Settings settings, std::string config_file);
  ServerState(const ServerState&) = delete;
  ServerState& operator=(const ServerState&) = delete;
  ~ServerState();

  const CommandTable& commands() const { return commands_; }
  SharedRegistry& registry() { return registry_; }
  ClientPause& pause() { return pause_; }
  SlowLog& slow_log() { return slow_log_; }
  DurableChannels& durable() { return *durable_; }
  const Clock& clock() const { return clock_; }
  StatsHistory& stats() { return stats_; }

  /// The settings in force. Hold the pointer only for the length of a call.
  std::shared_ptr<const Settings> settings() const EXCLUDES(settings_mutex_);
  /// Raised by each replace_settings(): io threads look at it once per turn.
  std::uint64_t settings_version() const { return settings_version_.load(std::memory_order_acquire); }
  /// Puts new settings in force (CONFIG SET).
  void replace_settings(Settings settings) EXCLUDES(settings_mutex_);
  /// Held by CONFIG SET from reading the settings until it has replaced them.
  Mutex& settings_change() { return settings_change_; }

  /// Empty when the broker runs without a configuration file.
  const std::string& config_file() const { return config_file_; }
  /// 40 hexadecimal digits, new at each start.
  const std::string& run_id() const { return run_id_; }
  SteadyTime started() const { return started_; }
  WallTime started_wall() const { return started_wall_; }
  /// The TCP port in use, which is the setting's unless that is 0; 0 when there is no TCP listener.
  int port() const { return port_.load(std::memory_order_relaxed); }
  void set_port(int port) { port_.store(port, std::memory_order_relaxed); }

  std::uint64_t next_client_id() { return next_client_id_.fetch_add(1, std::memory_order_relaxed); }
  /// Takes one of maxclients places; false when there is none. Give it back with release_client().
  bool admit_client();
  void release_client() { connected_clients_.fetch_sub(1, std::memory_order_relaxed); }
  std::uint64_t connected_clients() const { return connected_clients_.load(std::memory_order_relaxed); }

  /// Clients in MONITOR: 0 almost always, and looked at before each command.
  std::atomic<std::uint32_t>& monitors() { return monitors_; }

  /// The io threads, in order. Set once, before the first of them runs.
  const std::vector<IoThread*>& io_threads() const { return io_threads_; }
  void set_io_threads(std::vector<IoThread*> threads) { io_threads_ = std::move(threads); }
  std::vector<std::unique_ptr<IoCounters>>& counters() { return counters_; }

  /// Asks the process to end in order (SHUTDOWN, SIGTERM). Returns at once.
  void request_shutdown();
  void set_shutdown_handler(std::function<void()> handler) { shutdown_handler_ = std::move(handler); }

 private:
  const CommandTable commands_;
  SharedRegistry registry_;
  ClientPause pause_;
  SlowLog slow_log_;
  StatsHistory stats_;
  SystemClock clock_;
  const std::string config_file_;
  const std::string run_id_;
  const SteadyTime started_;
  const WallTime started_wall_;
  std::atomic<int> port_{0};
  std::atomic<std::uint64_t> next_client_id_{1};
  std::atomic<std::uint64_t> connected_clients_{0};
  std::atomic<std::uint32_t> monitors_{0};
  std::atomic<std::uint64_t> max_clients_{0};
  std::atomic<std::uint64_t> settings_version_{1};
  Mutex settings_change_;
  mutable Mutex settings_mutex_;
  std::shared_ptr<const Settings> settings_ GUARDED_BY(settings_mutex_);
  std::vector<IoThread*> io_threads_;
  std::vector<std::unique_ptr<IoCounters>> counters_;
  std::function<void()> shutdown_handler_;
  /// Made in the constructor.
  std::unique_ptr<DurableChannels> durable_;
};

}  // namespace respublica
