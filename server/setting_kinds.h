#pragma once
// Makes rows of the settings table: one function per kind of value, each bound to a member of Settings.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "server/setting_table.h"
#include "server/setting_values.h"
#include "server/setting_words.h"
#include "server/settings.h"

namespace respublica {

/// The part of a row that is written by hand.
struct SettingText {
  std::string_view name;
  std::string_view alias = {};
  SettingChange change = SettingChange::at_run_time;
  std::string_view mild_error = {};
  std::string_view summary;
  std::string_view default_note = {};
};

constexpr Setting make_setting(const SettingText& text, SettingShape shape, decltype(Setting::set) set,
                               decltype(Setting::get) get, decltype(Setting::write) write,
                               decltype(Setting::syntax) syntax) {
  return {text.name, text.alias, shape,  text.change,  text.mild_error,  set,
          get,       write,      syntax, text.summary, text.default_note};
}

inline constexpr std::int64_t kIntMax = std::numeric_limits<int>::max();
inline constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

/// Stores a parsed value in a member, or passes the error on.
template <auto Member, typename Value>
Result<void> store_parsed(Settings& settings, const Result<Value>& parsed) {
  if (!parsed) return parsed.error();
  using Field = std::remove_reference_t<decltype(settings.*Member)>;
  settings.*Member = static_cast<Field>(parsed.value());
  return {};
}

template <auto Member>
std::string get_number(const Settings& settings) {
  return std::to_string(settings.*Member);
}

template <auto Member, std::int64_t Minimum, std::int64_t Maximum>
constexpr Setting integer_setting(const SettingText& text) {
  return make_setting(
      text, SettingShape::one_word,
      [](Settings& settings, std::span<const std::string> words) {
        return store_parsed<Member>(settings, parse_integer(words[0], Minimum, Maximum));
      },
      get_number<Member>, get_number<Member>,
      [] { return std::to_string(Minimum) + ".." + (Maximum < kIntMax ? std::to_string(Maximum) : ""); });
}

/// A number that is moved into its limits instead of being refused.
template <auto Member, std::int64_t Minimum, std::int64_t Maximum>
constexpr Setting clamped_setting(const SettingText& text) {
  return make_setting(
      text, SettingShape::one_word,
      [](Settings& settings, std::span<const std::string> words) {
        Result<std::int64_t> number = parse_integer(words[0], 0, kIntMax);
        if (number) number.value() = std::clamp(number.value(), Minimum, Maximum);
        return store_parsed<Member>(settings, number);
      },
      get_number<Member>, get_number<Member>, [] { return std::to_string(Minimum) + ".." + std::to_string(Maximum); });
}

template <auto Member, std::uint64_t Minimum, std::uint64_t Maximum = static_cast<std::uint64_t>(kInt64Max)>
constexpr Setting memory_setting(const SettingText& text) {
  return make_setting(
      text, SettingShape::one_word,
      [](Settings& settings, std::span<const std::string> words) {
        return store_parsed<Member>(settings, parse_memory(words[0], Minimum, Maximum));
      },
      get_number<Member>,
      [](const Settings& settings) { return format_memory(static_cast<std::uint64_t>(settings.*Member)); },
      [] { return std::string("bytes"); });
}

template <auto Member>
constexpr Setting yes_no_setting(const SettingText& text) {
  constexpr auto kGet = [](const Settings& settings) { return std::string(settings.*Member ? "yes" : "no"); };
  return make_setting(
      text, SettingShape::one_word,
      [](Settings& settings, std::span<const std::string> words) {
        return store_parsed<Member>(settings, parse_yes_no(words[0]));
      },
      kGet, kGet, [] { return std::string("yes|no"); });
}

template <auto Member>
constexpr Setting text_setting(const SettingText& text) {
  return make_setting(
      text, SettingShape::one_word,
      [](Settings& settings, std::span<const std::string> words) {
        settings.*Member = words[0];
        return Result<void>();
      },
      [](const Settings& settings) { return settings.*Member; },
      [](const Settings& settings) { return quote_word(settings.*Member); }, [] { return std::string("text"); });
}

/// One value of an enumeration, by name.
template <typename Value>
struct NamedValue {
  std::string_view name;
  Value value;
};

/// The names of an enumeration, joined.
template <typename Names>
std::string list_names(const Names& names, std::string_view separator) {
  std::string list;
  for (const auto& entry : names) list += (list.empty() ? "" : std::string(separator)) + std::string(entry.name);
  return list;
}

/// Names: an array of NamedValue with one entry for each value.
template <auto Member, const auto& Names>
constexpr Setting choice_setting(const SettingText& text) {
  constexpr auto kGet = [](const Settings& settings) {
    for (const auto& entry : Names) {
      if (entry.value == settings.*Member) return std::string(entry.name);
    }
    return std::string();
  };
  return make_setting(
      text, SettingShape::one_word,
      [](Settings& settings, std::span<const std::string> words) -> Result<void> {
        for (const auto& entry : Names) {
          if (!equal_ignoring_case(entry.name, words[0])) continue;
          settings.*Member = entry.value;
          return {};
        }
        return Error{"argument(s) must be one of the following: " + list_names(Names, ", ")};
      },
      kGet, kGet, [] { return list_names(Names, "|"); });
}

}  // namespace respublica
