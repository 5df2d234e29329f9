#pragma once
// The error sentences of the X* commands (see error_replies.h).

#include <string>
#include <string_view>

namespace respublica::errors {

// Entry IDs, XADD, XTRIM ---------------------------------------------------------------------------------------------

inline constexpr std::string_view kInvalidStreamId = "ERR Invalid stream ID specified as stream command argument";
inline constexpr std::string_view kInvalidStartId = "ERR invalid start ID for the interval";
inline constexpr std::string_view kInvalidEndId = "ERR invalid end ID for the interval";
inline constexpr std::string_view kIdTooSmall =
    "ERR The ID specified in XADD is equal or smaller than the target stream top item";
inline constexpr std::string_view kIdZero = "ERR The ID specified in XADD must be greater than 0-0";
inline constexpr std::string_view kIdsExhausted =
    "ERR The stream has exhausted the last possible ID, unable to add more items";
inline constexpr std::string_view kEntryTooLarge = "ERR Elements are too large to be stored";
inline constexpr std::string_view kMaxLenNegative = "ERR The MAXLEN argument must be >= 0.";
inline constexpr std::string_view kLimitNegative = "ERR The LIMIT argument must be >= 0.";
inline constexpr std::string_view kLimitNeedsTilde =
    "ERR syntax error, LIMIT cannot be used without the special ~ option";
inline constexpr std::string_view kLimitNeedsStrategy =
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
inline constexpr std::string_view kXtrimNeedsStrategy =
    "ERR syntax error, XTRIM must be called with a trimming strategy";
inline constexpr std::string_view kMaxLenAndMinId =
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
inline constexpr std::string_view kIdempotentNeedsAutoId =
    "ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs";
inline constexpr std::string_view kXcfgsetNeedsParameter = "ERR At least one parameter must be specified";
inline constexpr std::string_view kIdempotentDuration = "ERR IDMP-DURATION must be between 1 and 86400 seconds";
inline constexpr std::string_view kIdempotentMaxSize = "ERR IDMP-MAXSIZE must be between 1 and 10000 entries";

// XSETID -------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kXsetidTooSmall =
    "ERR The ID specified in XSETID is smaller than the target stream top item";
inline constexpr std::string_view kXsetidBelowMaxDeleted =
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
inline constexpr std::string_view kEntriesAddedNegative = "ERR entries_added must be positive";
inline constexpr std::string_view kEntriesAddedTooSmall =
    "ERR The entries_added specified in XSETID is smaller than the target stream length";

// XREAD, XREADGROUP --------------------------------------------------------------------------------------------------

inline constexpr std::string_view kUnbalancedXread =
    "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.";
inline constexpr std::string_view kUnbalancedXreadgroup =
    "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.";
inline constexpr std::string_view kGroupOnlyInXreadgroup =
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kNoackOnlyInXreadgroup =
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kClaimOnlyInXreadgroup =
    "ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kMissingGroup = "ERR Missing GROUP option for XREADGROUP";
inline constexpr std::string_view kDollarInXreadgroup =
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.";
inline constexpr std::string_view kPlusInXreadgroup =
    "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.";
inline constexpr std::string_view kNewOnlyInXreadgroup =
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.";

// Groups -------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kBusyGroup = "BUSYGROUP Consumer Group name already exists";
inline constexpr std::string_view kXgroupNeedsKey =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
    "to create an empty stream automatically.";
inline constexpr std::string_view kEntriesRead = "ERR value for ENTRIESREAD must be positive or -1";
inline constexpr std::string_view kCountNotPositive = "ERR COUNT must be > 0";
/// What a reader blocked in XREADGROUP gets when its key or group goes away.
inline constexpr std::string_view kGroupGone = "NOGROUP the consumer group this client was blocked on no longer exists";

/// XPENDING, XCLAIM, XAUTOCLAIM, XNACK.
std::string no_such_group(std::string_view key, std::string_view group);
std::string no_such_group_in_xreadgroup(std::string_view key, std::string_view group);
/// XINFO, XGROUP.
std::string no_such_group_for_key(std::string_view key, std::string_view group);

/// `command` in upper case: XCLAIM, XAUTOCLAIM or XREADGROUP.
std::string invalid_min_idle_time(std::string_view command);
/// A bad value of XCLAIM's IDLE, TIME or RETRYCOUNT.
std::string invalid_xclaim_value(std::string_view option);
std::string unrecognized_xclaim_option(std::string_view option);

// XACKDEL, XDELEX, XNACK ---------------------------------------------------------------------------------------------

inline constexpr std::string_view kNumidsNotPositive = "ERR Number of IDs must be a positive integer";
inline constexpr std::string_view kNumidsMismatch = "ERR The `numids` parameter must match the number of arguments";
inline constexpr std::string_view kIdsRequired = "ERR IDS option is required";
inline constexpr std::string_view kXnackMode = "ERR mode must be SILENT, FAIL, or FATAL";
inline constexpr std::string_view kXnackNumidsNotPositive = "ERR numids must be a positive integer";
inline constexpr std::string_view kXnackNumidsMismatch = "ERR number of IDs doesn't match numids";
inline constexpr std::string_view kXnackRetryCount = "ERR Invalid RETRYCOUNT value, must be >= 0";
inline constexpr std::string_view kXnackNeedsIds = "ERR syntax error, expected IDS keyword";
std::string unrecognized_xnack_option(std::string_view option);

// Promises of the log ------------------------------------------------------------------------------------------------

/// Writing is refused for `reason` ("No space left on device"); it is accepted again when the reason goes away.
std::string log_unavailable(std::string_view reason);

}  // namespace respublica::errors
