#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace respublica {

/// An argument that must be an integer, by Redis's strict rules: decimal, no plus sign, no leading zeros or spaces,
/// within 64 bits. Nothing when it is something else.
inline std::optional<std::int64_t> integer_argument(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool leading_zero = digits.starts_with('0') && text != "0";
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (leading_zero || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace respublica
