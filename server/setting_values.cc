#include "server/setting_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace respublica {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Error out_of_range(const std::string& minimum, const std::string& maximum) {
  return Error{"argument must be between " + minimum + " and " + maximum + " inclusive"};
}

std::string to_octal(int number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 8).ptr;
  return {digits.data(), end};
}

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<Unit, 8> kUnits{{{"", 1},
                                      {"b", 1},
                                      {"k", 1000},
                                      {"kb", 1ULL << 10},
                                      {"m", 1000 * 1000},
                                      {"mb", 1ULL << 20},
                                      {"g", 1000 * 1000 * 1000},
                                      {"gb", 1ULL << 30}}};

}  // namespace

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t minimum, std::int64_t maximum) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  // The number must read back as it was written: this refuses "01" and "-0".
  if (failure != std::errc() || end != text.data() + text.size() || std::to_string(number) != text) {
    return Error{"argument couldn't be parsed into an integer"};
  }
  if (number < minimum || number > maximum) return out_of_range(std::to_string(minimum), std::to_string(maximum));
  return number;
}

Result<std::uint64_t> parse_memory(std::string_view text, std::uint64_t minimum, std::uint64_t maximum) {
  const Error not_memory{"argument must be a memory value"};
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) return not_memory;
  const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto* unit = std::ranges::find_if(
      kUnits, [&](const Unit& candidate) { return equal_ignoring_case(candidate.name, unit_name); });
  if (unit == kUnits.end() || number > std::numeric_limits<std::uint64_t>::max() / unit->bytes) return not_memory;
  const std::uint64_t bytes = number * unit->bytes;
  if (bytes < minimum || bytes > maximum) return out_of_range(std::to_string(minimum), std::to_string(maximum));
  return bytes;
}

Result<int> parse_octal(std::string_view text, int maximum) {
  int number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, 8);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return Error{"argument couldn't be parsed as an octal number"};
  }
  if (number < 0 || number > maximum) return out_of_range("0", to_octal(maximum));
  return number;
}

Result<bool> parse_yes_no(std::string_view text) {
  if (equal_ignoring_case(text, "yes")) return true;
  if (equal_ignoring_case(text, "no")) return false;
  return Error{"argument must be 'yes' or 'no'"};
}

std::string format_memory(std::uint64_t bytes) {
  for (const std::string_view name : {"gb", "mb", "kb"}) {
    const std::uint64_t unit = std::ranges::find(kUnits, name, &Unit::name)->bytes;
    if (bytes != 0 && bytes % unit == 0) return std::to_string(bytes / unit) + std::string(name);
  }
  return std::to_string(bytes);
}

std::string to_lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

}  // namespace respublica
