#pragma once
// CLIENT LIST and CLIENT INFO: one client as a line of text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace respublica {

class Session;

/// What kind of client it is, for the filters of CLIENT LIST and CLIENT KILL. There are no masters and no replicas
/// here, but their names are known.
enum class ClientType : std::uint8_t { normal, master, replica, pubsub };

/// The type that a client calls `name`, in any case.
std::optional<ClientType> client_type_named(std::string_view name);

/// What a line of CLIENT LIST says: https://redis.io/docs/latest/commands/client-list/. Sizes are in bytes, times in
/// seconds.
struct ClientDescription {
  std::uint64_t id = 0;
  std::string address;
  std::string local_address;
  int descriptor = -1;
  std::string name;
  std::int64_t age = 0;
  std::int64_t idle = 0;
  std::string flags;
  int database = 0;
  std::size_t channels = 0;
  std::size_t patterns = 0;
  std::size_t shard_channels = 0;
  /// Commands that MULTI queued; nothing outside MULTI.
  std::optional<std::size_t> queued_commands;
  std::size_t queued_command_bytes = 0;
  std::size_t watched_keys = 0;
  std::size_t query_buffer_bytes = 0;
  /// What waits to be sent: pieces, and bytes as the client will receive them (what the output limits count).
  std::size_t output_slices = 0;
  std::size_t output_bytes = 0;
  std::size_t memory_bytes = 0;
  /// Full name of the last command; empty before the first.
  std::string_view last_command;
  /// The client that CLIENT TRACKING redirects to, 0 = itself; nothing without tracking.
  std::optional<std::uint64_t> redirect;
  int protocol = 2;
  std::string lib_name;
  std::string lib_ver;
  int io_thread = 0;
  std::uint64_t network_in_bytes = 0;
  std::uint64_t network_out_bytes = 0;
  std::uint64_t commands = 0;
};

/// The line, without its end. The fields and their order are those of Redis 8.2.
std::string to_line(const ClientDescription& client);

/// Thread: the session's io thread.
ClientDescription describe(Session& session, SteadyTime now);

/// Thread: the session's io thread.
ClientType type_of(const Session& session);

}  // namespace respublica
