#include "server/setting_values.h"

#include <limits>

#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();

/// The value as text, or the error's sentence.
template <typename T>
std::string outcome(const Result<T>& result) {
  return result ? std::to_string(result.value()) : result.error().message;
}

}  // namespace

TEST_CASE("a number is digits with at most a minus in front") {
  CHECK(outcome(parse_integer("0", 0, 10)) == "0");
  CHECK(outcome(parse_integer("-5", -5, 10)) == "-5");
  CHECK(outcome(parse_integer("9223372036854775807", 0, std::numeric_limits<std::int64_t>::max())) ==
        "9223372036854775807");
  for (const std::string_view text :
       {"", " ", "1 ", " 1", "+1", "01", "-0", "--1", "1.0", "0x1", "abc", "1k", "9223372036854775808", "-"}) {
    INFO(text);
    CHECK(outcome(parse_integer(text, 0, 10)) == "argument couldn't be parsed into an integer");
  }
}

TEST_CASE("a number outside its limits is told the limits") {
  CHECK(outcome(parse_integer("65536", 0, 65535)) == "argument must be between 0 and 65535 inclusive");
  CHECK(outcome(parse_integer("-1", 0, 65535)) == "argument must be between 0 and 65535 inclusive");
}

TEST_CASE("memory units are powers of ten without b and of two with it") {
  CHECK(outcome(parse_memory("12", 0, kMax)) == "12");
  CHECK(outcome(parse_memory("12b", 0, kMax)) == "12");
  CHECK(outcome(parse_memory("1k", 0, kMax)) == "1000");
  CHECK(outcome(parse_memory("1kb", 0, kMax)) == "1024");
  CHECK(outcome(parse_memory("1M", 0, kMax)) == "1000000");
  CHECK(outcome(parse_memory("1mB", 0, kMax)) == "1048576");
  CHECK(outcome(parse_memory("2g", 0, kMax)) == "2000000000");
  CHECK(outcome(parse_memory("2GB", 0, kMax)) == "2147483648");
}

TEST_CASE("what is no memory size is refused, also one that is too large to count") {
  for (const std::string_view text : {"", "kb", "-1", "+1", "1x", "1.5gb", "1 kb", "1kbb", "18446744073709551616",
                                      "18446744073709551615k", "99999999999gb"}) {
    INFO(text);
    CHECK(outcome(parse_memory(text, 0, kMax)) == "argument must be a memory value");
  }
  CHECK(outcome(parse_memory("1kb", 1048576, 2097152)) == "argument must be between 1048576 and 2097152 inclusive");
  CHECK(outcome(parse_memory("3mb", 1048576, 2097152)) == "argument must be between 1048576 and 2097152 inclusive");
}

TEST_CASE("memory is written with the largest unit that divides it, and reads back") {
  CHECK(format_memory(0) == "0");
  CHECK(format_memory(1000) == "1000");
  CHECK(format_memory(1024) == "1kb");
  CHECK(format_memory(1536 * 1024) == "1536kb");
  CHECK(format_memory(32ULL << 20) == "32mb");
  CHECK(format_memory(1ULL << 30) == "1gb");
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1023ULL, 1ULL << 20, (1ULL << 33) + 1024, 5ULL << 30}) {
    CHECK(outcome(parse_memory(format_memory(bytes), 0, kMax)) == std::to_string(bytes));
  }
}

TEST_CASE("permissions are octal digits") {
  CHECK(outcome(parse_octal("700", 0777)) == std::to_string(0700));
  CHECK(outcome(parse_octal("0", 0777)) == "0");
  CHECK(outcome(parse_octal("778", 0777)) == "argument couldn't be parsed as an octal number");
  CHECK(outcome(parse_octal("", 0777)) == "argument couldn't be parsed as an octal number");
  CHECK(outcome(parse_octal("1000", 0777)) == "argument must be between 0 and 777 inclusive");
}

TEST_CASE("a switch is yes or no in any case") {
  CHECK(parse_yes_no("yes").value());
  CHECK_FALSE(parse_yes_no("NO").value());
  for (const std::string_view text : {"", "y", "true", "1", "yes "}) {
    INFO(text);
    CHECK(outcome(parse_yes_no(text)) == "argument must be 'yes' or 'no'");
  }
}

}  // namespace respublica
