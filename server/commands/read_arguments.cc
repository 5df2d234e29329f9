#include "server/commands/read_arguments.h"

#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/commands/argument_values.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

Result<void> read_positive(std::string_view text, std::string_view not_positive, std::uint64_t& cap) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number || *number <= 0) return fault(not_positive);
  cap = static_cast<std::uint64_t>(*number);
  return {};
}

}  // namespace

bool is_read_limit(std::string_view option) {
  return equal_ignoring_case(option, "count") || equal_ignoring_case(option, "maxcount") ||
         equal_ignoring_case(option, "maxsize");
}

Result<void> read_limit(std::string_view option, std::string_view value, std::uint64_t& count, ReadCaps& caps) {
  if (equal_ignoring_case(option, "maxcount")) return read_positive(value, errors::kMaxcountNotPositive, caps.entries);
  if (equal_ignoring_case(option, "maxsize")) return read_positive(value, errors::kMaxsizeNotPositive, caps.bytes);
  const Result<std::uint64_t> number = parse_raised_count(value);
  if (!number) return number.error();
  count = number.value();
  return {};
}

Result<void> check_read_limits(std::uint64_t count, const ReadCaps& caps) {
  if (caps.entries != 0 && caps.entries < count) return fault(errors::kMaxcountBelowCount);
  return {};
}

}  // namespace respublica
