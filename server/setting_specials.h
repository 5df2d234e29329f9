#pragma once
// Settings whose values have a shape of their own. Each has the functions of a row of the settings table.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/setting_kinds.h"
#include "server/settings.h"

namespace respublica {

using SettingWords = std::span<const std::string>;

/// bind: at most 16 addresses; whether they exist shows when they are listened on.
Result<void> set_bind(Settings& settings, SettingWords words);
std::string get_bind(const Settings& settings);
std::string write_bind(const Settings& settings);

/// client-output-buffer-limit: `class hard soft seconds`, for one or more of the classes; the others stay as they are.
Result<void> set_output_limits(Settings& settings, SettingWords words);
std::string get_output_limits(const Settings& settings);
std::string write_output_limits(const Settings& settings);

/// notify-keyspace-events: flags in any order, kept in Redis's.
Result<void> set_keyspace_events(Settings& settings, SettingWords words);
std::string get_keyspace_events(const Settings& settings);
std::string write_keyspace_events(const Settings& settings);

/// latency-tracking-info-percentiles: numbers from 0 to 100.
Result<void> set_percentiles(Settings& settings, SettingWords words);
std::string get_percentiles(const Settings& settings);
std::string write_percentiles(const Settings& settings);

/// unixsocketperm: octal.
Result<void> set_socket_permissions(Settings& settings, SettingWords words);
std::string get_socket_permissions(const Settings& settings);

/// dir: a directory; parse_options() makes it absolute and sees whether it exists. Without one, the process's.
Result<void> set_directory(Settings& settings, SettingWords words);
std::string get_directory(const Settings& settings);
std::string write_directory(const Settings& settings);

/// appenddirname: a name without a path.
Result<void> set_append_directory(Settings& settings, SettingWords words);
std::string get_append_directory(const Settings& settings);
std::string write_append_directory(const Settings& settings);

/// save: pairs of numbers, as Redis checks them, then refused; only the empty value is taken.
Result<void> set_snapshots(Settings& settings, SettingWords words);
std::string get_snapshots(const Settings& settings);
std::string write_snapshots(const Settings& settings);
inline constexpr std::string_view kNoSnapshots = "a broker saves no snapshots, only \"\" is accepted";

/// A switch that is off for good; `Reason` says why to whoever switches it on.
template <const auto& Reason>
Result<void> set_only_no(Settings&, SettingWords words) {
  const Result<bool> wanted = parse_yes_no(words[0]);
  if (!wanted) return wanted.error();
  if (wanted.value()) return Error{std::string(Reason)};
  return {};
}
inline std::string get_only_no(const Settings&) { return "no"; }
inline constexpr std::string_view kNoCluster = "cluster mode is not supported, only 'no' is accepted";

}  // namespace respublica
