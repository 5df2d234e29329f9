#include "tools/log/damage_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/log/json_line.h"

namespace respublica::logtool {
namespace {

/// More are counted, not named.
constexpr std::size_t kMaxNamed = 16;

template <typename Items, typename Shown>
std::string listed(const Items& items, Shown shown) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kMaxNamed); ++i) text += (i == 0 ? "" : ", ") + shown(items[i]);
  if (items.size() > kMaxNamed) text += fmt::format(" and {} more", items.size() - kMaxNamed);
  return text;
}

std::string place_text(const Damage& damage) {
  std::string text = damage.file.empty() ? "" : fmt::format("{}, byte {}, ", damage.file, damage.offset);
  text += fmt::format("position {}", damage.begin.value);
  if (damage.end > damage.begin) text += fmt::format(" to {}", damage.end.value);
  return text + ": ";
}

}  // namespace

std::string damage_text(const Damage& damage, const ChannelNames& names) {
  std::string text = place_text(damage);
  if (damage.kind == Damage::Kind::tail) {
    return text + fmt::format(
                      "not damage: {} of a frame that is being written, or that a crash cut short. Nobody was "
                      "told that it is safe; a broker cuts it off when it starts",
                      shown_bytes(damage.end - damage.begin));
  }
  text += damage.reason;
  if (damage.kind == Damage::Kind::flaw) return text + "; no record is lost by this";
  if (damage.channels.empty()) {
    text += "; the channels concerned cannot be known";
  } else {
    text += "; channels concerned: ";
    text += listed(damage.channels, [&names](ChannelNumber channel) { return names.shown(channel); });
    if (damage.may_concern_others) text += "; whether there are others cannot be known";
  }
  if (!damage.entries.empty()) {
    text += "; lost, by what is left of them: ";
    text += listed(damage.entries, [&names](const Damage::Entry& entry) {
      return names.shown(entry.channel) + " " + shown_id(entry.id);
    });
  }
  if (damage.kept > 0) text += fmt::format("; {} records there are whole", damage.kept);
  return text;
}

std::string shown_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

}  // namespace respublica::logtool
