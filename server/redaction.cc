#include "server/redaction.h"

#include <algorithm>

namespace respublica {
namespace {

constexpr std::string_view kRedacted = "(redacted)";

bool same_word(std::string_view argument, std::string_view lower_case_word) {
  return std::equal(argument.begin(), argument.end(), lower_case_word.begin(), lower_case_word.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::vector<std::string_view> redacted(const Command& command, std::span<const std::string_view> arguments) {
  std::vector<std::string_view> shown(arguments.begin(), arguments.end());
  if (command.row.name == "auth") {
    std::fill(shown.begin() + 1, shown.end(), kRedacted);
  } else if (command.row.name == "hello") {
    for (std::size_t i = 2; i + 2 < shown.size(); ++i) {
      if (!same_word(arguments[i], "auth")) continue;
      shown[i + 1] = kRedacted;
      shown[i + 2] = kRedacted;
    }
  } else if (command.row.name == "config|set") {
    for (std::size_t i = 2; i + 1 < shown.size(); i += 2) {
      if (same_word(arguments[i], "requirepass")) shown[i + 1] = kRedacted;
    }
  }
  return shown;
}

}  // namespace respublica
