#pragma once
// A command as COMMAND INFO and COMMAND DOCS describe it.

#include <span>
#include <string_view>
#include <vector>

#include "protocol/reply_encoder.h"
#include "server/command_table.h"

namespace respublica {

/// The ten elements of COMMAND INFO: https://redis.io/docs/latest/commands/command/
void reply_command_info(ReplyEncoder& reply, const Command& command);

/// The pair name, documentation of COMMAND DOCS: https://redis.io/docs/latest/commands/command-docs/
void reply_command_docs(ReplyEncoder& reply, const Command& command);

/// True for a command some of whose arguments are keys. Shard channels are routed like keys but are none.
bool has_keys(const Command& command);

/// The keys among the arguments of a call that satisfies the arity. None where the call has no keyword to find them by.
std::vector<std::string_view> keys_of(const Command& command, std::span<const std::string_view> arguments);

/// What the command does with its keys, in the words of COMMAND GETKEYSANDFLAGS ("RO", "RW", "access").
std::span<const std::string_view> key_flags(const Command& command);

}  // namespace respublica
