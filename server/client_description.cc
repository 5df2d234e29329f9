#include "server/client_description.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "server/io_thread.h"
#include "server/session.h"

namespace respublica {
namespace {

std::string flags_of(Session& session) {
  const ClientState& client = session.client();
  const bool broadcast = client.tracking && client.details->tracking->broadcast;
  const std::array<std::pair<bool, char>, 11> letters = {{
      {client.monitor, 'O'},
      {client.subscribed(), 'P'},
      {client.in_transaction(), 'x'},
      {session.blocked(), 'b'},
      {client.tracking, 't'},
      {broadcast, 'B'},
      {client.close_after_reply, 'c'},
      {session.closing(), 'A'},
      {session.peer_address().starts_with('/'), 'U'},
      {client.no_evict, 'e'},
      {client.no_touch, 'T'},
  }};
  std::string flags;
  for (const auto& [set, letter] : letters) {
    if (set) flags += letter;
  }
  return flags.empty() ? "N" : flags;
}

void describe_details(const ClientDetails& details, ClientDescription& description) {
  description.name = details.name;
  description.lib_name = details.lib_name;
  description.lib_ver = details.lib_ver;
  description.watched_keys = details.watches.size();
  if (details.tracking) description.redirect = details.tracking->redirect;
  if (details.transaction) {
    description.queued_commands = details.transaction->queue.size();
    description.queued_command_bytes = details.transaction->bytes;
  }
}

std::int64_t whole_seconds(SteadyTime::duration duration) {
  return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

/// A value with a space in it would end the line's field: a unix socket's path may have one.
std::string without_spaces(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '?');
  return text;
}

std::int64_t or_minus_one(const auto& value) { return value ? static_cast<std::int64_t>(*value) : -1; }

}  // namespace

std::optional<ClientType> client_type_named(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (lower == "normal") return ClientType::normal;
  if (lower == "master") return ClientType::master;
  if (lower == "replica" || lower == "slave") return ClientType::replica;
  if (lower == "pubsub") return ClientType::pubsub;
  return std::nullopt;
}

std::string to_line(const ClientDescription& client) {
  std::string line = fmt::format(
      "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub={} psub={} ssub={} multi={} watch={}",
      client.id, client.address, client.local_address, client.descriptor, client.name, client.age, client.idle,
      client.flags, client.database, client.channels, client.patterns, client.shard_channels,
      or_minus_one(client.queued_commands), client.watched_keys);
  // The broker reads into buffers that sessions share and copies no arguments: what Redis counts for these is 0.
  line += fmt::format(" qbuf={} qbuf-free=0 argv-mem=0 multi-mem={} rbs=0 rbp=0 obl=0 oll={} omem={} tot-mem={}",
                      client.query_buffer_bytes, client.queued_command_bytes, client.output_slices, client.output_bytes,
                      client.memory_bytes);
  line += fmt::format(" events={} cmd={} user=default redir={} resp={} lib-name={} lib-ver={}",
                      client.output_bytes == 0 ? "r" : "rw", client.last_command.empty() ? "NULL" : client.last_command,
                      or_minus_one(client.redirect), client.protocol, client.lib_name, client.lib_ver);
  line += fmt::format(" io-thread={} tot-net-in={} tot-net-out={} tot-cmds={}", client.io_thread,
                      client.network_in_bytes, client.network_out_bytes, client.commands);
  return line;
}

ClientDescription describe(Session& session, SteadyTime now) {
  const ClientState& client = session.client();
  ClientDescription description;
  description.id = client.id;
  description.address = without_spaces(session.peer_address());
  description.local_address = without_spaces(session.local_address());
  description.descriptor = session.descriptor();
  description.age = whole_seconds(now - client.created);
  description.idle = whole_seconds(now - client.last_interaction);
  description.flags = flags_of(session);
  description.database = client.database;
  if (client.subscriptions) {
    description.channels = client.subscriptions->channels();
    description.patterns = client.subscriptions->patterns();
    description.shard_channels = client.subscriptions->shard_channels();
  }
  if (client.details) describe_details(*client.details, description);
  description.query_buffer_bytes = session.query_buffer_bytes();
  description.output_slices = session.output().slices();
  description.output_bytes = session.output().size();
  description.memory_bytes = session.memory_bytes();
  if (client.last_command != nullptr) description.last_command = client.last_command->row.name;
  description.protocol = static_cast<int>(client.protocol);
  description.io_thread = session.io().index();
  description.network_in_bytes = client.network_in_bytes;
  description.network_out_bytes = client.network_out_bytes;
  description.commands = client.commands;
  return description;
}

ClientType type_of(const Session& session) {
  return session.client().subscribed() ? ClientType::pubsub : ClientType::normal;
}

}  // namespace respublica
