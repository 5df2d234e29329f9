#pragma once
// What the operator can decide about the broker: plain values with their defaults.

#include <cstdint>
#include <string>
#include <vector>

#include "broker/append_sync.h"
#include "broker/durable_rules.h"
#include "server/log.h"

namespace respublica {

/// One class of client-output-buffer-limit, in bytes of output that waits for a client; 0 = no limit.
struct OutputBufferLimit {
  /// Above this, the client is closed at once.
  std::uint64_t hard_bytes = 0;
  /// Above this for soft_seconds without a break, the client is closed.
  std::uint64_t soft_bytes = 0;
  std::int64_t soft_seconds = 0;

  bool operator==(const OutputBufferLimit&) const = default;
};

struct OutputBufferLimits {
  OutputBufferLimit normal;
  /// Kept for CONFIG GET: the broker has no replicas.
  OutputBufferLimit replica{256ULL << 20, 64ULL << 20, 60};
  OutputBufferLimit pubsub{32ULL << 20, 8ULL << 20, 60};

  bool operator==(const OutputBufferLimits&) const = default;
};

/// redis.conf's `supervised`. INFO shows it; the service manager is told whatever it is (service_manager.h).
enum class Supervised : std::uint8_t { no, systemd, automatic };

enum class DebugCommand : std::uint8_t { no, yes, local };

/// Which channels a new ACL user may use.
enum class AclChannels : std::uint8_t { all, none };

enum class EvictionPolicy : std::uint8_t {
  volatile_lru,
  volatile_lfu,
  volatile_random,
  volatile_ttl,
  allkeys_lru,
  allkeys_lfu,
  allkeys_random,
  none,
};

/// The number of cores this process may use, 1 to 128.
int default_io_threads();

/// All settings, one member each, named as in the file (with `_` for `-`). The names, limits and texts of them are in
/// setting_rows.cc. Filled at start by parse_options(), then passed as std::shared_ptr<const Settings>; CONFIG SET puts
/// a changed copy in its place. Bytes and seconds where nothing else is said.
///
/// Thread: any, immutable once shared.
struct Settings {
  // Network.
  /// Each is an address, `*` (all IPv4) or `::*` (all IPv6); a leading `-` means: leave it out when the machine does
  /// not have it. Empty = no TCP at all.
  std::vector<std::string> bind{"127.0.0.1", "-::1"};
  /// 0 = any free port.
  int port = 6379;
  /// Empty = none.
  std::string unixsocket;
  /// Permission bits, 0 = as the umask makes them.
  int unixsocketperm = 0;
  int tcp_backlog = 511;
  /// Seconds, 0 = off.
  int tcp_keepalive = 300;
  /// Seconds until an idle client is closed, 0 = never.
  int timeout = 0;
  bool protected_mode = true;

  // Clients and limits.
  std::int64_t maxclients = 10000;
  /// Empty = no password.
  std::string requirepass;
  std::int64_t client_query_buffer_limit = 1LL << 30;
  std::int64_t proto_max_bulk_len = 512LL << 20;
  OutputBufferLimits output_limits;
  AclChannels acl_pubsub_default = AclChannels::none;
  DebugCommand enable_debug_command = DebugCommand::no;

  // Process.
  int io_threads = default_io_threads();
  bool daemonize = false;
  std::string pidfile;
  Supervised supervised = Supervised::no;
  /// The working directory, absolute; empty = the one the process was started in.
  std::string dir;
  int shutdown_timeout = 10;
  int hz = 10;

  // Durable channels.
  DurableRules durable;
  bool appendonly = true;
  AppendSync appendfsync = AppendSync::always;
  /// The directory of the append-only log, in `dir`.
  std::string appenddirname = "appendonlydir";
  /// Bytes. The files of the log have this size, and a checkpoint is written when it has grown by it.
  std::uint64_t auto_aof_rewrite_min_size = 64ULL << 20;
  /// Of streams that XCFGSET says nothing of: for how many seconds an idempotent ID is tracked, and how many of each
  /// producer.
  std::uint32_t stream_idmp_duration = 100;
  std::uint32_t stream_idmp_maxsize = 100;

  // Log.
  LogLevel loglevel = LogLevel::notice;
  /// Empty = standard output.
  std::string logfile;
  LogFormat log_format = LogFormat::text;

  // Observation.
  /// Microseconds, negative = off.
  std::int64_t slowlog_log_slower_than = 10000;
  std::int64_t slowlog_max_len = 128;
  /// Milliseconds, 0 = off.
  std::int64_t latency_monitor_threshold = 0;
  bool latency_tracking = true;
  std::vector<double> latency_tracking_info_percentiles{50, 99, 99.9};

  // What Redis clients ask for, and a broker has little of.
  int databases = 16;
  std::uint64_t maxmemory = 0;
  EvictionPolicy maxmemory_policy = EvictionPolicy::none;
  /// Flags in Redis's order (`AKE`, `AnKE`).
  std::string notify_keyspace_events;
  bool replica_read_only = true;
};

}  // namespace respublica
