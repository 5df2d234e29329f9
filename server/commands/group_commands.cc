// Commands that make, change and remove consumer groups: https://redis.io/docs/latest/commands/xgroup/

#include <array>

#include "server/commands/families.h"
#include "server/commands/group_arguments.h"
#include "server/commands/group_outcomes.h"
#include "server/commands/help_reply.h"

namespace respublica {
namespace {

void reply_changed(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (!reply_group_refusal(context, outcomes, GroupSpeaker::changing)) context.reply.ok();
}

void run_create(CommandContext& context) {
  Result<GroupRequest<MakeGroup>> request = parse_make_group(context.arguments);
  if (!request) return context.io.durable_run().fail(context, request.error().message);
  submit_request(context, context[2], std::move(request.value()), ShowGroups(), reply_changed);
}

void run_setid(CommandContext& context) {
  Result<GroupRequest<SetGroup>> request = parse_set_group(context.arguments);
  if (!request) return context.io.durable_run().fail(context, request.error().message);
  // Says which one is missing, the stream or the group.
  ShowConsumers look{request.value().change.group};
  submit_request(context, context[2], std::move(request.value()), std::move(look), reply_changed);
}

/// Has a change decided that needs no reading of arguments, and answers its count.
template <typename Change>
void submit_counted(CommandContext& context, Change change) {
  context.io.durable_run().add(context, DurableCommand{std::string(context[2]), std::move(change)},
                               reply_group_count<GroupSpeaker::changing>);
}

void run_destroy(CommandContext& context) { submit_counted(context, DropGroup{std::string(context[3])}); }

void run_createconsumer(CommandContext& context) {
  submit_counted(context, MakeConsumer{std::string(context[3]), std::string(context[4])});
}

void run_delconsumer(CommandContext& context) {
  submit_counted(context, DropConsumer{std::string(context[3]), std::string(context[4])});
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 14> kHelp = {
      "CREATE <key> <groupname> <id|$> [option]",
      "    Create a new consumer group. Options are:",
      "    * MKSTREAM",
      "      Create the empty stream if it does not exist.",
      "    * ENTRIESREAD entries_read",
      "      Set the number of entries that count as read by the group.",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Create a new consumer in the specified group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Remove the specified consumer.",
      "DESTROY <key> <groupname>",
      "    Remove the specified group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set the ID behind which the group reads, and the number of entries that count as read.",
  };
  reply_help(context, kHelp);
}

constexpr KeyPositions kSubcommandKey{2, 2, 1};

constexpr CommandRow kRows[] = {
    {"xgroup",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for consumer groups commands.",
     "5.0.0",
     "stream",
     "Depends on subcommand."},
    {"xgroup|create", -5, kWrite | kChangesGroups | kDenyOom, kAclStream, kSubcommandKey, run_create,
     "Creates a consumer group.", "5.0.0", "stream", "O(1)"},
    {"xgroup|setid", -5, kWrite | kChangesGroups, kAclStream, kSubcommandKey, run_setid,
     "Sets the last-delivered ID of a consumer group.", "5.0.0", "stream", "O(1)"},
    {"xgroup|destroy", 4, kWrite | kChangesGroups, kAclStream, kSubcommandKey, run_destroy,
     "Destroys a consumer group.", "5.0.0", "stream",
     "O(N) where N is the number of entries in the group's pending entries list (PEL)."},
    {"xgroup|createconsumer", 5, kWrite | kChangesGroups | kDenyOom, kAclStream, kSubcommandKey, run_createconsumer,
     "Creates a consumer in a consumer group.", "6.2.0", "stream", "O(1)"},
    {"xgroup|delconsumer", 5, kWrite | kChangesGroups, kAclStream, kSubcommandKey, run_delconsumer,
     "Deletes a consumer from a consumer group.", "5.0.0", "stream", "O(1)"},
    {"xgroup|help",
     2,
     kLoading | kStale,
     kAclStream,
     {},
     run_help,
     "Returns helpful text about the different subcommands.",
     "5.0.0",
     "stream",
     "O(1)"},
};

}  // namespace

CommandFamily group_commands() { return kRows; }

}  // namespace respublica
