#include "server/setting_table.h"

#include <algorithm>
#include <utility>

#include "broker/glob_pattern.h"
#include "protocol/error_replies.h"
#include "server/setting_values.h"
#include "server/setting_words.h"

namespace respublica {
namespace {

/// The words of a value that came as one text: none for the empty text.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

}  // namespace

Result<void> Setting::store(Settings& settings, std::span<const std::string> words) const {
  if (shape == SettingShape::one_word) {
    if (words.size() != 1) return Error{"wrong number of arguments"};
    return set(settings, words);
  }
  if (words.size() == 1 && shape == SettingShape::words) return set(settings, words_of(words.front()));
  return set(settings, words);
}

Result<void> Setting::replace(Settings& settings, const std::string& value) const {
  if (shape != SettingShape::lines) return store(settings, std::span(&value, 1));
  Settings changed = settings;
  const std::string nothing;
  for (const std::string* text : {&nothing, &value}) {
    const Result<void> stored = store(changed, std::span(text, 1));
    if (!stored) return stored;
  }
  settings = std::move(changed);
  return {};
}

const Setting* SettingTable::find(std::string_view name) {
  for (const Setting& row : rows()) {
    if (equal_ignoring_case(row.name, name)) return &row;
    if (!row.alias.empty() && equal_ignoring_case(row.alias, name)) return &row;
  }
  return nullptr;
}

std::vector<SettingPair> SettingTable::get(const Settings& settings, std::string_view pattern) {
  return get(settings, std::span(&pattern, 1));
}

std::vector<SettingPair> SettingTable::get(const Settings& settings, std::span<const std::string_view> patterns) {
  std::vector<SettingPair> pairs;
  const auto add_if_wanted = [&](const Setting& row, std::string_view name) {
    const auto pattern = std::ranges::find_if(
        patterns, [&](std::string_view each) { return glob_match(each, name, GlobCase::insensitive); });
    if (pattern == patterns.end()) return;
    // As in Redis, a name that is no pattern is answered as it was asked.
    const bool is_name = pattern->find_first_of("*?[\\") == std::string_view::npos;
    pairs.emplace_back(is_name ? *pattern : name, row.get(settings));
  };
  for (const Setting& row : rows()) {
    add_if_wanted(row, row.name);
    if (!row.alias.empty()) add_if_wanted(row, row.alias);
  }
  return pairs;
}

Result<Settings> SettingTable::set(const Settings& settings, std::span<const SettingPair> pairs) {
  // As in Redis, all names are looked at before the first value.
  std::vector<const Setting*> found;
  std::vector<std::string> names;
  for (const auto& [given_name, value] : pairs) {
    const Setting* row = find(given_name);
    if (row == nullptr) return Error{errors::unknown_setting(given_name)};
    std::string name = to_lower(given_name);
    if (row->change == SettingChange::at_start) {
      return Error{errors::config_set_failed(name, "can't set immutable config")};
    }
    if (std::ranges::find(names, name) != names.end()) return Error{errors::duplicate_setting(name)};
    found.push_back(row);
    names.push_back(std::move(name));
  }
  Settings changed = settings;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Result<void> stored = found[i]->replace(changed, pairs[i].second);
    if (!stored) return Error{errors::config_set_failed(names[i], stored.error().message)};
  }
  return changed;
}

}  // namespace respublica
