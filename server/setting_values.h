#pragma once
// How single values of settings are written: numbers, memory sizes, yes and no. The sentences are Redis's.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace respublica {

/// A decimal number as Redis takes one: an optional `-` and digits, no blank, no `+`, no leading zero.
Result<std::int64_t> parse_integer(std::string_view text, std::int64_t minimum, std::int64_t maximum);

/// Bytes: digits and a unit in any case: none, b, k (1000), kb (1024), m, mb, g, gb.
Result<std::uint64_t> parse_memory(std::string_view text, std::uint64_t minimum, std::uint64_t maximum);

/// Permission bits in octal.
Result<int> parse_octal(std::string_view text, int maximum);

/// `yes` or `no` in any case.
Result<bool> parse_yes_no(std::string_view text);

/// Bytes with the largest of gb, mb, kb that divides them.
std::string format_memory(std::uint64_t bytes);

/// ASCII letters only.
std::string to_lower(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace respublica
