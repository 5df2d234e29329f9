#pragma once
// Which sections of INFO a client asks for.

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

namespace respublica {

/// INFO's sections, in the order in which they are shown.
enum class InfoSection : std::uint8_t {
  server,
  clients,
  memory,
  persistence,
  stats,
  replication,
  cpu,
  modules,
  commandstats,
  errorstats,
  latencystats,
  cluster,
  keyspace,
  respublica,
};

inline constexpr std::size_t kInfoSections = 14;
using InfoSelection = std::bitset<kInfoSections>;

/// The sections named by INFO's arguments, in any case: names of sections, "default" (as with no argument), "all" and
/// "everything". Unknown names are ignored, as in Redis.
InfoSelection select_sections(std::span<const std::string_view> names);

inline bool selects(const InfoSelection& selection, InfoSection section) {
  return selection.test(static_cast<std::size_t>(section));
}

}  // namespace respublica
