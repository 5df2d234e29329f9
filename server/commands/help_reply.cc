#include "server/commands/help_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "server/command_context.h"

namespace respublica {

void reply_help(CommandContext& context, std::span<const std::string_view> lines) {
  const std::string_view name = context.command.row.name;
  std::string container(name.substr(0, name.find('|')));
  std::transform(container.begin(), container.end(), container.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  context.reply.array(lines.size() + 3);
  context.reply.simple_string(fmt::format("{} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", container));
  for (const std::string_view line : lines) context.reply.simple_string(line);
  context.reply.simple_string("HELP");
  context.reply.simple_string("    Prints this help.");
}

}  // namespace respublica
