#include "server/info_sections.h"

#include <algorithm>
#include <array>
#include <string>

namespace respublica {
namespace {

constexpr std::array<std::string_view, kInfoSections> kNames = {
    "server",  "clients",      "memory",     "persistence",  "stats",   "replication", "cpu",
    "modules", "commandstats", "errorstats", "latencystats", "cluster", "keyspace",    "respublica",
};

/// What INFO leaves out unless it is asked for it: a line for each command.
InfoSelection default_sections() {
  InfoSelection selection;
  selection.set();
  selection.reset(static_cast<std::size_t>(InfoSection::commandstats));
  selection.reset(static_cast<std::size_t>(InfoSection::latencystats));
  return selection;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace

InfoSelection select_sections(std::span<const std::string_view> names) {
  if (names.empty()) return default_sections();
  InfoSelection selection;
  for (const std::string_view name : names) {
    const std::string lower = lower_case(name);
    if (lower == "all" || lower == "everything") selection.set();
    if (lower == "default") selection |= default_sections();
    const auto found = std::find(kNames.begin(), kNames.end(), lower);
    if (found != kNames.end()) selection.set(static_cast<std::size_t>(found - kNames.begin()));
  }
  return selection;
}

}  // namespace respublica
