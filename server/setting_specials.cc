#include "server/setting_specials.h"

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>
#include <vector>

#include "server/setting_values.h"
#include "server/setting_words.h"

namespace respublica {

// bind ----------------------------------------------------------------------------------------------------------------

Result<void> set_bind(Settings& settings, SettingWords words) {
  constexpr std::size_t kMaxAddresses = 16;
  if (words.size() > kMaxAddresses) return Error{"Too many bind addresses specified."};
  for (const std::string& word : words) {
    if (word == "-") return Error{"bind: '-' stands before an address"};
  }
  settings.bind.assign(words.begin(), words.end());
  return {};
}

std::string get_bind(const Settings& settings) { return join_words(settings.bind); }

std::string write_bind(const Settings& settings) { return settings.bind.empty() ? "\"\"" : get_bind(settings); }

// client-output-buffer-limit ------------------------------------------------------------------------------------------

namespace {

/// The limits of the class with this name, or null.
OutputBufferLimit* limit_of_class(OutputBufferLimits& limits, std::string_view name) {
  if (equal_ignoring_case(name, "normal")) return &limits.normal;
  if (equal_ignoring_case(name, "slave") || equal_ignoring_case(name, "replica")) return &limits.replica;
  if (equal_ignoring_case(name, "pubsub")) return &limits.pubsub;
  return nullptr;
}

std::string limit_in_bytes(const OutputBufferLimit& limit) {
  return std::to_string(limit.hard_bytes) + " " + std::to_string(limit.soft_bytes) + " " +
         std::to_string(limit.soft_seconds);
}

std::string limit_in_units(const OutputBufferLimit& limit) {
  return format_memory(limit.hard_bytes) + " " + format_memory(limit.soft_bytes) + " " +
         std::to_string(limit.soft_seconds);
}

}  // namespace

Result<void> set_output_limits(Settings& settings, SettingWords words) {
  constexpr std::size_t kWordsOfClass = 4;
  constexpr auto kMaxBytes = static_cast<std::uint64_t>(kInt64Max);
  if (words.size() % kWordsOfClass != 0) return Error{"Wrong number of arguments in buffer limit configuration."};
  OutputBufferLimits limits = settings.output_limits;
  for (std::size_t i = 0; i < words.size(); i += kWordsOfClass) {
    OutputBufferLimit* limit = limit_of_class(limits, words[i]);
    if (limit == nullptr) return Error{"Invalid client class specified in buffer limit configuration."};
    const Result<std::uint64_t> hard = parse_memory(words[i + 1], 0, kMaxBytes);
    const Result<std::uint64_t> soft = parse_memory(words[i + 2], 0, kMaxBytes);
    const Result<std::int64_t> seconds = parse_integer(words[i + 3], 0, kIntMax);
    if (!hard || !soft || !seconds) {
      return Error{"Error in hard, soft or soft_seconds setting in buffer limit configuration."};
    }
    *limit = {hard.value(), soft.value(), seconds.value()};
  }
  settings.output_limits = limits;
  return {};
}

std::string get_output_limits(const Settings& settings) {
  const OutputBufferLimits& limits = settings.output_limits;
  return "normal " + limit_in_bytes(limits.normal) + " slave " + limit_in_bytes(limits.replica) + " pubsub " +
         limit_in_bytes(limits.pubsub);
}

std::string write_output_limits(const Settings& settings) {
  const OutputBufferLimits& limits = settings.output_limits;
  return "normal " + limit_in_units(limits.normal) + " replica " + limit_in_units(limits.replica) + " pubsub " +
         limit_in_units(limits.pubsub);
}

// notify-keyspace-events ----------------------------------------------------------------------------------------------

Result<void> set_keyspace_events(Settings& settings, SettingWords words) {
  constexpr std::string_view kAll = "g$lshzxetd";  // what `A` stands for
  constexpr std::string_view kOrder = "g$lshzxetdnKEmoc";
  std::string flags = words[0];
  if (flags.find_first_not_of(std::string(kOrder) + 'A') != std::string::npos) {
    return Error{"Invalid event class character. Use 'Ag$lshzxeKEtmdn'."};
  }
  if (flags.find('A') != std::string::npos) flags += kAll;
  std::string normal;
  for (const char flag : kOrder) {
    if (flags.find(flag) != std::string::npos) normal += flag;
  }
  if (normal.starts_with(kAll)) normal.replace(0, kAll.size(), "A");
  settings.notify_keyspace_events = normal;
  return {};
}

std::string get_keyspace_events(const Settings& settings) {
  // Redis does not show `n` beside `A`, though `A` does not stand for it.
  std::string flags = settings.notify_keyspace_events;
  if (flags.starts_with('A')) std::erase(flags, 'n');
  return flags;
}

std::string write_keyspace_events(const Settings& settings) { return quote_word(settings.notify_keyspace_events); }

// latency-tracking-info-percentiles -----------------------------------------------------------------------------------

Result<void> set_percentiles(Settings& settings, SettingWords words) {
  std::vector<double> percentiles;
  for (const std::string& word : words) {
    double number = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (failure != std::errc() || end != word.data() + word.size() || std::isnan(number)) {
      return Error{"Invalid latency-tracking-info-percentiles parameters"};
    }
    if (number < 0 || number > 100) {
      return Error{"latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"};
    }
    percentiles.push_back(number);
  }
  settings.latency_tracking_info_percentiles = std::move(percentiles);
  return {};
}

std::string get_percentiles(const Settings& settings) {
  std::string text;
  for (const double number : settings.latency_tracking_info_percentiles) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text += (text.empty() ? "" : " ") + std::string(digits.data(), end);
  }
  return text;
}

std::string write_percentiles(const Settings& settings) {
  return settings.latency_tracking_info_percentiles.empty() ? "\"\"" : get_percentiles(settings);
}

// unixsocketperm, dir, appenddirname, save ----------------------------------------------------------------------------

Result<void> set_socket_permissions(Settings& settings, SettingWords words) {
  return store_parsed<&Settings::unixsocketperm>(settings, parse_octal(words[0], 0777));
}

std::string get_socket_permissions(const Settings& settings) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), settings.unixsocketperm, 8).ptr;
  return {digits.data(), end};
}

Result<void> set_directory(Settings& settings, SettingWords words) {
  if (words[0].empty()) return Error{"No such file or directory"};
  settings.dir = words[0];
  return {};
}

std::string get_directory(const Settings& settings) {
  if (!settings.dir.empty()) return settings.dir;
  std::error_code failure;  // the directory may have been removed: then there is no name for it
  return std::filesystem::current_path(failure).string();
}

std::string write_directory(const Settings& settings) { return quote_word(get_directory(settings)); }

Result<void> set_append_directory(Settings& settings, SettingWords words) {
  const std::string& name = words[0];
  if (name.empty()) return Error{"appenddirname can't be empty"};
  if (name.find_first_of("/\\") != std::string::npos || name == "." || name == "..") {
    return Error{"appenddirname can't be a path, just a dirname"};
  }
  settings.appenddirname = name;
  return {};
}

std::string get_append_directory(const Settings& settings) { return settings.appenddirname; }

std::string write_append_directory(const Settings& settings) { return quote_word(settings.appenddirname); }

Result<void> set_snapshots(Settings&, SettingWords words) {
  if (words.empty()) return {};
  bool valid = words.size() % 2 == 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    valid = valid && parse_integer(words[i], i % 2 == 0 ? 1 : 0, kIntMax).ok();
  }
  return Error{valid ? std::string(kNoSnapshots) : "Invalid save parameters"};
}

std::string get_snapshots(const Settings&) { return ""; }

std::string write_snapshots(const Settings&) { return "\"\""; }

}  // namespace respublica
