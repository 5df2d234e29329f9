// What the commands of consumer groups answer to arguments that are wrong.

#include <string>

#include "server/commands/claim_arguments.h"
#include "server/commands/group_read_arguments.h"
#include "server/commands/reference_arguments.h"
#include "tests/support/catch.h"
#include "tests/support/request_words.h"

namespace respublica {
namespace {

/// An error, and whether it stands behind a look at the stream and the group.
struct Wrong {
  std::string error;
  bool behind = false;
};

template <typename Change>
Wrong wrong(const GroupRequest<Change>& request) {
  return {request.fault, true};
}

Wrong wrong(const GroupReadRequest& request) { return wrong(request.reading); }

/// For what has no fault.
template <typename Value>
Wrong wrong(const Value&) {
  return {};
}

template <typename Value>
Wrong wrong(const Result<Value>& result) {
  return result ? wrong(result.value()) : Wrong{result.error().message, false};
}

Wrong wrong(std::string_view line) {
  const std::vector<std::string_view> words = cut(line);
  if (words[1] == "CREATE") return wrong(parse_make_group(words));
  if (words[1] == "SETID") return wrong(parse_set_group(words));
  if (words[0] == "XREADGROUP") return wrong(parse_group_read(words));
  if (words[0] == "XACK") return wrong(parse_acknowledge(words));
  if (words[0] == "XACKDEL") return wrong(parse_acknowledge_and_delete(words));
  if (words[0] == "XDELEX") return wrong(parse_delete_referenced(words));
  if (words[0] == "XCLAIM") return wrong(parse_claim(words));
  if (words[0] == "XAUTOCLAIM") return wrong(parse_claim_idle(words));
  if (words[0] == "XNACK") return wrong(parse_release(words));
  return wrong(parse_pending(words));
}

struct Malformed {
  std::string_view line;
  std::string_view error;
};

constexpr std::string_view kBadId = "ERR Invalid stream ID specified as stream command argument";
constexpr std::string_view kNoInteger = "ERR value is not an integer or out of range";
constexpr std::string_view kSyntax = "ERR syntax error";
constexpr std::string_view kCreateForm =
    "ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.";
constexpr std::string_view kSetIdForm =
    "ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP.";
constexpr std::string_view kEntriesRead = "ERR value for ENTRIESREAD must be positive or -1";
constexpr std::string_view kDollar =
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.";
constexpr std::string_view kUnbalanced =
    "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.";
constexpr std::string_view kClaimCount = "ERR COUNT must be > 0";
constexpr std::string_view kUnmatched = "ERR The `numids` parameter must match the number of arguments";

/// Said at once.
constexpr Malformed kAtOnce[] = {
    {"XGROUP CREATE s g 0 BOGUS", kCreateForm},
    {"XGROUP CREATE s g 0 ENTRIESREAD", kCreateForm},
    {"XGROUP CREATE s g x BOGUS", kCreateForm},
    {"XGROUP CREATE s g 0 ENTRIESREAD x", kNoInteger},
    {"XGROUP CREATE s g 0 ENTRIESREAD -2", kEntriesRead},
    {"XGROUP CREATE s g 0 ENTRIESREAD 1 ENTRIESREAD x", kNoInteger},
    {"XGROUP CREATE s g x MKSTREAM", kBadId},
    {"XGROUP CREATE s g 0 ENTRIESREAD 1 MKSTREAM MKSTREAM", kCreateForm},
    {"XGROUP SETID s g 0 MKSTREAM", kSetIdForm},
    {"XGROUP SETID s g 0 ENTRIESREAD", kSetIdForm},
    {"XGROUP SETID s g 0 BOGUS 1", kSetIdForm},
    {"XGROUP SETID s g 0 ENTRIESREAD -2", kEntriesRead},
    {"XREADGROUP GROUP g c STREAMS s x y", kUnbalanced},
    {"XREADGROUP COUNT 1 NOACK STREAMS s s >", kUnbalanced},
    {"XREADGROUP GROUP g c COUNT x STREAMS s >", kNoInteger},
    {"XREADGROUP GROUP g c BLOCK x STREAMS s >", "ERR timeout is not an integer or out of range"},
    {"XREADGROUP GROUP g c BLOCK -1 STREAMS s >", "ERR timeout is negative"},
    {"XREADGROUP COUNT 1 NOACK STREAMS s >", "ERR Missing GROUP option for XREADGROUP"},
    {"XREADGROUP COUNT 1 NOACK BOGUS s >", kSyntax},
    {"XREADGROUP GROUP g c COUNT 1 s >", kSyntax},
    {"XREADGROUP GROUP g STREAMS s > x", kSyntax},
    {"XREADGROUP NOACK NOACK NOACK NOACK NOACK GROUP", kSyntax},
    {"XREADGROUP NOACK NOACK NOACK NOACK NOACK STREAMS", kSyntax},
    {"XREADGROUP GROUP g c CLAIM x STREAMS s >", "ERR min-idle-time is not an integer"},
    {"XREADGROUP GROUP g c CLAIM -1 STREAMS s >", "ERR min-idle-time must be a positive integer"},
    {"XREADGROUP GROUP g c MAXCOUNT 0 STREAMS s >", "ERR MAXCOUNT must be a positive integer"},
    {"XREADGROUP GROUP g c MAXSIZE x STREAMS s >", "ERR MAXSIZE must be a positive integer"},
    {"XREADGROUP GROUP g c COUNT 3 MAXCOUNT 2 STREAMS s >", "ERR MAXCOUNT must be greater than or equal to COUNT"},
    {"XACKDEL s g IDS 0 1-1", "ERR Number of IDs must be a positive integer"},
    {"XACKDEL s g IDS 3 1-1", kUnmatched},
    {"XACKDEL s g IDS 1 1-1 1-2", kSyntax},
    {"XACKDEL s g KEEPREF DELREF 1-1", kSyntax},
    {"XACKDEL s g BOGUS IDS 1 1-1", kSyntax},
    {"XDELEX s IDS x 1-1", "ERR Number of IDs must be a positive integer"},
    {"XDELEX s IDS 2 1-1", kUnmatched},
    {"XDELEX s ACKED", "ERR IDS option is required"},
    {"XAUTOCLAIM s g c x 0", "ERR Invalid min-idle-time argument for XAUTOCLAIM"},
    {"XAUTOCLAIM s g c 0 x", kBadId},
    {"XAUTOCLAIM s g c 0 (-", kBadId},
    {"XAUTOCLAIM s g c 0 (18446744073709551615-18446744073709551615", "ERR invalid start ID for the interval"},
    {"XAUTOCLAIM s g c 0 0 COUNT", kSyntax},
    {"XAUTOCLAIM s g c 0 0 COUNT 0", kClaimCount},
    {"XAUTOCLAIM s g c 0 0 COUNT x", kClaimCount},
    {"XAUTOCLAIM s g c 0 0 COUNT 576460752303423488", kClaimCount},
    {"XAUTOCLAIM s g c 0 0 BOGUS", kSyntax},
    {"XPENDING s g x", kSyntax},
    {"XPENDING s g - +", kSyntax},
    {"XPENDING s g - + x", kNoInteger},
    {"XPENDING s g x + 1", kBadId},
    {"XPENDING s g x x x", kNoInteger},
    {"XPENDING s g - x 1", kBadId},
    {"XPENDING s g - (0-0 1", "ERR invalid end ID for the interval"},
    {"XPENDING s g IDLE x - + 1", kNoInteger},
    {"XPENDING s g IDLE - + 1", kNoInteger},
    {"XPENDING s g IDLE 5 5", kSyntax},
    {"XPENDING s g IDLE 1 - +", kSyntax},
    {"XPENDING s g IDLE 1 - + 1 c d", kSyntax},
};

/// Said where the stream and the group are there.
constexpr Malformed kBehindLook[] = {
    {"XGROUP CREATE s g x", kBadId},
    {"XGROUP CREATE s g -", kBadId},
    {"XGROUP CREATE s g >", kBadId},
    {"XGROUP CREATE s g 0 ENTRIESREAD 1 ENTRIESREAD 2", kCreateForm},
    {"XGROUP SETID s g x", kBadId},
    {"XGROUP SETID s g (", kBadId},
    {"XGROUP SETID s g 0 ENTRIESREAD 1 ENTRIESREAD 1", kSetIdForm},
    {"XREADGROUP GROUP g c STREAMS s x", kBadId},
    {"XREADGROUP GROUP g c STREAMS s $", kDollar},
    {"XACK s g 1-1 x", kBadId},
    {"XACKDEL s g IDS 2 1-1 x", kBadId},
    {"XDELEX s IDS 1 x", kBadId},
    {"XCLAIM s g c x 1-1", "ERR Invalid min-idle-time argument for XCLAIM"},
    {"XCLAIM s g c 0 x", "ERR Unrecognized XCLAIM option 'x'"},
    {"XCLAIM s g c 0 1-1 IDLE", "ERR Unrecognized XCLAIM option 'IDLE'"},
    {"XCLAIM s g c 0 1-1 IDLE x", "ERR Invalid IDLE option argument for XCLAIM"},
    {"XCLAIM s g c 0 1-1 TIME x", "ERR Invalid TIME option argument for XCLAIM"},
    {"XCLAIM s g c 0 1-1 RETRYCOUNT x", "ERR Invalid RETRYCOUNT option argument for XCLAIM"},
    {"XCLAIM s g c 0 1-1 LASTID x", kBadId},
    {"XCLAIM s g c 0 1-1 FORCE 1-2", "ERR Unrecognized XCLAIM option '1-2'"},
    {"XNACK s g BOGUS IDS 1 1-1", "ERR mode must be SILENT, FAIL, or FATAL"},
    {"XNACK s g FAIL ID 1 1-1", "ERR syntax error, expected IDS keyword"},
    {"XNACK s g FAIL IDS 0 1-1", "ERR numids must be a positive integer"},
    {"XNACK s g FAIL IDS 2 1-1", "ERR number of IDs doesn't match numids"},
    {"XNACK s g FAIL IDS 1 x", kBadId},
    {"XNACK s g FAIL IDS 1 1-1 1-2", "ERR Unrecognized XNACK option '1-2'"},
    {"XNACK s g FAIL IDS 1 1-1 RETRYCOUNT", "ERR Unrecognized XNACK option 'RETRYCOUNT'"},
    {"XNACK s g FAIL IDS 1 1-1 RETRYCOUNT -1", "ERR Invalid RETRYCOUNT value, must be >= 0"},
    {"XNACK s g FAIL IDS 1 1-1 DELAY -1", "ERR Invalid DELAY value, must be >= 0"},
};

}  // namespace

TEST_CASE("what is wrong with a request to a group is said in Redis's words") {
  for (const Malformed& each : kAtOnce) {
    INFO(each.line);
    const Wrong found = wrong(each.line);
    CHECK(found.error == each.error);
    CHECK_FALSE(found.behind);
  }
}

TEST_CASE("some of it is said only where the group is there") {
  for (const Malformed& each : kBehindLook) {
    INFO(each.line);
    const Wrong found = wrong(each.line);
    CHECK(found.error == each.error);
    CHECK(found.behind);
  }
}

TEST_CASE("what is looked for before an ID that is wrong ends with its stream") {
  const auto words = cut("XREADGROUP GROUP g c STREAMS a b c > x >");
  const Result<GroupReadRequest> request = parse_group_read(words);
  REQUIRE(request);
  CHECK(request.value().reading.fault == kBadId);
  REQUIRE(request.value().reading.change.places.size() == 2);
  CHECK(request.value().reading.change.places.back().channel == "b");
}

TEST_CASE("IDs that are wrong are counted all the same, as none that an entry has") {
  const auto words = cut("XDELEX s DELREF IDS 2 1-1 x");
  const Result<GroupRequest<DeleteReferenced>> request = parse_delete_referenced(words);
  REQUIRE(request);
  CHECK(request.value().change.ids == std::vector<StreamId>(2));
}

}  // namespace respublica
