#pragma once
// Replies made of what the sequencer answered: DurableRun::Answer of most commands.

#include <span>
#include <string>

#include "broker/durable_command.h"

namespace respublica {

struct CommandContext;

/// Why the command was refused: Redis's sentence where Redis has one.
std::string sentence_of(const DurableOutcome& outcome);

/// Writes why the first command that was refused was. False, and nothing written,
/// when none was refused.
bool reply_refusal(CommandContext& context, std::span<const DurableOutcome> outcomes);

/// The sum of what all commands changed, as an integer; 0 of none.
void reply_count(CommandContext& context, std::span<const DurableOutcome> outcomes);

void reply_done(CommandContext& context, std::span<const DurableOutcome> outcomes);

}  // namespace respublica
