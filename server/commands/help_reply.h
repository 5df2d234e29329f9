#pragma once

#include <span>
#include <string_view>

namespace respublica {

struct CommandContext;

/// Answers HELP of the container that was called: Redis's first line, `lines` (each subcommand and, four spaces
/// further in, what it does), and those of HELP itself.
void reply_help(CommandContext& context, std::span<const std::string_view> lines);

}  // namespace respublica
