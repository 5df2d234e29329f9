#pragma once
// INFO's text.

#include <cstdint>
#include <string>

#include "server/info_sections.h"
#include "server/info_writer.h"
#include "server/server_state.h"

namespace respublica {

class IoThread;

/// What only the io threads know of their clients, right now.
struct ClientFigures {
  std::uint64_t clients = 0;
  std::uint64_t pubsub_clients = 0;
  std::uint64_t blocked_clients = 0;
  std::uint64_t tracking_clients = 0;
  std::uint64_t watching_clients = 0;
  std::uint64_t watched_keys = 0;
  /// Bytes that wait to be sent, of all clients and of the client with the most; the same of incomplete requests.
  std::uint64_t output_bytes = 0;
  std::uint64_t longest_output = 0;
  std::uint64_t input_bytes = 0;
  std::uint64_t longest_input = 0;
  /// Memory of the sessions themselves.
  std::uint64_t memory_bytes = 0;

  void add(const ClientFigures& other);
};

/// Thread: that io thread.
ClientFigures client_figures(IoThread& io);

/// The selected sections: https://redis.io/docs/latest/commands/info/. A section of our own, Respublica, has what Redis
/// has no name for.
/// Thread: any.
std::string info_report(ServerState& server, const ClientFigures& clients, const InfoSelection& selection);

// The sections, for info_report() ------------------------------------------------------------------------------------

void write_info_server(InfoWriter& out, ServerState& server);
void write_info_memory(InfoWriter& out, ServerState& server, const ClientFigures& clients);
void write_info_cpu(InfoWriter& out);
void write_info_stats(InfoWriter& out, ServerState& server);
void write_info_commandstats(InfoWriter& out, ServerState& server);
void write_info_errorstats(InfoWriter& out, ServerState& server);
void write_info_latencystats(InfoWriter& out, ServerState& server);
void write_info_respublica(InfoWriter& out, ServerState& server);

}  // namespace respublica
