#pragma once
// The families of commands, each in a file of its own in this folder; command_table.cc puts them together.

#include "server/command.h"

namespace respublica {

CommandFamily pubsub_commands();
CommandFamily transaction_commands();
CommandFamily connection_commands();
CommandFamily client_commands();
CommandFamily client_tracking_commands();
CommandFamily client_admin_commands();
CommandFamily config_commands();
CommandFamily info_commands();
CommandFamily command_commands();
CommandFamily server_commands();
CommandFamily keyspace_commands();
CommandFamily expiry_commands();
CommandFamily stream_commands();
CommandFamily stream_read_commands();
CommandFamily stream_info_commands();
CommandFamily group_commands();
CommandFamily group_read_commands();
CommandFamily claim_commands();
CommandFamily reference_commands();
CommandFamily durable_commands();
CommandFamily dlq_commands();
CommandFamily slowlog_commands();
CommandFamily latency_commands();
CommandFamily memory_commands();
CommandFamily acl_commands();

}  // namespace respublica
