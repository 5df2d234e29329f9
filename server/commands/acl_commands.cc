// ACL: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
// There is one user, "default", who may do everything once authenticated (requirepass). These commands say so.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/acl_categories.h"
#include "server/commands/authentication.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void run_whoami(CommandContext& context) { context.reply.bulk_string(kDefaultUser); }

void run_users(CommandContext& context) {
  context.reply.array(1);
  context.reply.bulk_string(kDefaultUser);
}

/// The password is not shown, not even as a hash.
void run_list(CommandContext& context) {
  const bool open = context.server.settings()->requirepass.empty();
  context.reply.array(1);
  context.reply.bulk_string(fmt::format("user default on {}~* &* +@all", open ? "nopass " : ""));
}

void run_getuser(CommandContext& context) {
  if (context[2] != kDefaultUser) {
    context.reply.null();
    return;
  }
  const bool open = context.server.settings()->requirepass.empty();
  context.reply.map(6);
  context.reply.bulk_string("flags");
  context.reply.set(open ? 2 : 1);
  context.reply.bulk_string("on");
  if (open) context.reply.bulk_string("nopass");
  context.reply.bulk_string("passwords");
  context.reply.array(0);
  context.reply.bulk_string("commands");
  context.reply.bulk_string("+@all");
  context.reply.bulk_string("keys");
  context.reply.bulk_string("~*");
  context.reply.bulk_string("channels");
  context.reply.bulk_string("&*");
  context.reply.bulk_string("selectors");
  context.reply.array(0);
}

void reply_names(CommandContext& context, std::span<const std::string_view> names) {
  context.reply.array(names.size());
  for (const std::string_view name : names) context.reply.bulk_string(name);
}

void run_cat(CommandContext& context) {
  if (context.size() > 3) {
    context.reply.error(errors::unknown_subcommand_or_arity("acl", context[1]));
    return;
  }
  const std::span<const std::string_view> categories = acl_category_names();
  if (context.size() == 2) {
    reply_names(context, categories);
    return;
  }
  const auto category =
      std::find_if(categories.begin(), categories.end(), [&](std::string_view name) { return context.is(2, name); });
  if (category == categories.end()) {
    context.reply.error(errors::unknown_acl_category(context[2]));
    return;
  }
  std::vector<std::string_view> names;
  for (const Command* command : context.server.commands().all()) {
    if (is_in_acl_category(command->row, *category)) names.push_back(command->row.name);
  }
  reply_names(context, names);
}

std::string random_hexadecimal(std::size_t digits) {
  std::random_device random;
  std::string text;
  while (text.size() < digits) text += fmt::format("{:08x}", random());
  text.resize(digits);
  return text;
}

void run_genpass(CommandContext& context) {
  constexpr std::int64_t kDefaultBits = 256;
  constexpr std::int64_t kMaxBits = 4096;
  constexpr std::int64_t kBitsPerDigit = 4;
  if (context.size() > 3) {
    context.reply.error(errors::unknown_subcommand_or_arity("acl", context[1]));
    return;
  }
  std::optional<std::int64_t> bits = kDefaultBits;
  if (context.size() == 3) bits = parse_integer(context[2]);
  if (!bits) {
    context.reply.error(errors::kNotAnInteger);
  } else if (*bits <= 0 || *bits > kMaxBits) {
    context.reply.error(errors::kGenpassBits);
  } else {
    context.reply.bulk_string(
        random_hexadecimal(static_cast<std::size_t>((*bits + kBitsPerDigit - 1) / kBitsPerDigit)));
  }
}

/// Nobody is ever denied anything but for a wrong password, which is not recorded.
void run_log(CommandContext& context) {
  if (context.size() > 3) {
    context.reply.error(errors::unknown_subcommand_or_arity("acl", context[1]));
  } else if (context.size() == 3 && context.is(2, "reset")) {
    context.reply.ok();
  } else if (context.size() == 3 && !parse_integer(context[2])) {
    context.reply.error(errors::kNotAnInteger);
  } else {
    context.reply.array(0);
  }
}

void run_dryrun(CommandContext& context) {
  if (context[2] != kDefaultUser) {
    context.reply.error(errors::user_not_found(context[2]));
    return;
  }
  const Command* command = context.server.commands().find(context[3]);
  if (command != nullptr && command->is_container() && context.size() > 4) {
    command = CommandTable::find_subcommand(*command, context[4]);
  }
  if (command == nullptr) {
    context.reply.error(errors::command_not_found(context[3]));
  } else if (!command->arity_accepts(context.size() - 3)) {
    context.reply.error(errors::wrong_number_of_arguments(command->row.name));
  } else {
    context.reply.ok();
  }
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 18> kHelp = {
      "CAT [<category>]",
      "    List all commands that belong to <category>, or all command categories",
      "    when no category is specified.",
      "DRYRUN <username> <command> [<arg> ...]",
      "    Returns whether the user can execute the given command without executing the command.",
      "GETUSER <username>",
      "    Get the user's details.",
      "GENPASS [<bits>]",
      "    Generate a secure 256-bit user password. The optional `bits` argument can",
      "    be used to specify a different size.",
      "LIST",
      "    Show users details in config file format.",
      "LOG [<count> | RESET]",
      "    Show the ACL log entries.",
      "USERS",
      "    List all the registered usernames.",
      "WHOAMI",
      "    Return the current connection username.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kAnyone = kNoscript | kLoading | kStale;
constexpr std::uint32_t kAdministering = kAdmin | kAnyone;

constexpr CommandRow kRows[] = {
    {"acl",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for Access List Control commands.",
     "6.0.0",
     "server",
     "Depends on subcommand."},
    {"acl|whoami",
     2,
     kAnyone,
     kNoCategory,
     {},
     run_whoami,
     "Returns the authenticated username of the current connection.",
     "6.0.0",
     "server",
     "O(1)"},
    {"acl|users",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_users,
     "Lists all ACL users.",
     "6.0.0",
     "server",
     "O(N). Where N is the number of configured users."},
    {"acl|list",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_list,
     "Dumps the effective rules in ACL file format.",
     "6.0.0",
     "server",
     "O(N). Where N is the number of configured users."},
    {"acl|getuser",
     3,
     kAdministering,
     kAclDangerous,
     {},
     run_getuser,
     "Lists the ACL rules of a user.",
     "6.0.0",
     "server",
     "O(N). Where N is the number of password, command and pattern rules that the user has."},
    {"acl|cat",
     -2,
     kAnyone,
     kNoCategory,
     {},
     run_cat,
     "Lists the ACL categories, or the commands inside a category.",
     "6.0.0",
     "server",
     "O(1) since the categories and commands are a fixed set."},
    {"acl|genpass",
     -2,
     kAnyone,
     kNoCategory,
     {},
     run_genpass,
     "Generates a pseudorandom, secure password that can be used to identify ACL users.",
     "6.0.0",
     "server",
     "O(1)"},
    {"acl|log",
     -2,
     kAdministering,
     kAclDangerous,
     {},
     run_log,
     "Lists recent security events generated due to ACL rules.",
     "6.0.0",
     "server",
     "O(N) with N being the number of entries shown."},
    {"acl|dryrun",
     -4,
     kAdministering,
     kAclDangerous,
     {},
     run_dryrun,
     "Simulates the execution of a command by a user, without executing the command.",
     "7.0.0",
     "server",
     "O(1)."},
    {"acl|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "6.0.0",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily acl_commands() { return kRows; }

}  // namespace respublica
