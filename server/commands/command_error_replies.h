#pragma once
// Error sentences of single commands, word for word as Redis says them; the common ones are in
// protocol/error_replies.h.

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace respublica::errors {

// CLIENT TRACKING, CLIENT CACHING ------------------------------------------------------------------------------------

inline constexpr std::string_view kTrackingOneRedirect = "ERR A client can only redirect to a single other client";
inline constexpr std::string_view kTrackingRedirectUnknown = "ERR The client ID you want redirect to does not exist";
inline constexpr std::string_view kTrackingPrefixNeedsBroadcast = "ERR PREFIX option requires BCAST mode to be enabled";
inline constexpr std::string_view kTrackingBroadcastSwitch =
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a "
    "different mode.";
inline constexpr std::string_view kTrackingBroadcastWithOpt = "ERR OPTIN and OPTOUT are not compatible with BCAST";
inline constexpr std::string_view kTrackingBothOpt = "ERR You can't specify both OPTIN mode and OPTOUT mode";
inline constexpr std::string_view kTrackingOptSwitch =
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a "
    "different mode.";
inline constexpr std::string_view kCachingWithoutTracking =
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled";
inline constexpr std::string_view kCachingYesNeedsOptIn =
    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.";
inline constexpr std::string_view kCachingNoNeedsOptOut =
    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.";

/// Of two prefixes that a client gives, one begins with the other.
inline std::string tracking_prefixes_overlap(std::string_view prefix, std::string_view other) {
  return fmt::format(
      "ERR Prefix '{}' overlaps with another provided prefix '{}'. Prefixes for a single client must not overlap.",
      prefix, other);
}

// CLIENT KILL --------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kMaxAgeNotAnInteger = "ERR maxage is not an integer or out of range";
inline constexpr std::string_view kMaxAgeNotPositive = "ERR maxage should be greater than 0";

// ACL ----------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kGenpassBits =
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096";

inline std::string unknown_acl_category(std::string_view category) {
  return fmt::format("ERR Unknown category '{}'", category);
}
/// ACL DRYRUN.
inline std::string user_not_found(std::string_view user) { return fmt::format("ERR User '{}' not found", user); }
inline std::string command_not_found(std::string_view command) {
  return fmt::format("ERR Command '{}' not found", command);
}

// Keys ---------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kExpireNxWithOthers =
    "ERR NX and XX, GT or LT options at the same time are not compatible";
inline constexpr std::string_view kExpireGtWithLt = "ERR GT and LT options at the same time are not compatible";

inline std::string unsupported_option(std::string_view option) {
  return fmt::format("ERR Unsupported option {}", option);
}
inline std::string invalid_expire_time(std::string_view command) {
  return fmt::format("ERR invalid expire time in '{}' command", command);
}

// SHUTDOWN, LATENCY, SCRIPT, FUNCTION --------------------------------------------------------------------------------

inline constexpr std::string_view kNoShutdown = "ERR No shutdown in progress.";
inline constexpr std::string_view kScriptFlush = "ERR SCRIPT FLUSH only support SYNC|ASYNC option";
inline constexpr std::string_view kFunctionFlush = "ERR FUNCTION FLUSH only supports SYNC|ASYNC option";

inline std::string no_latency_samples(std::string_view event) {
  return fmt::format("ERR No samples available for event '{}'", event);
}

}  // namespace respublica::errors
