#pragma once
// How a line of redis.conf is cut into words, and how a word is written so that it is cut out again.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace respublica {

/// The words of a line, separated by blanks. In "double quotes" there are escapes (\n \r \t \b \a \\ \" \xff), in
/// 'single quotes' only \'. Nothing when a quote is not closed, or when a closing quote is not followed by a blank.
std::optional<std::vector<std::string>> split_words(std::string_view line);

/// The word in double quotes, with escapes for all bytes that are not printable ASCII.
std::string quote_word(std::string_view word);

/// The word as it is where split_words() gives it back unchanged, else quoted.
std::string quote_word_if_needed(std::string_view word);

/// Words separated by `separator`.
std::string join_words(std::span<const std::string> words, std::string_view separator = " ");

}  // namespace respublica
