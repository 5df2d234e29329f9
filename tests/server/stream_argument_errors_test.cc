// What the stream commands answer to arguments that are wrong.

#include <string>

#include "server/commands/stream_arguments.h"
#include "tests/support/catch.h"
#include "tests/support/request_words.h"

namespace respublica {
namespace {

template <typename Value>
std::string error_of(const Result<Value>& result) {
  return result ? "" : result.error().message;
}

/// The error that a request gets; empty: none.
std::string error_of(std::string_view line) {
  const std::vector<std::string_view> words = cut(line);
  if (words[0] == "XADD") return error_of(parse_add(words));
  if (words[0] == "XTRIM") return error_of(parse_trim(words));
  if (words[0] == "XRANGE") return error_of(parse_range(words, RangeOrder::forward));
  if (words[0] == "XREVRANGE") return error_of(parse_range(words, RangeOrder::backward));
  if (words[0] == "XREAD") return error_of(parse_read(words));
  if (words[0] == "XDEL") return error_of(parse_delete(words));
  return error_of(parse_set_id(words));
}

struct Malformed {
  std::string_view line;
  std::string_view error;
};

constexpr std::string_view kBadId = "ERR Invalid stream ID specified as stream command argument";
constexpr std::string_view kNoInteger = "ERR value is not an integer or out of range";
constexpr std::string_view kSyntax = "ERR syntax error";
constexpr std::string_view kAddArity = "ERR wrong number of arguments for 'xadd' command";
constexpr std::string_view kBothStrategies =
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
constexpr std::string_view kNegativeMaxlen = "ERR The MAXLEN argument must be >= 0.";
constexpr std::string_view kNegativeLimit = "ERR The LIMIT argument must be >= 0.";
constexpr std::string_view kLoneLimit = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
constexpr std::string_view kExactLimit = "ERR syntax error, LIMIT cannot be used without the special ~ option";
constexpr std::string_view kNoStrategy = "ERR syntax error, XTRIM must be called with a trimming strategy";
constexpr std::string_view kZeroId = "ERR The ID specified in XADD must be greater than 0-0";
constexpr std::string_view kNoStart = "ERR invalid start ID for the interval";
constexpr std::string_view kNoEnd = "ERR invalid end ID for the interval";
constexpr std::string_view kNoGroupOption =
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
constexpr std::string_view kNoNoackOption =
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
constexpr std::string_view kNewWithoutGroup =
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.";
constexpr std::string_view kBadTimeout = "ERR timeout is not an integer or out of range";
constexpr std::string_view kNegativeTimeout = "ERR timeout is negative";
constexpr std::string_view kNegativeAdded = "ERR entries_added must be positive";
constexpr std::string_view kBelowMaxDeleted =
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";

/// Each line with the answer of redis-server 7.0.15; those with KEEPREF and the like as Redis 8.2 reads them, MAXCOUNT
/// and MAXSIZE as 8.10 does.
constexpr Malformed kMalformed[] = {
    {"XADD k KEEPREF DELREF 1-1 a b", kBadId},
    {"XTRIM k MAXLEN 5 ACKED ACKED", kSyntax},
    {"XTRIM k ACKED LIMIT 0", kNoStrategy},
    // XADD: what is no option is the ID.
    {"XADD k a b c", kBadId},
    {"XADD k - a b", kBadId},
    {"XADD k + a b", kBadId},
    {"XADD k $ a b", kBadId},
    {"XADD k -1 a b", kBadId},
    {"XADD k 1- a b", kBadId},
    {"XADD k 1-1-1 a b", kBadId},
    {"XADD k 1-1-* a b", kBadId},
    {"XADD k -* a b", kBadId},
    {"XADD k a-* a b", kBadId},
    {"XADD k *-1 a b", kBadId},
    {"XADD k *-* a b", kBadId},
    {"XADD k 1-** a b", kBadId},
    {"XADD k 1.5 a b", kBadId},
    {"XADD k 18446744073709551616 a b", kBadId},
    {"XADD k 1-18446744073709551616 a b", kBadId},
    {"XADD k 18446744073709551616-* a b", kBadId},
    {"XADD k ~ 5 * a b", kBadId},
    {"XADD k MAXLENS 5 * a b", kBadId},
    {"XADD k MAXLEN 5 ~ * a b", kBadId},
    {"XADD k MAXLEN ~ 5 10 a b c", kAddArity},
    {"XADD k KEEP * a b", kBadId},
    // XADD: fields.
    {"XADD k * a b c", kAddArity},
    {"XADD k 0 a b c", kAddArity},
    {"XADD k * a b c d e", kAddArity},
    {"XADD k NOMKSTREAM * a", kAddArity},
    {"XADD k NOMKSTREAM NOMKSTREAM *", kAddArity},
    {"XADD k NOMKSTREAM NOMKSTREAM NOMKSTREAM", kAddArity},
    {"XADD k MAXLEN 5 NOMKSTREAM", kAddArity},
    {"XADD k MAXLEN = 5", kAddArity},
    {"XADD k MAXLEN = 5 *", kAddArity},
    {"XADD k MAXLEN ~ 5 * a", kAddArity},
    {"XADD k 5 MAXLEN 5 * a b", kAddArity},
    {"XADD k 0-0 a b", kZeroId},
    {"XADD k 0 a b", kZeroId},
    {"XADD k 00-00 a b", kZeroId},
    {"XADD k NOMKSTREAM 0-0 a b", kZeroId},
    // XADD: options of trimming.
    {"XADD k NOMKSTREAM * MAXLEN", kAddArity},
    {"XADD k NOMKSTREAM NOMKSTREAM MAXLEN", kBadId},
    {"XADD k NOMKSTREAM NOMKSTREAM LIMIT", kBadId},
    {"XADD k MAXLEN x * a b", kNoInteger},
    {"XADD k MAXLEN * a b", kNoInteger},
    {"XADD k MAXLEN 05 * a b", kNoInteger},
    {"XADD k MAXLEN 5-0 * a b", kNoInteger},
    {"XADD k MAXLEN 9223372036854775808 * a b", kNoInteger},
    {"XADD k MAXLEN ~ * a b", kNoInteger},
    {"XADD k MAXLEN ~ ~ 5 * a b", kNoInteger},
    {"XADD k MAXLEN = ~ 5 * a b", kNoInteger},
    {"XADD k MAXLEN == 5 * a b", kNoInteger},
    {"XADD k MAXLEN ~5 * a b", kNoInteger},
    {"XADD k NOMKSTREAM MAXLEN ~", kNoInteger},
    {"XADD k NOMKSTREAM MAXLEN =", kNoInteger},
    {"XADD k MAXLEN -1 * a b", kNegativeMaxlen},
    {"XADD k MAXLEN ~ -1 * a b", kNegativeMaxlen},
    {"XADD k MINID x * a b", kBadId},
    {"XADD k MINID - * a b", kBadId},
    {"XADD k MINID + * a b", kBadId},
    {"XADD k MINID 5-* * a b", kBadId},
    {"XADD k MINID ~ * a b", kBadId},
    {"XADD k MAXLEN 5 MINID 5 * a b", kBothStrategies},
    {"XADD k MINID 5 MAXLEN x * a b", kBothStrategies},
    {"XADD k MAXLEN 5 MAXLEN 5 * a b", kBothStrategies},
    {"XADD k MAXLEN x MINID 5 * a b", kNoInteger},
    {"XADD k LIMIT 5 * a b", kLoneLimit},
    {"XADD k LIMIT 0 * a b", kExactLimit},
    {"XADD k LIMIT x * a b", kNoInteger},
    {"XADD k LIMIT -1 * a b", kNegativeLimit},
    {"XADD k MAXLEN 5 LIMIT 5 * a b", kExactLimit},
    {"XADD k MAXLEN = 5 LIMIT 5 * a b", kExactLimit},
    {"XADD k MAXLEN 5 LIMIT 0 * a b", kExactLimit},
    {"XADD k MINID = 5 LIMIT 5 * a b", kExactLimit},
    {"XADD k MAXLEN ~ 5 LIMIT -5 * a b", kNegativeLimit},
    {"XADD k MAXLEN ~ 5 LIMIT ~ 5 * a b", kNoInteger},
    {"XADD k LIMIT 5 * a b c", kLoneLimit},
    {"XADD k LIMIT 5 0-0 a b", kLoneLimit},
    {"XADD k MAXLEN 5 LIMIT 5 0-0 a", kExactLimit},
    {"XADD k LIMIT 5 x a b", kBadId},
    // XTRIM.
    {"XTRIM k MAXLEN x", kNoInteger},
    {"XTRIM k MAXLEN ~", kNoInteger},
    {"XTRIM k MAXLEN =", kNoInteger},
    {"XTRIM k MAXLEN -1", kNegativeMaxlen},
    {"XTRIM k MINID x", kBadId},
    {"XTRIM k MINID -", kBadId},
    {"XTRIM k FOO 5", kSyntax},
    {"XTRIM k NOMKSTREAM 5", kSyntax},
    {"XTRIM k 5 MAXLEN", kSyntax},
    {"XTRIM k MAXLEN 5 5", kSyntax},
    {"XTRIM k MAXLEN 5 FOO", kSyntax},
    {"XTRIM k MAXLEN 5 *", kSyntax},
    {"XTRIM k MAXLEN 5 MAXLEN", kSyntax},
    {"XTRIM k MAXLEN 5 LIMIT", kSyntax},
    {"XTRIM k MAXLEN 5 MINID 5", kBothStrategies},
    {"XTRIM k LIMIT 0", kNoStrategy},
    {"XTRIM k LIMIT 5", kLoneLimit},
    {"XTRIM k LIMIT x", kNoInteger},
    {"XTRIM k LIMIT -5", kNegativeLimit},
    {"XTRIM k MAXLEN 5 LIMIT 5", kExactLimit},
    {"XTRIM k LIMIT 5 MAXLEN = 5", kExactLimit},
    {"XTRIM k MAXLEN 5 LIMIT 0", kExactLimit},
    {"XTRIM k MAXLEN ~ 5 LIMIT x", kNoInteger},
    // XRANGE and XREVRANGE: the start is looked at first, wherever it stands.
    {"XRANGE k x +", kBadId},
    {"XRANGE k - x", kBadId},
    {"XRANGE k ( +", kBadId},
    {"XRANGE k (- +", kBadId},
    {"XRANGE k - (+", kBadId},
    {"XRANGE k ((5 +", kBadId},
    {"XRANGE k 5-* +", kBadId},
    {"XRANGE k $ +", kBadId},
    {"XRANGE k 18446744073709551616 +", kBadId},
    {"XRANGE k (18446744073709551615-18446744073709551615 +", kNoStart},
    {"XRANGE k (18446744073709551615-18446744073709551615 x", kNoStart},
    {"XRANGE k x (0-0", kBadId},
    {"XRANGE k - (0-0", kNoEnd},
    {"XRANGE k - (0-0 COUNT x", kNoEnd},
    {"XREVRANGE k (0-0 (18446744073709551615-18446744073709551615", kNoStart},
    {"XREVRANGE k (0-0 -", kNoEnd},
    {"XREVRANGE k x -", kBadId},
    {"XREVRANGE k + x", kBadId},
    {"XRANGE k - + COUNT", kSyntax},
    {"XRANGE k - + FOO 5", kSyntax},
    {"XRANGE k - + 5", kSyntax},
    {"XRANGE k - + COUNT 5 COUNT", kSyntax},
    {"XRANGE k - + COUNT 5 6", kSyntax},
    {"XRANGE k - + COUNT x", kNoInteger},
    {"XRANGE k - + COUNT x FOO", kNoInteger},
    {"XRANGE k - + COUNT 1.5", kNoInteger},
    {"XREVRANGE k + - COUNT 9223372036854775808", kNoInteger},
    {"XRANGE k x + FOO", kBadId},
    // XREAD.
    {"XREAD k 0 STREAMS", kSyntax},
    {"XREAD COUNT 5 STREAMS", kSyntax},
    {"XREAD COUNT 5 BLOCK", kSyntax},
    {"XREAD COUNT 5 COUNT 5", kSyntax},
    {"XREAD COUNT STREAMS k 0", kNoInteger},
    {"XREAD COUNT x STREAMS k 0", kNoInteger},
    {"XREAD COUNT 1 FOO STREAMS k 0", kSyntax},
    {"XREAD MAXCOUNT 0 STREAMS k 0", "ERR MAXCOUNT must be a positive integer"},
    {"XREAD MAXCOUNT x STREAMS k 0", "ERR MAXCOUNT must be a positive integer"},
    {"XREAD MAXSIZE -1 STREAMS k 0", "ERR MAXSIZE must be a positive integer"},
    {"XREAD MAXCOUNT 2 COUNT 3 STREAMS k 0", "ERR MAXCOUNT must be greater than or equal to COUNT"},
    {"XREAD MAXCOUNT 2 COUNT 3 STREAMS k 0 0",
     "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."},
    {"XREAD MAXSIZE STREAMS k 0", "ERR MAXSIZE must be a positive integer"},
    {"XREAD BLOCK x STREAMS k 0", kBadTimeout},
    {"XREAD BLOCK 1.5 STREAMS k 0", kBadTimeout},
    {"XREAD BLOCK 9223372036854775808 STREAMS k 0", kBadTimeout},
    {"XREAD BLOCK -1 STREAMS k 0", kNegativeTimeout},
    {"XREAD BLOCK -1 COUNT x STREAMS k 0", kNegativeTimeout},
    {"XREAD COUNT x BLOCK -1 STREAMS k 0", kNoInteger},
    {"XREAD GROUP g c STREAMS k 0", kNoGroupOption},
    {"XREAD COUNT 5 GROUP g", kSyntax},
    {"XREAD COUNT 5 GROUP g c", kNoGroupOption},
    {"XREAD NOACK STREAMS k 0", kNoNoackOption},
    {"XREAD COUNT 5 NOACK", kNoNoackOption},
    {"XREAD STREAMS k >", kNewWithoutGroup},
    {"XREAD STREAMS k -", kBadId},
    {"XREAD STREAMS k x", kBadId},
    {"XREAD STREAMS k 5-*", kBadId},
    {"XREAD STREAMS k (5", kBadId},
    {"XREAD STREAMS k $$", kBadId},
    {"XREAD STREAMS a b x >", kBadId},
    {"XREAD STREAMS a b > x", kNewWithoutGroup},
    {"XREAD STREAMS a b 0 >", kNewWithoutGroup},
    {"XREAD STREAMS k 0 COUNT 5", kBadId},
    // XDEL, of a key that exists.
    {"XDEL k x", kBadId},
    {"XDEL k 5 x", kBadId},
    {"XDEL k -", kBadId},
    {"XDEL k +", kBadId},
    {"XDEL k *", kBadId},
    {"XDEL k 5-*", kBadId},
    // XSETID.
    {"XSETID k x", kBadId},
    {"XSETID k x ENTRIESADDED y", kBadId},
    {"XSETID k -", kBadId},
    {"XSETID k +", kBadId},
    {"XSETID k $", kBadId},
    {"XSETID k 5 5", kSyntax},
    {"XSETID k 5 ENTRIESADDED", kSyntax},
    {"XSETID k 5 MAXDELETEDID", kSyntax},
    {"XSETID k 5 FOO 5", kSyntax},
    {"XSETID k 5 ENTRIESADDED x", kNoInteger},
    {"XSETID k 5 ENTRIESADDED -1", kNegativeAdded},
    {"XSETID k 5 ENTRIESADDED -1 MAXDELETEDID x", kNegativeAdded},
    {"XSETID k 5 MAXDELETEDID x", kBadId},
    {"XSETID k 5 MAXDELETEDID -", kBadId},
    {"XSETID k 5 MAXDELETEDID 5-1", kBelowMaxDeleted},
    {"XSETID k 5 MAXDELETEDID 6 ENTRIESADDED -1", kBelowMaxDeleted},
    {"XSETID k 5 ENTRIESADDED 5 MAXDELETEDID 5 FOO", kSyntax},
};

}  // namespace

TEST_CASE("a malformed stream command gets the error that Redis finds first") {
  for (const Malformed& each : kMalformed) {
    CAPTURE(std::string(each.line));
    CHECK(error_of(each.line) == std::string(each.error));
  }
}

TEST_CASE("XREAD with more keys than IDs is told so in the words of Redis 8") {
  const std::string unbalanced =
      "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.";
  CHECK(error_of("XREAD STREAMS a b 0") == unbalanced);
  CHECK(error_of("XREAD STREAMS a b >") == unbalanced);
  CHECK(error_of("XREAD COUNT 5 STREAMS a") == unbalanced);
  CHECK(error_of("XREAD COUNT x STREAMS a") == kNoInteger);
}

TEST_CASE("an empty argument is neither an ID, nor a number, nor an option") {
  const auto add_with = [](std::string_view id) {
    const std::vector<std::string_view> words{"XADD", "k", id, "a", "b"};
    return error_of(parse_add(words));
  };
  CHECK(add_with("") == kBadId);
  CHECK(add_with(std::string_view("*\0", 2)) == kBadId);
  const std::vector<std::string_view> trim_words{"XTRIM", "k", "MAXLEN", ""};
  CHECK(error_of(parse_trim(trim_words)) == kNoInteger);
  const std::vector<std::string_view> read_words{"XREAD", "", "STREAMS", "k", "0"};
  CHECK(error_of(parse_read(read_words)) == kSyntax);
  const std::vector<std::string_view> range_words{"XRANGE", "k", "", "+"};
  CHECK(error_of(parse_range(range_words, RangeOrder::forward)) == kBadId);
}

}  // namespace respublica
