// The table of settings: the only truth about their names, limits, defaults and texts.

#include <array>
#include <limits>

#include "broker/idempotence.h"
#include "broker/topic.h"
#include "server/setting_durable.h"
#include "server/setting_kinds.h"
#include "server/setting_specials.h"
#include "server/setting_table.h"
#include "storage/message_log.h"

namespace respublica {
namespace {

constexpr auto kAtStart = SettingChange::at_start;

constexpr std::array<NamedValue<LogLevel>, 5> kLogLevels{{{"debug", LogLevel::debug},
                                                          {"verbose", LogLevel::verbose},
                                                          {"notice", LogLevel::notice},
                                                          {"warning", LogLevel::warning},
                                                          {"nothing", LogLevel::nothing}}};
constexpr std::array<NamedValue<LogFormat>, 2> kLogFormats{{{"text", LogFormat::text}, {"json", LogFormat::json}}};
constexpr std::array<NamedValue<AppendSync>, 3> kAppendSync{
    {{"everysec", AppendSync::everysec}, {"always", AppendSync::always}, {"no", AppendSync::no}}};
constexpr std::array<NamedValue<Supervised>, 3> kSupervised{
    {{"no", Supervised::no}, {"systemd", Supervised::systemd}, {"auto", Supervised::automatic}}};
constexpr std::array<NamedValue<DebugCommand>, 3> kDebugCommand{
    {{"no", DebugCommand::no}, {"yes", DebugCommand::yes}, {"local", DebugCommand::local}}};
constexpr std::array<NamedValue<AclChannels>, 2> kAclChannels{
    {{"allchannels", AclChannels::all}, {"resetchannels", AclChannels::none}}};
constexpr std::array<NamedValue<EvictionPolicy>, 8> kEvictionPolicies{{
    {"volatile-lru", EvictionPolicy::volatile_lru},
    {"volatile-lfu", EvictionPolicy::volatile_lfu},
    {"volatile-random", EvictionPolicy::volatile_random},
    {"volatile-ttl", EvictionPolicy::volatile_ttl},
    {"allkeys-lru", EvictionPolicy::allkeys_lru},
    {"allkeys-lfu", EvictionPolicy::allkeys_lfu},
    {"allkeys-random", EvictionPolicy::allkeys_random},
    {"noeviction", EvictionPolicy::none},
}};

std::string addresses_syntax() { return "address..."; }
std::string limits_syntax() { return "class hard soft seconds..."; }
std::string flags_syntax() { return "flags"; }
std::string percentiles_syntax() { return "percentile..."; }
std::string octal_syntax() { return "octal"; }
std::string path_syntax() { return "path"; }
std::string name_syntax() { return "name"; }
std::string rule_syntax() { return "pattern [option value]..."; }
std::string empty_syntax() { return "\"\""; }
std::string no_syntax() { return "no"; }

constexpr auto kWord = SettingShape::one_word;
constexpr auto kWords = SettingShape::words;
constexpr auto kLines = SettingShape::lines;
constexpr std::uint64_t kMebibyte = 1ULL << 20;
constexpr std::int64_t kMaxClients = std::numeric_limits<std::uint32_t>::max();

constexpr std::array kRows{
    // Network.
    make_setting({.name = "bind", .change = kAtStart, .summary = "addresses to listen on; -x: if there is one; *: all"},
                 kWords, set_bind, get_bind, write_bind, addresses_syntax),
    integer_setting<&Settings::port, 0, 65535>(
        {.name = "port", .change = kAtStart, .summary = "TCP port; 0: any free one"}),
    text_setting<&Settings::unixsocket>(
        {.name = "unixsocket", .change = kAtStart, .summary = "path of a unix socket to listen on as well"}),
    make_setting(
        {.name = "unixsocketperm", .change = kAtStart, .summary = "permissions of the unix socket; 0: umask's"}, kWord,
        set_socket_permissions, get_socket_permissions, get_socket_permissions, octal_syntax),
    integer_setting<&Settings::tcp_backlog, 0, kIntMax>(
        {.name = "tcp-backlog", .change = kAtStart, .summary = "connections that may wait to be accepted"}),
    integer_setting<&Settings::tcp_keepalive, 0, kIntMax>(
        {.name = "tcp-keepalive", .summary = "seconds of silence until a peer is probed; 0: never"}),
    integer_setting<&Settings::timeout, 0, kIntMax>(
        {.name = "timeout", .summary = "seconds until an idle client is closed; 0: never"}),
    yes_no_setting<&Settings::protected_mode>(
        {.name = "protected-mode", .summary = "without a password, serve this machine only"}),

    // Clients and limits.
    integer_setting<&Settings::maxclients, 1, kMaxClients>(
        {.name = "maxclients", .summary = "clients that may be connected at once"}),
    text_setting<&Settings::requirepass>(
        {.name = "requirepass", .summary = "password of the default user; empty: none"}),
    make_setting(
        {.name = "client-output-buffer-limit", .summary = "output that may wait for a client that reads slowly"},
        kWords, set_output_limits, get_output_limits, write_output_limits, limits_syntax),
    memory_setting<&Settings::client_query_buffer_limit, kMebibyte>(
        {.name = "client-query-buffer-limit", .summary = "input that one client may have unanswered"}),
    memory_setting<&Settings::proto_max_bulk_len, kMebibyte, Topic::kMaxName>(
        {.name = "proto-max-bulk-len", .summary = "size of one argument, so of a message"}),
    choice_setting<&Settings::acl_pubsub_default, kAclChannels>(
        {.name = "acl-pubsub-default", .summary = "channels that a new ACL user may use"}),
    choice_setting<&Settings::enable_debug_command, kDebugCommand>(
        {.name = "enable-debug-command", .change = kAtStart, .summary = "kept for Redis's files, without effect"}),

    // Process.
    integer_setting<&Settings::io_threads, 1, 128>({.name = "io-threads",
                                                    .change = kAtStart,
                                                    .summary = "threads that serve clients",
                                                    .default_note = "number of cores"}),
    yes_no_setting<&Settings::daemonize>({.name = "daemonize", .change = kAtStart, .summary = "go to the background"}),
    text_setting<&Settings::pidfile>(
        {.name = "pidfile", .change = kAtStart, .summary = "file for the process id; empty: none"}),
    choice_setting<&Settings::supervised, kSupervised>(
        {.name = "supervised", .change = kAtStart, .summary = "shown in INFO; systemd is told when ready if it asks"}),
    make_setting(
        {.name = "dir", .change = kAtStart, .summary = "working directory", .default_note = "where it was started"},
        kWord, set_directory, get_directory, write_directory, path_syntax),
    integer_setting<&Settings::shutdown_timeout, 0, kIntMax>(
        {.name = "shutdown-timeout", .summary = "seconds at the end to send what is queued"}),
    clamped_setting<&Settings::hz, 1, 500>({.name = "hz", .summary = "kept for Redis's clients, without effect"}),

    // Durable channels.
    make_setting(
        {.name = "durable", .summary = "channels that are kept on disk, and how much of them; may be repeated"}, kLines,
        set_durable, get_durable, write_durable, rule_syntax),
    yes_no_setting<&Settings::appendonly>(
        {.name = "appendonly", .change = kAtStart, .summary = "keep an append-only log of what is durable"}),
    choice_setting<&Settings::appendfsync, kAppendSync>(
        {.name = "appendfsync", .summary = "when the log is synced to the disk; always: before each answer"}),
    make_setting({.name = "appenddirname", .change = kAtStart, .summary = "directory of the log, in dir"}, kWord,
                 set_append_directory, get_append_directory, write_append_directory, name_syntax),
    memory_setting<&Settings::auto_aof_rewrite_min_size, LogOptions::kMinSegmentBytes, LogOptions::kMaxSegmentBytes>(
        {.name = "auto-aof-rewrite-min-size", .change = kAtStart, .summary = "size of the files of the log"}),
    integer_setting<&Settings::stream_idmp_duration, 1, IdempotenceLimits::kMostSeconds>(
        {.name = "stream-idmp-duration", .summary = "seconds for which a stream tracks an idempotent ID (XADD IDMP)"}),
    integer_setting<&Settings::stream_idmp_maxsize, 1, IdempotenceLimits::kMostIds>(
        {.name = "stream-idmp-maxsize", .summary = "idempotent IDs of one producer that a stream tracks"}),

    // Log.
    choice_setting<&Settings::loglevel, kLogLevels>({.name = "loglevel", .summary = "how much the log says"}),
    text_setting<&Settings::logfile>(
        {.name = "logfile", .change = kAtStart, .summary = "path of the log; empty: standard output"}),
    choice_setting<&Settings::log_format, kLogFormats>(
        {.name = "log-format", .change = kAtStart, .summary = "lines of text or of JSON"}),

    // Observation.
    integer_setting<&Settings::slowlog_log_slower_than, -1, kInt64Max>(
        {.name = "slowlog-log-slower-than", .summary = "microseconds that make a command slow; -1: off"}),
    integer_setting<&Settings::slowlog_max_len, 0, kInt64Max>(
        {.name = "slowlog-max-len", .summary = "commands that SLOWLOG remembers"}),
    integer_setting<&Settings::latency_monitor_threshold, 0, kInt64Max>(
        {.name = "latency-monitor-threshold", .summary = "kept for Redis's clients, without effect"}),
    yes_no_setting<&Settings::latency_tracking>(
        {.name = "latency-tracking", .summary = "latency per command, in INFO and LATENCY HISTOGRAM"}),
    make_setting({.name = "latency-tracking-info-percentiles", .summary = "percentiles that INFO latencystats shows"},
                 kWords, set_percentiles, get_percentiles, write_percentiles, percentiles_syntax),

    // Asked for by Redis's clients.
    integer_setting<&Settings::databases, 1, kIntMax>(
        {.name = "databases", .change = kAtStart, .summary = "numbers that SELECT takes; channels are common to all"}),
    memory_setting<&Settings::maxmemory, 0>(
        {.name = "maxmemory", .summary = "what streams may take with appendonly no"}),
    choice_setting<&Settings::maxmemory_policy, kEvictionPolicies>(
        {.name = "maxmemory-policy", .summary = "kept for Redis's clients, without effect"}),
    make_setting({.name = "notify-keyspace-events", .summary = "changes of streams that subscribers are told of"},
                 kWord, set_keyspace_events, get_keyspace_events, write_keyspace_events, flags_syntax),
    yes_no_setting<&Settings::replica_read_only>({.name = "replica-read-only",
                                                  .alias = "slave-read-only",
                                                  .summary = "kept for Redis's clients, without effect"}),
    make_setting({.name = "save", .mild_error = kNoSnapshots, .summary = "a broker saves no snapshots"}, kWords,
                 set_snapshots, get_snapshots, write_snapshots, empty_syntax),
    make_setting({.name = "cluster-enabled", .change = kAtStart, .summary = "cluster mode is not supported"}, kWord,
                 set_only_no<kNoCluster>, get_only_no, get_only_no, no_syntax),
};

}  // namespace

std::span<const Setting> SettingTable::rows() { return kRows; }

}  // namespace respublica
