#pragma once
// Every error sentence that a client can see, word for word as Redis says it where Redis has one: clients compare them.
// Without the "-" and CRLF of the wire; each begins with its code ("ERR ", "NOAUTH "...).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace respublica::errors {

// Commands and their arguments ---------------------------------------------------------------------------------------

inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kNotAnInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kDatabaseOutOfRange = "ERR DB index is out of range";
inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";
inline constexpr std::string_view kTimeoutNotAnInteger = "ERR timeout is not an integer or out of range";
inline constexpr std::string_view kTimeoutNegative = "ERR timeout is negative";
inline constexpr std::string_view kNotPositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kNotZeroOrOne = "ERR value is out of range, value must between 0 and 1";
inline constexpr std::string_view kWaitWithoutLog =
    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
inline constexpr std::string_view kClusterDisabled = "ERR This instance has cluster support disabled";
inline constexpr std::string_view kInvalidCommand = "ERR Invalid command specified";
inline constexpr std::string_view kInvalidCommandArity = "ERR Invalid number of arguments specified for command";
inline constexpr std::string_view kCommandWithoutKeys = "ERR The command has no key arguments";
/// COMMAND GETKEYS: the command has keys, the call has none.
inline constexpr std::string_view kInvalidCommandArguments = "ERR Invalid arguments specified for command";
/// OBJECT FREQ.
inline constexpr std::string_view kFrequencyNotTracked =
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
    "between "
    "policies at runtime LRU and LFU data will take some time to adjust.";

/// `arguments` is the whole request. Name and arguments are cut where Redis cuts them (128 bytes, and at a NUL).
std::string unknown_command(const std::vector<std::string_view>& arguments);

/// `container` in any case ("client"), `subcommand` as the client wrote it.
std::string unknown_subcommand(std::string_view container, std::string_view subcommand);

/// What PUBSUB and others say of a known subcommand with too many arguments.
std::string unknown_subcommand_or_arity(std::string_view container, std::string_view subcommand);

/// `name` is the command's full name in lower case: "publish", "client|setname".
std::string wrong_number_of_arguments(std::string_view name);

/// A number that must lie within [lowest, highest].
std::string out_of_range(std::int64_t lowest, std::int64_t highest);

/// "ERR " + sentence, for sentences that others make without a code (the request parser's, say).
std::string with_code(std::string_view sentence);

// Connection and authentication --------------------------------------------------------------------------------------

inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kHelloNoAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
    "option can be used to authenticate the client and select the RESP protocol version at the same time";
inline constexpr std::string_view kWrongPass = "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kAuthWithoutPassword =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration "
    "is correct?";
inline constexpr std::string_view kNoProto = "NOPROTO unsupported protocol version";
inline constexpr std::string_view kProtocolVersionNotAnInteger =
    "ERR Protocol version is not an integer or out of range";
inline constexpr std::string_view kMaxClients = "ERR max number of clients reached";
inline constexpr std::string_view kProtectedMode =
    "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. If you want to connect "
    "from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode "
    "sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the "
    "same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. "
    "Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by "
    "editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the "
    "server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' "
    "option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above "
    "things in order for the server to start accepting connections from the outside.";

/// HELLO with an option that is not AUTH or SETNAME, or without its values.
std::string hello_syntax(std::string_view option);

// CLIENT -------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";
inline constexpr std::string_view kNoSuchClient = "ERR No such client";
inline constexpr std::string_view kInvalidClientId = "ERR Invalid client ID";
inline constexpr std::string_view kClientIdNotPositive = "ERR client-id should be greater than 0";
inline constexpr std::string_view kPauseMode = "ERR CLIENT PAUSE mode must be WRITE or ALL";
inline constexpr std::string_view kUnblockReason = "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR";
/// What a blocked client gets from CLIENT UNBLOCK <id> ERROR.
inline constexpr std::string_view kUnblocked = "UNBLOCKED client unblocked via CLIENT UNBLOCK";

std::string unknown_client_type(std::string_view type);
std::string no_such_user(std::string_view user);
/// CLIENT SETINFO: `attribute` is "lib-name" or "lib-ver".
std::string client_attribute(std::string_view attribute);
/// CLIENT SETINFO with another attribute.
std::string unrecognized_option(std::string_view option);

// CLIENT KILL, CLIENT TRACKING, CLIENT CACHING -----------------------------------------------------------------------

inline constexpr std::string_view kMaxAgeNotAnInteger = "ERR maxage is not an integer or out of range";
inline constexpr std::string_view kMaxAgeNotPositive = "ERR maxage should be greater than 0";
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
std::string tracking_prefixes_overlap(std::string_view prefix, std::string_view other);

// Keys ---------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kExpireNxWithOthers =
    "ERR NX and XX, GT or LT options at the same time are not compatible";
inline constexpr std::string_view kExpireGtWithLt = "ERR GT and LT options at the same time are not compatible";

std::string unsupported_option(std::string_view option);
std::string invalid_expire_time(std::string_view command);

// Streams ------------------------------------------------------------------------------------------------------------

inline constexpr std::string_view kInvalidStreamId = "ERR Invalid stream ID specified as stream command argument";
inline constexpr std::string_view kTrimStrategyTwice =
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
inline constexpr std::string_view kTrimStrategyMissing =
    "ERR syntax error, XTRIM must be called with a trimming strategy";
inline constexpr std::string_view kTrimMaxlenNegative = "ERR The MAXLEN argument must be >= 0.";
inline constexpr std::string_view kTrimLimitNegative = "ERR The LIMIT argument must be >= 0.";
/// LIMIT without MAXLEN and MINID.
inline constexpr std::string_view kTrimLimitAlone =
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
inline constexpr std::string_view kTrimLimitExact =
    "ERR syntax error, LIMIT cannot be used without the special ~ option";
inline constexpr std::string_view kAddIdTooSmall =
    "ERR The ID specified in XADD is equal or smaller than the target stream top item";
inline constexpr std::string_view kAddIdsExhausted =
    "ERR The stream has exhausted the last possible ID, unable to add more items";
inline constexpr std::string_view kSetIdTooSmall =
    "ERR The ID specified in XSETID is smaller than the target stream top item";
inline constexpr std::string_view kSetIdEntriesAddedTooSmall =
    "ERR The entries_added specified in XSETID is smaller than the target stream length";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
/// XADD with IDMP or IDMPAUTO and an ID that is not `*`.
inline constexpr std::string_view kIdempotentExactId =
    "ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs";
inline constexpr std::string_view kIdempotentTwice = "ERR syntax error, IDMP/IDMPAUTO specified multiple times";
inline constexpr std::string_view kProducerEmpty = "ERR syntax error, IDMP requires a non-empty producer ID";
inline constexpr std::string_view kIdempotentIdEmpty = "ERR syntax error, IDMP requires a non-empty idempotent ID";
inline constexpr std::string_view kAutoProducerEmpty = "ERR syntax error, IDMPAUTO requires a non-empty producer ID";
/// XCFGSET.
inline constexpr std::string_view kStreamSettingsMissing = "ERR At least one parameter must be specified";
inline constexpr std::string_view kIdempotenceDuration = "ERR IDMP-DURATION must be between 1 and 86400 seconds";
inline constexpr std::string_view kIdempotenceMaxsize = "ERR IDMP-MAXSIZE must be between 1 and 10000 entries";
inline constexpr std::string_view kIdempotenceDurationTwice = "ERR IDMP-DURATION specified multiple times";
inline constexpr std::string_view kIdempotenceMaxsizeTwice = "ERR IDMP-MAXSIZE specified multiple times";
inline constexpr std::string_view kAddIdZero = "ERR The ID specified in XADD must be greater than 0-0";
/// An exclusive bound behind which there is no ID.
inline constexpr std::string_view kRangeStartInvalid = "ERR invalid start ID for the interval";
inline constexpr std::string_view kRangeEndInvalid = "ERR invalid end ID for the interval";
inline constexpr std::string_view kReadUnbalanced =
    "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.";
inline constexpr std::string_view kReadNewWithoutGroup =
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.";
inline constexpr std::string_view kReadGroup =
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kReadNoack =
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kEntriesAddedNegative = "ERR entries_added must be positive";
inline constexpr std::string_view kSetIdBelowMaxDeleted =
    "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id";
inline constexpr std::string_view kSetIdBelowGivenMaxDeleted =
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
/// XDEL, XTRIM, DEL and their like, where the channel's rule says `append-only yes`.
inline constexpr std::string_view kAppendOnly = "ERR the channel is append-only: its entries stay";
/// What is to be written at once is more than a frame of the log takes.
inline constexpr std::string_view kWriteTooLarge = "ERR the write is larger than the log takes at once";
/// A command that changes a key whose name begins with `$`; PUBLISH to one that has a meaning.
inline constexpr std::string_view kBrokerName = "ERR names that begin with '$' belong to the broker";
/// XADD with an ID of an entry that waits for its time.
inline constexpr std::string_view kDelayedTrim =
    "ERR an entry that is delivered later cannot trim its channel: leave MAXLEN and MINID out, or use XTRIM";
inline constexpr std::string_view kDelayedId = "ERR an entry that is delivered later gets its ID then: add it with '*'";
/// XADD with a reserved field of the channel's rule that makes no sense; `reason` says which.
std::string reserved_field(std::string_view reason);
/// XINFO STREAM of `$all` or `$ce:<category>`.
inline constexpr std::string_view kVirtualChannelInfo =
    "ERR a virtual channel is no stream: XLEN, XRANGE, XREVRANGE, XREAD and XREADGROUP read it";
/// XREADGROUP of a virtual channel and another one; and of one in a transaction.
inline constexpr std::string_view kVirtualChannelAlone =
    "ERR a virtual channel is the only one that an XREADGROUP reads: name no other beside it";
inline constexpr std::string_view kVirtualChannelInExec =
    "ERR new entries of a virtual channel cannot be read in a transaction";
/// DLQ REDRIVE ... TO the channel of the dead letters.
inline constexpr std::string_view kRedriveToItself = "ERR dead letters cannot be sent to the channel that they are in";
inline constexpr std::string_view kRateNotPositive = "ERR RATE must be > 0";
inline constexpr std::string_view kDiscardNeedsFilter =
    "ERR DLQ DISCARD needs CHANNEL, GROUP, REASON, ID or ORIGIN, or ALL for all dead letters";
/// DLQ MOVE of what is a dead letter already.
inline constexpr std::string_view kLettersStayDead = "ERR dead letters do not die again";
inline constexpr std::string_view kTooManyLetterTasks = "ERR too many redrives and discards are running, see DLQ TASKS";
/// SUBSCRIBE to `$since:...`.
std::string malformed_since(std::string_view name);
std::string since_not_durable(std::string_view channel);
/// Redis's sentence for an append-only file that cannot be written.
std::string log_not_writable(std::string_view reason);
std::string log_not_readable(std::string_view reason);

// Consumer groups ----------------------------------------------------------------------------------------------------

inline constexpr std::string_view kGroupExists = "BUSYGROUP Consumer Group name already exists";
/// XGROUP.
inline constexpr std::string_view kGroupNeedsStream =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
    "to create an empty stream automatically.";
inline constexpr std::string_view kEntriesReadNegative = "ERR value for ENTRIESREAD must be positive or -1";
inline constexpr std::string_view kReadGroupMissing = "ERR Missing GROUP option for XREADGROUP";
inline constexpr std::string_view kReadGroupUnbalanced =
    "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.";
inline constexpr std::string_view kReadGroupNewEntries =
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.";
inline constexpr std::string_view kReadGroupLastEntry =
    "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.";
inline constexpr std::string_view kClaimIdleNotAnInteger = "ERR min-idle-time is not an integer";
inline constexpr std::string_view kClaimIdleNegative = "ERR min-idle-time must be a positive integer";
inline constexpr std::string_view kMaxcountNotPositive = "ERR MAXCOUNT must be a positive integer";
inline constexpr std::string_view kMaxcountBelowCount = "ERR MAXCOUNT must be greater than or equal to COUNT";
inline constexpr std::string_view kMaxsizeNotPositive = "ERR MAXSIZE must be a positive integer";
inline constexpr std::string_view kAutoclaimCountNotPositive = "ERR COUNT must be > 0";
/// XACKDEL and XDELEX; XNACK has its own.
inline constexpr std::string_view kIdsMissing = "ERR IDS option is required";
inline constexpr std::string_view kIdsNotPositive = "ERR Number of IDs must be a positive integer";
inline constexpr std::string_view kIdsUnmatched = "ERR The `numids` parameter must match the number of arguments";
inline constexpr std::string_view kReleaseMode = "ERR mode must be SILENT, FAIL, or FATAL";
inline constexpr std::string_view kReleaseIdsMissing = "ERR syntax error, expected IDS keyword";
inline constexpr std::string_view kReleaseIdsNotPositive = "ERR numids must be a positive integer";
inline constexpr std::string_view kReleaseIdsUnmatched = "ERR number of IDs doesn't match numids";
inline constexpr std::string_view kReleaseRetrycountNegative = "ERR Invalid RETRYCOUNT value, must be >= 0";
/// XNACK with DELAY, which Redis has not.
inline constexpr std::string_view kReleaseDelayNegative = "ERR Invalid DELAY value, must be >= 0";

/// XREADGROUP.
std::string no_such_group_to_read(std::string_view key, std::string_view group);
/// XPENDING, XCLAIM, XAUTOCLAIM, XNACK.
std::string no_such_key_or_group(std::string_view key, std::string_view group);
/// XGROUP and XINFO of a stream that is there.
std::string no_such_group_of_key(std::string_view key, std::string_view group);
/// A number of XCLAIM or XAUTOCLAIM (`command`, in upper case) that is none: "IDLE option", "min-idle-time".
std::string invalid_claim_argument(std::string_view command, std::string_view argument);
/// `command` in upper case.
std::string unrecognized_command_option(std::string_view command, std::string_view option);

// Subscribed mode, transactions --------------------------------------------------------------------------------------

inline constexpr std::string_view kNestedMulti = "ERR MULTI calls can not be nested";
inline constexpr std::string_view kWatchInsideMulti = "ERR WATCH inside MULTI is not allowed";
inline constexpr std::string_view kExecWithoutMulti = "ERR EXEC without MULTI";
inline constexpr std::string_view kDiscardWithoutMulti = "ERR DISCARD without MULTI";
inline constexpr std::string_view kExecAborted = "EXECABORT Transaction discarded because of previous errors.";
inline constexpr std::string_view kNotAllowedInTransaction = "ERR Command not allowed inside a transaction";
inline constexpr std::string_view kSsubscribeInTransaction = "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client";
inline constexpr std::string_view kMonitorInTransaction = "ERR MONITOR isn't allowed for DENY BLOCKING client";

/// `name` is the command's full name in lower case.
std::string not_allowed_while_subscribed(std::string_view name);

/// EXEC itself is refused for the reason `error` (a whole error sentence).
std::string exec_aborted_because(std::string_view error);

// CONFIG, SLOWLOG, SHUTDOWN, LATENCY, SCRIPT, ACL --------------------------------------------------------------------

inline constexpr std::string_view kNoConfigFile = "ERR The server is running without a config file";
inline constexpr std::string_view kSlowLogCount = "ERR count should be greater than or equal to -1";
inline constexpr std::string_view kNoShutdown = "ERR No shutdown in progress.";
inline constexpr std::string_view kScriptFlush = "ERR SCRIPT FLUSH only support SYNC|ASYNC option";
inline constexpr std::string_view kFunctionFlush = "ERR FUNCTION FLUSH only supports SYNC|ASYNC option";
inline constexpr std::string_view kGenpassBits =
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096";

std::string unknown_setting(std::string_view name);
/// CONFIG SET refused `name` because of `reason` ("argument must be 'yes' or 'no'"), which may be empty.
std::string config_set_failed(std::string_view name, std::string_view reason);
/// CONFIG SET: the same setting twice.
std::string duplicate_setting(std::string_view name);
std::string no_latency_samples(std::string_view event);
std::string unknown_acl_category(std::string_view category);
/// ACL DRYRUN.
std::string user_not_found(std::string_view user);
std::string command_not_found(std::string_view command);

}  // namespace respublica::errors
