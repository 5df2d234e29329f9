#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace respublica {

/// A number that is written in digits, and nothing else; none if it is beyond uint64.
inline std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace respublica
