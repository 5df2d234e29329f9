#pragma once
// What the broker tells of each death on `$events:dlq`.

#include <optional>
#include <string_view>

#include "tools/dlq/letter_text.h"

namespace respublica::dlqtool {

/// Reads a flat JSON object of strings (RFC 8259); none when the text is something else. Its `dlq` is the letter's
/// channel, the rest are fields; the ID is not among them.
std::optional<Letter> read_advisory(std::string_view json);

}  // namespace respublica::dlqtool
