#include "server/setting_durable.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/durable_rules.h"
#include "server/setting_words.h"

namespace respublica {
namespace {

constexpr char kSeparator = ';';

/// Where the rule at the front of a text ends: at the first separator that is not in quotes (see split_words()).
std::size_t end_of_rule(std::string_view text) {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0') {
      if (c == kSeparator) return i;
      if (c == '"' || c == '\'') quote = c;
    } else if (c == quote) {
      quote = '\0';
    } else if (c == '\\' && i + 1 < text.size() && (quote == '"' || text[i + 1] == '\'')) {
      ++i;
    }
  }
  return text.size();
}

Result<std::vector<DurableRule>> parse_text(std::string_view text) {
  std::vector<DurableRule> rules;
  while (!text.empty()) {
    const std::size_t end = end_of_rule(text);
    const auto words = split_words(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!words) return Error{"unbalanced quotes in a durable rule"};
    if (words->empty()) continue;
    Result<DurableRule> rule = parse_durable_rule(*words);
    if (!rule) return rule.error();
    rules.push_back(std::move(rule.value()));
  }
  return rules;
}

/// A word as it stands in a text of rules.
std::string quote_in_text(const std::string& word) {
  return word.find(kSeparator) == std::string::npos ? quote_word_if_needed(word) : quote_word(word);
}

std::string format_rule(const DurableRule& rule) {
  std::vector<std::string> words = rule.words();
  for (std::string& word : words) word = quote_in_text(word);
  return join_words(words);
}

/// A rule of one word is read as a text, so what had to be quoted in a text is quoted once more.
std::string format_line(const DurableRule& rule) {
  std::string text = format_rule(rule);
  return rule.words().size() == 1 ? quote_word_if_needed(text) : text;
}

}  // namespace

Result<void> set_durable(Settings& settings, std::span<const std::string> words) {
  if (words.size() != 1) {
    Result<DurableRule> rule = parse_durable_rule(words);
    if (!rule) return rule.error();
    settings.durable.add(std::move(rule.value()));
    return {};
  }
  Result<std::vector<DurableRule>> rules = parse_text(words.front());
  if (!rules) return rules.error();
  if (rules.value().empty()) settings.durable.clear();
  for (DurableRule& rule : rules.value()) settings.durable.add(std::move(rule));
  return {};
}

std::string get_durable(const Settings& settings) {
  std::string text;
  for (const DurableRule& rule : settings.durable.all()) text += (text.empty() ? "" : "; ") + format_rule(rule);
  return text;
}

std::string write_durable(const Settings& settings) {
  std::string lines;
  for (const DurableRule& rule : settings.durable.all()) lines += (lines.empty() ? "" : "\n") + format_line(rule);
  return lines.empty() ? "\"\"" : lines;
}

}  // namespace respublica
