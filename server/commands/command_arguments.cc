#include "server/commands/command_arguments.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace respublica {
namespace {

/// Recursive descent over one line of the notation.
class ArgumentParser {
 public:
  explicit ArgumentParser(std::string_view line) : rest_(line) {}

  /// Arguments separated by `separator`, until the end or a closing bracket.
  std::vector<CommandArgument> list(char separator) {
    std::vector<CommandArgument> arguments;
    if (rest_.empty()) return arguments;
    do {
      arguments.push_back(argument());
    } while (take(separator));
    return arguments;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char expected) {
    [[maybe_unused]] const bool taken = take(expected);
    assert(taken);
  }

  std::string_view word() {
    if (take('"')) {
      const std::string_view quoted = rest_.substr(0, rest_.find('"'));
      rest_.remove_prefix(quoted.size());
      expect('"');
      return quoted;
    }
    const std::string_view text = rest_.substr(0, rest_.find_first_of(" =:()[]|*+"));
    assert(!text.empty());
    rest_.remove_prefix(text.size());
    return text;
  }

  CommandArgument argument() {
    if (take('[')) {
      CommandArgument inner = argument();
      inner.optional = true;
      expect(']');
      return inner;
    }
    std::string_view name = word();
    CommandArgument parsed;
    if (take('=')) {
      parsed.token = name;
      name = word();
    }
    parsed.name = name;
    if (take('(')) {
      parse_parts(parsed);
    } else if (take(':')) {
      parsed.type = word();
    } else if (is_token(name)) {
      parsed.type = "pure-token";
      parsed.token = name;
      parsed.name = lower_case(name);
    }
    parsed.multiple_token = take('+');
    parsed.multiple = parsed.multiple_token || take('*');
    return parsed;
  }

  void parse_parts(CommandArgument& parsed) {
    const std::string_view before = rest_;
    parsed.parts = list('|');
    parsed.type = parsed.parts.size() > 1 ? "oneof" : "block";
    if (!rest_.starts_with(')')) {
      rest_ = before;
      parsed.parts = list(' ');
      parsed.type = "block";
    }
    expect(')');
  }

  static bool is_token(std::string_view name) {
    return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  }

  static std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
  }

  std::string_view rest_;
};

struct Syntax {
  std::string_view command;
  std::string_view line;
};

constexpr Syntax kSyntaxes[] = {
    {"acl|cat", "[categoryname]"},
    {"acl|dryrun", "username command [arg*]"},
    {"acl|genpass", "[bits:integer]"},
    {"acl|getuser", "username"},
    {"acl|log", "[operation(count:integer|RESET)]"},
    {"auth", "[username] password"},
    {"client|caching", "mode(YES|NO)"},
    {"client|kill",
     "filter(old-format|new-format([ID=client-id:integer] [TYPE=type(NORMAL|MASTER|REPLICA|PUBSUB)] [USER=username] "
     "[ADDR=address] [LADDR=address] [SKIPME=skipme(YES|NO)] [MAXAGE=maxage:integer]))"},
    {"client|list", "[TYPE=type(NORMAL|MASTER|REPLICA|PUBSUB)] [ID=client-id:integer*]"},
    {"client|no-evict", "enabled(ON|OFF)"},
    {"client|no-touch", "enabled(ON|OFF)"},
    {"client|pause", "timeout:integer [mode(WRITE|ALL)]"},
    {"client|reply", "on_off_skip(ON|OFF|SKIP)"},
    {"client|setinfo", "attr(LIB-NAME=libname|LIB-VER=libver)"},
    {"client|setname", "connection-name"},
    {"client|tracking",
     "status(ON|OFF) [REDIRECT=client-id:integer] [PREFIX=prefix+] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]"},
    {"client|unblock", "client-id:integer [timeout_error(TIMEOUT|ERROR)]"},
    {"command|docs", "[command-name*]"},
    {"command|getkeys", "command [arg*]"},
    {"command|getkeysandflags", "command [arg*]"},
    {"command|info", "[command-name*]"},
    {"command|list", "[FILTERBY=filterby(MODULE=module-name|ACLCAT=category|PATTERN=pattern:pattern)]"},
    {"config|get", "parameter(parameter)*"},
    {"config|set", "parameter_value(parameter value)*"},
    {"del", "key:key*"},
    {"dlq|cancel", "task-id:integer"},
    {"dlq|discard",
     "[dlq(dlqchannel|FROM=dlqchannel)] [CHANNEL=channel] [GROUP=group] [REASON=reason] [ID=id*] [ORIGIN=origin*] "
     "[ALL] "
     "[COUNT=count:integer] [RATE=rate:integer] [DRYRUN]"},
    {"dlq|list",
     "[dlq(dlqchannel|FROM=dlqchannel)] [CHANNEL=channel] [GROUP=group] [REASON=reason] [ID=id*] [ORIGIN=origin*] "
     "[COUNT=count:integer] "
     "[AFTER=after]"},
    {"dlq|move", "channel:key group id* [REASON=text]"},
    {"dlq|redrive",
     "[dlq(dlqchannel|FROM=dlqchannel)] [CHANNEL=channel] [GROUP=group] [REASON=reason] [ID=id*] [ORIGIN=origin*] "
     "[ALL] [TO=destination] "
     "[COUNT=count:integer] [RATE=rate:integer] [DRYRUN]"},
    {"dlq|stats", "[CHANNEL=dlqchannel]"},
    {"durable|rule", "channel"},
    {"echo", "message"},
    {"exists", "key:key*"},
    {"expire", "key:key seconds:integer [condition(NX|XX|GT|LT)]"},
    {"expireat", "key:key unix-time-seconds:unix-time [condition(NX|XX|GT|LT)]"},
    {"expiretime", "key:key"},
    {"flushall", "[async(ASYNC|SYNC)]"},
    {"flushdb", "[async(ASYNC|SYNC)]"},
    {"function|flush", "[async(ASYNC|SYNC)]"},
    {"hello", "[arguments(protover:integer [AUTH=auth(username password)] [SETNAME=clientname])]"},
    {"info", "[section*]"},
    {"keys", "pattern:pattern"},
    {"latency|graph", "event"},
    {"latency|histogram", "[command*]"},
    {"latency|history", "event"},
    {"latency|reset", "[event*]"},
    {"lolwut", "[VERSION=version:integer]"},
    {"memory|usage", "key:key [SAMPLES=count:integer]"},
    {"object|encoding", "key:key"},
    {"object|freq", "key:key"},
    {"object|idletime", "key:key"},
    {"object|refcount", "key:key"},
    {"persist", "key:key"},
    {"pexpire", "key:key milliseconds:integer [condition(NX|XX|GT|LT)]"},
    {"pexpireat", "key:key unix-time-milliseconds:unix-time [condition(NX|XX|GT|LT)]"},
    {"pexpiretime", "key:key"},
    {"ping", "[message]"},
    {"psubscribe", "pattern(pattern:pattern)*"},
    {"pttl", "key:key"},
    {"publish", "channel message"},
    {"pubsub|channels", "[pattern:pattern]"},
    {"pubsub|numsub", "[channel*]"},
    {"pubsub|shardchannels", "[pattern:pattern]"},
    {"pubsub|shardnumsub", "[shardchannel*]"},
    {"punsubscribe", "[pattern:pattern*]"},
    {"scan", "cursor:integer [MATCH=pattern:pattern] [COUNT=count:integer] [TYPE=type]"},
    {"script|flush", "[async(ASYNC|SYNC)]"},
    {"select", "index:integer"},
    {"shutdown", "[nosave_save(NOSAVE|SAVE)] [NOW] [FORCE] [ABORT]"},
    {"slowlog|get", "[count:integer]"},
    {"spublish", "shardchannel message"},
    {"ssubscribe", "shardchannel*"},
    {"subscribe", "channel*"},
    {"sunsubscribe", "[shardchannel*]"},
    {"touch", "key:key*"},
    {"ttl", "key:key"},
    {"type", "key:key"},
    {"unlink", "key:key*"},
    {"unsubscribe", "[channel*]"},
    {"wait", "numreplicas:integer timeout:integer"},
    {"waitaof", "numlocal:integer numreplicas:integer timeout:integer"},
    {"watch", "key:key*"},
    {"xack", "key:key group id*"},
    {"xackdel", "key:key group [condition(KEEPREF|DELREF|ACKED)] IDS=ids(numids:integer id*)"},
    {"xadd",
     "key:key [NOMKSTREAM] [condition(KEEPREF|DELREF|ACKED)] [idmp(IDMPAUTO=pid|IDMP=named(pid iid))] "
     "[trim(strategy(MAXLEN|MINID) "
     "[operator(\"=\"=equal:pure-token|~=approximately:pure-token)] "
     "threshold [LIMIT=count:integer])] id_or_auto(\"*\"=auto_id:pure-token|id) field_value(field value)*"},
    {"xautoclaim", "key:key group consumer min-idle-time start [COUNT=count:integer] [JUSTID]"},
    {"xcfgset", "key:key [IDMP-DURATION=idmp-duration:integer] [IDMP-MAXSIZE=idmp-maxsize:integer]"},
    {"xclaim",
     "key:key group consumer min-idle-time id* [IDLE=ms:integer] [TIME=unix-time-milliseconds:unix-time] "
     "[RETRYCOUNT=count:integer] [FORCE] [JUSTID] [LASTID=id]"},
    {"xdel", "key:key id*"},
    {"xdelex", "key:key [condition(KEEPREF|DELREF|ACKED)] IDS=ids(numids:integer id*)"},
    {"xgroup|create", "key:key groupname id(id|$=new_id:pure-token) [MKSTREAM] [ENTRIESREAD=entries_read:integer]"},
    {"xgroup|createconsumer", "key:key groupname consumername"},
    {"xgroup|delconsumer", "key:key groupname consumername"},
    {"xgroup|destroy", "key:key groupname"},
    {"xgroup|setid", "key:key groupname id(id|$=new_id:pure-token) [ENTRIESREAD=entries_read:integer]"},
    {"xinfo|consumers", "key:key groupname"},
    {"xinfo|groups", "key:key"},
    {"xinfo|stream", "key:key [FULL=full([COUNT=count:integer])]"},
    {"xlen", "key:key"},
    {"xnack",
     "key:key group mode(SILENT|FAIL|FATAL) IDS=ids(numids:integer id*) [RETRYCOUNT=count:integer] [FORCE] "
     "[REASON=text] [DELAY=ms:integer]"},
    {"xpending", "key:key group [filters([IDLE=min-idle-time:integer] start end count:integer [consumer])]"},
    {"xrange", "key:key start end [COUNT=count:integer]"},
    {"xread",
     "[COUNT=count:integer] [MAXCOUNT=maxcount:integer] [MAXSIZE=maxsize:integer] [BLOCK=milliseconds:integer] "
     "STREAMS=streams(key:key* id*)"},
    {"xreadgroup",
     "GROUP=group_consumer(group consumer) [COUNT=count:integer] [MAXCOUNT=maxcount:integer] "
     "[MAXSIZE=maxsize:integer] [BLOCK=milliseconds:integer] [CLAIM=min-idle-time:integer] [NOACK] "
     "STREAMS=streams(key:key* id*)"},
    {"xrevrange", "key:key end start [COUNT=count:integer]"},
    {"xsetid", "key:key last-id [ENTRIESADDED=entries_added:integer] [MAXDELETEDID=max_deleted_entry_id]"},
    {"xtrim",
     "key:key trim(strategy(MAXLEN|MINID) [operator(\"=\"=equal:pure-token|~=approximately:pure-token)] threshold "
     "[LIMIT=count:integer] [condition(KEEPREF|DELREF|ACKED)])"},
};

}  // namespace

std::vector<CommandArgument> parse_arguments(std::string_view line) {
  ArgumentParser parser(line);
  std::vector<CommandArgument> arguments = parser.list(' ');
  assert(parser.at_end());
  return arguments;
}

std::string_view command_syntax(std::string_view name) {
  for (const Syntax& syntax : kSyntaxes) {
    if (syntax.command == name) return syntax.line;
  }
  return {};
}

std::vector<std::string_view> commands_with_syntax() {
  std::vector<std::string_view> names;
  for (const Syntax& syntax : kSyntaxes) names.push_back(syntax.command);
  return names;
}

}  // namespace respublica
