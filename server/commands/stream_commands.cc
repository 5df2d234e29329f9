// Commands that change one stream: https://redis.io/docs/latest/commands/?group=stream

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/durable_replies.h"
#include "server/commands/families.h"
#include "server/commands/stream_arguments.h"
#include "server/io_thread.h"
#include "server/log.h"
#include "storage/record.h"

namespace respublica {
namespace {

void reply_id(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (reply_refusal(context, outcomes)) return;
  const DurableOutcome& outcome = outcomes.front();
  // The entry is in; what was to be trimmed off behind it is not.
  if (!outcome.detail.empty()) log_event(LogLevel::warning, "a stream cannot be trimmed", {{"reason", outcome.detail}});
  if (outcome.id) {
    context.reply.bulk_string(format_stream_id(*outcome.id));
  } else {
    context.reply.null();
  }
}

IdempotentId idempotent_id(const ProducerWords& words, StreamArguments fields) {
  return words.iid ? named_id(words.producer, *words.iid) : content_id(words.producer, fields);
}

void run_xadd(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  const Result<AddArguments> parsed = parse_add(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  const AddArguments& add = parsed.value();
  if (add.trim && context.io.streams().append_only(add.key)) return run.fail(context, errors::kAppendOnly);
  FieldsWriter fields(add.fields.size() / 2);
  for (std::size_t i = 0; i < add.fields.size(); i += 2) fields.add(add.fields[i], add.fields[i + 1]);
  AppendEntry entry;
  entry.id = add.id;
  if (!add.make_stream) entry.missing = MissingStream::refuse;
  entry.trim = add.trim;
  entry.references = add.references;
  if (add.producer) {
    entry.idempotent = idempotent_id(*add.producer, add.fields);
    entry.idempotence = context.io.streams().idempotence();
  }
  entry.fields = fields.take();
  const Result<void> applied = context.io.streams().apply_rule(add.key, entry);
  if (!applied) return run.fail(context, applied.error().message);
  run.add(context, DurableCommand{std::string(add.key), std::move(entry)}, reply_id);
}

/// XDEL with an ID that is none: Redis looks for the stream before it looks at the IDs.
void reply_invalid_id(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (outcomes.front().shown->size() == 0) {
    context.reply.integer(0);
  } else {
    context.reply.error(errors::kInvalidStreamId);
  }
}

void run_xdel(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  if (context.io.streams().append_only(context[1])) return run.fail(context, errors::kAppendOnly);
  if (!context.io.streams().may_exist(context[1])) return run.add(context, std::vector<DurableCommand>(), reply_count);
  Result<DeleteArguments> parsed = parse_delete(context.arguments);
  if (!parsed && run.gathering()) {
    return run.add(context, DurableCommand{{}, ShowStreams{{std::string(context[1])}}}, reply_invalid_id);
  }
  if (!parsed) return run.fail(context, parsed.error().message);
  run.add(context, DurableCommand{std::string(context[1]), DeleteEntries{std::move(parsed.value().ids)}}, reply_count);
}

void run_xtrim(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  if (context.io.streams().append_only(context[1])) return run.fail(context, errors::kAppendOnly);
  const Result<TrimArguments> parsed = parse_trim(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  run.add(context, DurableCommand{std::string(context[1]), TrimStream{parsed.value().rule, parsed.value().references}},
          reply_count);
}

void run_xsetid(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  const Result<SetIdArguments> parsed = parse_set_id(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  const SetIdArguments& set = parsed.value();
  run.add(context,
          DurableCommand{std::string(context[1]), SetStreamId{set.last_id, set.entries_added, set.max_deleted_id}},
          reply_done);
}

void run_xcfgset(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  const Result<StreamSettings> parsed = parse_stream_settings(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  const LimitIdempotence limits{parsed.value().duration_s, parsed.value().most, context.io.streams().idempotence()};
  run.add(context, DurableCommand{std::string(context[1]), limits}, reply_done);
}

constexpr KeyPositions kOneKey{1, 1, 1};

constexpr CommandRow kRows[] = {
    {"xadd", -5, kWrite | kDenyOom | kFast, kAclStream, kOneKey, run_xadd,
     "Appends a new message to a stream. Creates the key if it doesn't exist.", "5.0.0", "stream",
     "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted."},
    {"xdel", -3, kWrite | kFast, kAclStream, kOneKey, run_xdel,
     "Returns the number of messages after removing them from a stream.", "5.0.0", "stream",
     "O(1) for each single item to delete in the stream, regardless of the stream size."},
    {"xtrim", -4, kWrite, kAclStream, kOneKey, run_xtrim, "Deletes messages from the beginning of a stream.", "5.0.0",
     "stream",
     "O(N), with N being the number of evicted entries. Constant times are very small however, since entries are "
     "organized in macro nodes containing multiple entries that can be released with a single deallocation."},
    {"xsetid", -3, kWrite | kDenyOom | kFast, kAclStream, kOneKey, run_xsetid,
     "An internal command for replicating stream values.", "5.0.0", "stream", "O(1)"},
    {"xcfgset", -2, kWrite | kDenyOom | kFast, kAclStream, kOneKey, run_xcfgset,
     "Sets how a stream tracks the messages of idempotent producers.", "8.6.0", "stream", "O(1)"},
};

}  // namespace

CommandFamily stream_commands() { return kRows; }

}  // namespace respublica
