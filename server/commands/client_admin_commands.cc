// CLIENT, what a client asks of others: https://redis.io/docs/latest/commands/client-kill/

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/client_description.h"
#include "server/command_context.h"
#include "server/commands/authentication.h"
#include "server/commands/families.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

// LIST ---------------------------------------------------------------------------------------------------------------

/// The id in a line of CLIENT LIST.
std::uint64_t id_of(std::string_view line) {
  constexpr std::string_view kPrefix = "id=";
  std::uint64_t id = 0;
  for (std::size_t i = kPrefix.size(); i < line.size() && line[i] >= '0' && line[i] <= '9'; ++i) {
    id = id * 10 + static_cast<std::uint64_t>(line[i] - '0');
  }
  return id;
}

/// Lines of several io threads, each ended by LF, by id.
std::vector<std::string_view> sorted_lines(const std::vector<std::string>& texts) {
  std::vector<std::string_view> lines;
  for (std::string_view text : texts) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n') + 1;
      lines.push_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  std::sort(lines.begin(), lines.end(), [](auto a, auto b) { return id_of(a) < id_of(b); });
  return lines;
}

std::string list_clients(IoThread& io, std::optional<ClientType> type) {
  std::string lines;
  io.for_each_session([&](Session& session) {
    if (session.closing() || (type && type_of(session) != *type)) return;
    lines += to_line(describe(session, io.now()));
    lines += '\n';
  });
  return lines;
}

void list_by_type(CommandContext& context, std::optional<ClientType> type) {
  context.ask_io_threads([type](IoThread& io) { return list_clients(io, type); },
                         [](CommandContext& later, const std::vector<std::string>& texts) {
                           std::string list;
                           for (const std::string_view line : sorted_lines(texts)) list += line;
                           later.reply.verbatim("txt", list);
                         });
}

void list_by_id(CommandContext& context) {
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 3; i < context.size(); ++i) {
    const std::optional<std::int64_t> id = parse_integer(context[i]);
    if (!id) {
      context.reply.error(errors::kInvalidClientId);
      return;
    }
    ids.push_back(static_cast<std::uint64_t>(*id));
  }
  std::vector<std::uint64_t> distinct = ids;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const auto list_some = [distinct = std::move(distinct)](IoThread& io) {
    std::string lines;
    for (const std::uint64_t id : distinct) {
      if (Session* session = io.find(id)) lines += to_line(describe(*session, io.now())) + "\n";
    }
    return lines;
  };
  context.ask_io_threads(list_some, [ids](CommandContext& later, const std::vector<std::string>& texts) {
    const std::vector<std::string_view> lines = sorted_lines(texts);
    std::string list;
    // In the order asked for, and as often.
    for (const std::uint64_t id : ids) {
      const auto line = std::lower_bound(lines.begin(), lines.end(), id,
                                         [](auto each, std::uint64_t wanted) { return id_of(each) < wanted; });
      if (line != lines.end() && id_of(*line) == id) list += *line;
    }
    later.reply.verbatim("txt", list);
  });
}

void run_list(CommandContext& context) {
  if (context.size() == 2) {
    list_by_type(context, std::nullopt);
  } else if (context.size() == 4 && context.is(2, "type")) {
    const std::optional<ClientType> type = client_type_named(context[3]);
    if (!type) {
      context.reply.error(errors::unknown_client_type(context[3]));
    } else {
      list_by_type(context, type);
    }
  } else if (context.size() > 3 && context.is(2, "id")) {
    list_by_id(context);
  } else {
    context.reply.error(errors::kSyntax);
  }
}

// KILL ---------------------------------------------------------------------------------------------------------------

/// Which clients CLIENT KILL means: those for which all filters that are set hold.
struct KillFilter {
  std::optional<std::uint64_t> id;
  std::optional<ClientType> type;
  std::optional<std::string> address;
  std::optional<std::string> local_address;
  std::optional<std::chrono::seconds> max_age;
  /// The session that asks, when it is to be spared.
  std::optional<std::uint64_t> spared;
};

bool matches(const KillFilter& filter, Session& session) {
  if (session.closing() || filter.spared == session.number()) return false;
  if (filter.id && *filter.id != session.number()) return false;
  if (filter.type && *filter.type != type_of(session)) return false;
  if (filter.address && *filter.address != session.peer_address()) return false;
  if (filter.local_address && *filter.local_address != session.local_address()) return false;
  return !filter.max_age || session.io().now() - session.client().created >= *filter.max_age;
}

/// Kills clients of one io thread, but not the one that asks: it is to get its answer first. Returns how many.
std::size_t kill_clients(IoThread& io, const KillFilter& filter, std::uint64_t asking) {
  std::size_t killed = 0;
  io.for_each_session([&](Session& session) {
    if (session.number() == asking || !matches(filter, session)) return;
    ++killed;
    session.close_soon(CloseReason::killed);
  });
  return killed;
}

template <typename Answer>
void kill(CommandContext& context, const KillFilter& filter, Answer answer) {
  context.ask_io_threads(
      [filter, asking = context.client.id](IoThread& io) { return std::to_string(kill_clients(io, filter, asking)); },
      [filter, answer](CommandContext& later, const std::vector<std::string>& counts) {
        std::int64_t killed = 0;
        for (const std::string& count : counts) killed += parse_integer(count).value_or(0);
        if (matches(filter, later.session)) {
          ++killed;
          later.client.close_after_reply = true;
        }
        answer(later, killed);
      });
}

/// Reads one filter and its value at `i`. Returns an error sentence, or an empty one.
std::string parse_filter(CommandContext& context, std::size_t i, KillFilter& filter) {
  if (i + 1 == context.size()) return std::string(errors::kSyntax);
  const std::string_view value = context[i + 1];
  if (context.is(i, "id")) {
    const std::int64_t id = parse_integer(value).value_or(0);
    if (id <= 0) return std::string(errors::kClientIdNotPositive);
    filter.id = static_cast<std::uint64_t>(id);
  } else if (context.is(i, "type")) {
    filter.type = client_type_named(value);
    if (!filter.type) return errors::unknown_client_type(value);
  } else if (context.is(i, "addr")) {
    filter.address = value;
  } else if (context.is(i, "laddr")) {
    filter.local_address = value;
  } else if (context.is(i, "user")) {
    if (value != kDefaultUser) return errors::no_such_user(value);
  } else if (context.is(i, "maxage")) {
    const std::optional<std::int64_t> seconds = parse_integer(value);
    if (!seconds) return std::string(errors::kMaxAgeNotAnInteger);
    if (*seconds <= 0) return std::string(errors::kMaxAgeNotPositive);
    // A steady clock's nanoseconds hold no more than this.
    filter.max_age = std::chrono::seconds(std::min<std::int64_t>(*seconds, std::int64_t{1} << 32));
  } else if (context.is(i, "skipme") && (context.is(i + 1, "yes") || context.is(i + 1, "no"))) {
    filter.spared.reset();
    if (context.is(i + 1, "yes")) filter.spared = context.client.id;
  } else {
    return std::string(errors::kSyntax);
  }
  return {};
}

void run_kill(CommandContext& context) {
  KillFilter filter;
  if (context.size() == 3) {
    filter.address = context[2];
    kill(context, filter, [](CommandContext& later, std::int64_t killed) {
      if (killed == 0) {
        later.reply.error(errors::kNoSuchClient);
      } else {
        later.reply.ok();
      }
    });
    return;
  }
  filter.spared = context.client.id;
  for (std::size_t i = 2; i < context.size(); i += 2) {
    const std::string error = parse_filter(context, i, filter);
    if (error.empty()) continue;
    context.reply.error(error);
    return;
  }
  kill(context, filter, [](CommandContext& later, std::int64_t killed) { later.reply.integer(killed); });
}

// PAUSE, UNBLOCK -----------------------------------------------------------------------------------------------------

void run_pause(CommandContext& context) {
  if (context.size() > 4) {
    context.reply.error(errors::unknown_subcommand_or_arity("client", context[1]));
    return;
  }
  PauseMode mode = PauseMode::all;
  if (context.size() == 4) {
    if (context.is(3, "write")) {
      mode = PauseMode::write;
    } else if (!context.is(3, "all")) {
      context.reply.error(errors::kPauseMode);
      return;
    }
  }
  const std::optional<std::int64_t> timeout = parse_integer(context[2]);
  if (!timeout || *timeout < 0) {
    context.reply.error(timeout ? errors::kTimeoutNegative : errors::kTimeoutNotAnInteger);
    return;
  }
  // A steady clock's nanoseconds hold no more than this.
  const std::chrono::milliseconds length(std::min<std::int64_t>(*timeout, std::int64_t{1} << 42));
  context.server.pause().pause(mode, std::chrono::steady_clock::now() + length);
  context.reply.ok();
}

void run_unpause(CommandContext& context) {
  context.server.pause().unpause();
  for (IoThread* thread : context.server.io_threads()) {
    thread->post([thread] { thread->resume_paused(); });
  }
  context.reply.ok();
}

/// What a client that CLIENT UNBLOCK means is told.
enum class UnblockAs : std::uint8_t { timeout, error };

/// "1" when the client is there and blocked. It is unblocked a little later, for its commands must not run in the
/// middle of this one.
std::string unblock_client(IoThread& io, std::uint64_t id, UnblockAs as) {
  const Session* session = io.find(id);
  if (session == nullptr || !session->blocked()) return "";
  io.post([&io, id, as] {
    Session* blocked = io.find(id);
    if (blocked == nullptr) return;
    blocked->unblock(as == UnblockAs::error ? std::optional<std::string_view>(errors::kUnblocked) : std::nullopt);
  });
  return "1";
}

void run_unblock(CommandContext& context) {
  if (context.size() > 4) {
    context.reply.error(errors::unknown_subcommand_or_arity("client", context[1]));
    return;
  }
  UnblockAs as = UnblockAs::timeout;
  if (context.size() == 4) {
    if (context.is(3, "error")) {
      as = UnblockAs::error;
    } else if (!context.is(3, "timeout")) {
      context.reply.error(errors::kUnblockReason);
      return;
    }
  }
  const std::optional<std::int64_t> id = parse_integer(context[2]);
  if (!id) {
    context.reply.error(errors::kNotAnInteger);
    return;
  }
  context.ask_io_threads(
      [number = static_cast<std::uint64_t>(*id), as](IoThread& io) { return unblock_client(io, number, as); },
      [](CommandContext& later, const std::vector<std::string>& found) {
        later.reply.integer(std::any_of(found.begin(), found.end(), [](auto& one) { return !one.empty(); }) ? 1 : 0);
      });
}

constexpr std::uint32_t kAdministering = kAdmin | kNoscript | kLoading | kStale;
constexpr std::uint32_t kCategories = kAclConnection | kAclDangerous;

constexpr CommandRow kRows[] = {
    {"client|list",
     -2,
     kAdministering,
     kCategories,
     {},
     run_list,
     "Lists open connections.",
     "2.4.0",
     "connection",
     "O(N) where N is the number of client connections"},
    {"client|kill",
     -3,
     kAdministering,
     kCategories,
     {},
     run_kill,
     "Terminates open connections.",
     "2.4.0",
     "connection",
     "O(N) where N is the number of client connections"},
    {"client|pause",
     -3,
     kAdministering,
     kCategories,
     {},
     run_pause,
     "Suspends commands processing.",
     "2.9.50",
     "connection",
     "O(1)"},
    {"client|unpause",
     2,
     kAdministering,
     kCategories,
     {},
     run_unpause,
     "Resumes processing commands from paused clients.",
     "6.2.0",
     "connection",
     "O(N) Where N is the number of paused clients"},
    {"client|unblock",
     -3,
     kAdministering,
     kCategories,
     {},
     run_unblock,
     "Unblocks a client blocked by a blocking command from a different connection.",
     "5.0.0",
     "connection",
     "O(log N) where N is the number of client connections"},
};

}  // namespace

CommandFamily client_admin_commands() { return kRows; }

}  // namespace respublica
