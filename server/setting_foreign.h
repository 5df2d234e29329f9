#pragma once
// Names of redis.conf that are no settings of the broker.

#include <span>
#include <string_view>

namespace respublica {

/// A name that redis-server knows, and what becomes of it here.
struct ForeignSetting {
  std::string_view name;
  /// Why it cannot be ignored; empty = it is, with a warning.
  std::string_view refusal = {};
  /// The value that says "not wanted" and is taken in silence, where there is a refusal.
  std::string_view off = {};
  /// What the warning says; empty = that it has no meaning for a broker.
  std::string_view note = {};
};

/// All of them: redis.conf of 7.0 to 8.x.
std::span<const ForeignSetting> foreign_settings();

/// The one with this name, in any case, or null.
const ForeignSetting* find_foreign_setting(std::string_view name);

}  // namespace respublica
