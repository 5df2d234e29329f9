#pragma once
// The setting `durable`: the rules of broker/durable_rules.h as text.

#include <span>
#include <string>

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// Adds rules. Several words are one rule. One word is a text: rules separated by `;`, each cut into words as a line of
/// the file is, so that a pattern with blanks, quotes or `;` stands in quotes there. A text without a rule forgets all
/// rules. On error nothing is stored.
Result<void> set_durable(Settings& settings, std::span<const std::string> words);

/// All rules as such a text, normalised: "orders.* maxlen 1000; audit.* append-only yes".
std::string get_durable(const Settings& settings);

/// Each rule as a line of the file has it, behind the name; `""` when there is none.
std::string write_durable(const Settings& settings);

}  // namespace respublica
