// DURABLE, which Redis does not have: what the `durable` rules say of a channel.

#include <array>
#include <string>
#include <vector>

#include "broker/durable_rules.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// A map of strings, as the rule has them: the pattern, then the options that are not at their default.
void run_rule(CommandContext& context) {
  const DurableRule* const rule = context.io.streams().rule_of(context[2]);
  if (rule == nullptr) return context.reply.null();
  std::vector<std::string> words = rule->words();
  words.insert(words.begin(), "pattern");
  context.reply.map(words.size() / 2);
  for (const std::string& word : words) context.reply.bulk_string(word);
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 2> kHelp = {
      "RULE <channel>",
      "    Return the pattern and the options of the rule that makes <channel> durable.",
  };
  reply_help(context, kHelp);
}

constexpr CommandRow kRows[] = {
    {"durable",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for commands about durable channels.",
     "0.1.0",
     "pubsub",
     "Depends on subcommand."},
    {"durable|rule",
     3,
     kLoading | kStale | kFast,
     kNoCategory,
     {},
     run_rule,
     "Returns the rule that makes a channel durable.",
     "0.1.0",
     "pubsub",
     "O(N) where N is the number of rules whose patterns begin and end as the channel does."},
    {"durable|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "0.1.0",
     "pubsub",
     "O(1)"},
};

}  // namespace

CommandFamily durable_commands() { return kRows; }

}  // namespace respublica
