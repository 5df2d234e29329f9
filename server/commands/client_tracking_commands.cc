// CLIENT TRACKING and what belongs to it: https://redis.io/docs/latest/develop/reference/client-side-caching/
// The options are checked and kept, so that clients which ask for tracking work; as no key ever changes, no
// invalidation is ever sent.

#include <algorithm>
#include <memory>
#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

const TrackingOptions* tracking_of(const ClientState& client) {
  return client.tracking ? client.details->tracking.get() : nullptr;
}

/// Reads the words behind ON or OFF. Returns an error sentence, or an empty one.
std::string_view parse_options(CommandContext& context, TrackingOptions& options) {
  for (std::size_t i = 3; i < context.size(); ++i) {
    const bool has_value = i + 1 < context.size();
    if (context.is(i, "redirect") && has_value) {
      if (options.redirect != 0) return errors::kTrackingOneRedirect;
      const std::optional<std::int64_t> id = parse_integer(context[++i]);
      if (!id) return errors::kNotAnInteger;
      if (*id <= 0) return errors::kTrackingRedirectUnknown;
      options.redirect = static_cast<std::uint64_t>(*id);
    } else if (context.is(i, "bcast")) {
      options.broadcast = true;
    } else if (context.is(i, "optin")) {
      options.opt_in = true;
    } else if (context.is(i, "optout")) {
      options.opt_out = true;
    } else if (context.is(i, "noloop")) {
      options.no_loop = true;
    } else if (context.is(i, "prefix") && has_value) {
      options.prefixes.emplace_back(context[++i]);
    } else {
      return errors::kSyntax;
    }
  }
  return {};
}

/// Whether `options` may replace what is in force. Returns an error sentence, or an empty one.
std::string check_options(const TrackingOptions* current, const TrackingOptions& options) {
  if (!options.broadcast && !options.prefixes.empty()) return std::string(errors::kTrackingPrefixNeedsBroadcast);
  if (current != nullptr && current->broadcast != options.broadcast) {
    return std::string(errors::kTrackingBroadcastSwitch);
  }
  if (options.broadcast && (options.opt_in || options.opt_out)) return std::string(errors::kTrackingBroadcastWithOpt);
  if (options.opt_in && options.opt_out) return std::string(errors::kTrackingBothOpt);
  if (current != nullptr && ((options.opt_in && current->opt_out) || (options.opt_out && current->opt_in))) {
    return std::string(errors::kTrackingOptSwitch);
  }
  for (std::size_t i = 0; i < options.prefixes.size(); ++i) {
    for (std::size_t j = i + 1; j < options.prefixes.size(); ++j) {
      const std::string_view a = options.prefixes[i];
      const std::string_view b = options.prefixes[j];
      if (a.starts_with(b) || b.starts_with(a)) return errors::tracking_prefixes_overlap(a, b);
    }
  }
  return {};
}

void turn_on(CommandContext& context, const TrackingOptions& options) {
  const std::string error = check_options(tracking_of(context.client), options);
  if (!error.empty()) {
    context.reply.error(error);
    return;
  }
  context.client.tracking = true;
  context.client.ensure_details().tracking = std::make_unique<TrackingOptions>(options);
  context.reply.ok();
}

void turn_off(CommandContext& context) {
  if (context.client.tracking) context.client.details->tracking.reset();
  context.client.tracking = false;
  context.reply.ok();
}

/// The first argument of CLIENT TRACKING.
enum class TrackingWord : std::uint8_t { on, off, other };

void set_tracking(CommandContext& context, TrackingWord word, const TrackingOptions& options, std::string_view error) {
  if (!error.empty()) {
    context.reply.error(error);
  } else if (word == TrackingWord::on) {
    turn_on(context, options);
  } else if (word == TrackingWord::off) {
    turn_off(context);
  } else {
    context.reply.error(errors::kSyntax);
  }
}

void run_tracking(CommandContext& context) {
  TrackingOptions options;
  const std::string_view error = parse_options(context, options);
  const TrackingWord word = context.is(2, "on")    ? TrackingWord::on
                            : context.is(2, "off") ? TrackingWord::off
                                                   : TrackingWord::other;
  if (options.redirect == 0) {
    set_tracking(context, word, options, error);
    return;
  }
  // As in Redis, a client that does not exist is an error that comes before any behind it.
  const auto find = [id = options.redirect](IoThread& io) { return io.find(id) != nullptr ? "1" : ""; };
  context.ask_io_threads(find, [=](CommandContext& later, const std::vector<std::string>& found) {
    const bool exists = std::any_of(found.begin(), found.end(), [](const std::string& here) { return !here.empty(); });
    set_tracking(later, word, options, exists ? error : errors::kTrackingRedirectUnknown);
  });
}

void run_trackinginfo(CommandContext& context) {
  const TrackingOptions* options = tracking_of(context.client);
  std::vector<std::string_view> flags;
  flags.emplace_back(options != nullptr ? "on" : "off");
  if (options != nullptr) {
    if (options->broadcast) flags.emplace_back("bcast");
    if (options->opt_in) flags.emplace_back("optin");
    if (options->opt_in && options->caching) flags.emplace_back("caching-yes");
    if (options->opt_out) flags.emplace_back("optout");
    if (options->opt_out && options->caching) flags.emplace_back("caching-no");
    if (options->no_loop) flags.emplace_back("noloop");
  }
  context.reply.map(3);
  context.reply.bulk_string("flags");
  context.reply.set(flags.size());
  for (const std::string_view flag : flags) context.reply.bulk_string(flag);
  context.reply.bulk_string("redirect");
  context.reply.integer(options != nullptr ? static_cast<std::int64_t>(options->redirect) : -1);
  context.reply.bulk_string("prefixes");
  context.reply.array(options != nullptr ? options->prefixes.size() : 0);
  if (options == nullptr) return;
  for (const std::string& prefix : options->prefixes) context.reply.bulk_string(prefix);
}

void run_getredir(CommandContext& context) {
  const TrackingOptions* options = tracking_of(context.client);
  context.reply.integer(options != nullptr ? static_cast<std::int64_t>(options->redirect) : -1);
}

void run_caching(CommandContext& context) {
  if (!context.client.tracking) {
    context.reply.error(errors::kCachingWithoutTracking);
    return;
  }
  TrackingOptions& options = *context.client.details->tracking;
  if (!context.is(2, "yes") && !context.is(2, "no")) {
    context.reply.error(errors::kSyntax);
  } else if (context.is(2, "yes") && !options.opt_in) {
    context.reply.error(errors::kCachingYesNeedsOptIn);
  } else if (context.is(2, "no") && !options.opt_out) {
    context.reply.error(errors::kCachingNoNeedsOptOut);
  } else {
    options.caching = true;
    context.reply.ok();
  }
}

constexpr std::uint32_t kOwn = kNoscript | kLoading | kStale;

constexpr CommandRow kRows[] = {
    {"client|tracking",
     -3,
     kOwn,
     kAclConnection,
     {},
     run_tracking,
     "Controls server-assisted client-side caching for the connection.",
     "6.0.0",
     "connection",
     "O(1). Some options may introduce additional complexity."},
    {"client|trackinginfo",
     2,
     kOwn,
     kAclConnection,
     {},
     run_trackinginfo,
     "Returns information about server-assisted client-side caching for the connection.",
     "6.2.0",
     "connection",
     "O(1)"},
    {"client|getredir",
     2,
     kOwn,
     kAclConnection,
     {},
     run_getredir,
     "Returns the client ID to which the connection's tracking notifications are redirected.",
     "6.0.0",
     "connection",
     "O(1)"},
    {"client|caching",
     3,
     kOwn,
     kAclConnection,
     {},
     run_caching,
     "Instructs the server whether to track the keys in the next request.",
     "6.0.0",
     "connection",
     "O(1)"},
};

}  // namespace

CommandFamily client_tracking_commands() { return kRows; }

}  // namespace respublica
