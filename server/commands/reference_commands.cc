// Commands that delete entries and say what becomes of the references that groups have to them:
// https://redis.io/docs/latest/commands/xdelex/

#include "protocol/error_replies.h"
#include "server/commands/families.h"
#include "server/commands/group_outcomes.h"
#include "server/commands/group_replies.h"
#include "server/commands/reference_arguments.h"

namespace respublica {
namespace {

/// Where the stream or the group is missing, so are all entries: the last command says so, whatever was looked for.
void reply_fates(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  const std::span<const DurableOutcome> last = outcomes.last(1);
  reply_group_answer<EntryFates, write_fates, GroupSpeaker::pending>(context, last);
}

/// As submit_request(), but what has a fault is asked for all the same, with IDs that no entry has: where nothing is
/// found it is answered as if the IDs were right.
template <typename Change, typename Look>
void submit_deletion(CommandContext& context, Result<GroupRequest<Change>> request, Look look) {
  DurableRun& run = context.io.durable_run();
  if (!request) return run.fail(context, request.error().message);
  if (context.io.streams().append_only(context[1])) return run.fail(context, errors::kAppendOnly);
  const std::string channel(context[1]);
  std::string sentence = std::move(request.value().fault);
  DurableCommand deletion{channel, std::move(request.value().change)};
  if (sentence.empty()) return run.add(context, std::move(deletion), reply_fates);
  std::vector<DurableCommand> commands;
  commands.push_back({channel, std::move(look)});
  commands.push_back(std::move(deletion));
  run.fail_behind(context, std::move(commands), reply_fates, sentence);
}

void run_xackdel(CommandContext& context) {
  submit_deletion(context, parse_acknowledge_and_delete(context.arguments), CountPending{std::string(context[2])});
}

void run_xdelex(CommandContext& context) {
  submit_deletion(context, parse_delete_referenced(context.arguments), ShowGroups());
}

constexpr KeyPositions kOneKey{1, 1, 1};

constexpr CommandRow kRows[] = {
    {"xackdel", -6, kWrite | kFast, kAclStream, kOneKey, run_xackdel,
     "Acknowledges and conditionally deletes one or multiple entries for a stream consumer group.", "8.2.0", "stream",
     "O(1) for each entry ID processed."},
    {"xdelex", -5, kWrite | kFast, kAclStream, kOneKey, run_xdelex,
     "Deletes one or multiple entries from the stream, as consumer groups allow.", "8.2.0", "stream",
     "O(1) for each single item to delete in the stream, regardless of the stream size."},
};

}  // namespace

CommandFamily reference_commands() { return kRows; }

}  // namespace respublica
