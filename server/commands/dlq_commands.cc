// DLQ, which Redis does not have: shows dead letters, sends them back, discards them.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/letter_tasks.h"
#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/dlq_arguments.h"
#include "server/commands/dlq_census.h"
#include "server/commands/entry_reading.h"
#include "server/commands/families.h"
#include "server/commands/group_outcomes.h"
#include "server/commands/help_reply.h"
#include "server/commands/info_fields.h"
#include "server/durable_channels.h"
#include "server/entry_encoder.h"
#include "server/io_thread.h"
#include "server/session.h"

namespace respublica {
namespace {

/// What one DLQ LIST looks at, so that a filter that nothing passes does not take a large channel at once.
constexpr std::size_t kLookedAtOnce = 10'000;
constexpr std::size_t kBytesAtOnce = 4UL << 20;

/// By its name: of some rule, or `dlq`, also while there is no rule.
bool has_letters(const CommandContext& context, std::string_view channel) {
  return channel == LetterArguments().channel || context.io.streams().is_dlq(channel);
}

void run_stats(CommandContext& context) {
  const Result<std::optional<std::string>> parsed = parse_letter_stats(context.arguments);
  if (!parsed) return context.reply.error(parsed.error().message);
  std::deque<std::string> channels;
  if (parsed.value()) {
    channels.push_back(*parsed.value());
  } else {
    for (const std::shared_ptr<const Stream>& stream : context.io.streams().table().all()) {
      const std::string& name = stream->name();
      if (has_letters(context, name)) channels.push_back(name);
    }
  }
  std::make_shared<DlqCensus>(context, std::move(channels))->answer(context);
}

/// Letters behind `after` that pass the filter.
struct LetterPage {
  Entries entries;
  /// The last one that was looked at; none when there is nothing behind it.
  std::optional<StreamId> cursor;
};

Result<LetterPage> read_page(IoThread& io, const LetterArguments& wanted) {
  LetterPage page;
  const std::shared_ptr<const Stream> stream = io.streams().find(wanted.channel);
  const std::optional<StreamId> first = wanted.after ? wanted.after->next() : kMinStreamId;
  if (stream == nullptr || !first) return page;
  EntryEncoder encoder;
  std::size_t looked = 0;
  std::size_t bytes = 0;
  std::optional<StreamId> last;
  const Result<void> read = io.streams().reader().forward(*stream, {*first, kMaxStreamId}, [&](const auto& entry) {
    if (page.entries.count == wanted.count || looked == kLookedAtOnce || bytes >= kBytesAtOnce) {
      page.cursor = last;
      return false;
    }
    ++looked;
    bytes += entry.fields.size();
    last = entry.id;
    const std::optional<DeadLetter> letter = DeadLetter::read(entry.fields);
    if (letter && wanted.filter.admits(entry.id, *letter)) {
      encoder.add(entry.id, entry.fields);
      ++page.entries.count;
    }
    return true;
  });
  if (!read) return Error{errors::log_not_readable(read.error().message)};
  page.entries.bytes = encoder.take();
  return page;
}

void run_list(CommandContext& context) {
  const Result<LetterArguments> parsed = parse_letters(context.arguments, LetterUse::list);
  if (!parsed) return context.reply.error(parsed.error().message);
  const Result<LetterPage> page = read_page(context.io, parsed.value());
  if (!page) return context.reply.error(page.error().message);
  context.reply.map(2);
  context.reply.bulk_string("cursor");
  if (page.value().cursor) {
    context.reply.bulk_string(format_stream_id(*page.value().cursor));
  } else {
    context.reply.null();
  }
  context.reply.bulk_string("entries");
  reply_entries(context, page.value().entries);
}

using Reply = std::function<void(CommandContext&)>;

/// Has the sequencer ask its tasks, and suspends the client until it has said what to answer, on its thread.
void ask_tasks(CommandContext& context, std::function<void(LetterTasks&, std::function<void(Reply)>)> ask) {
  context.session.suspend();
  auto home = [io = &context.io, number = context.session.number(), command = &context.command](Reply reply) {
    io->post([io, number, command, reply = std::move(reply)] {
      if (Session* const session = io->find(number)) session->resume(*command, reply);
    });
  };
  context.server.durable().ask_tasks(
      [ask = std::move(ask), home = std::move(home)](LetterTasks& tasks) { ask(tasks, home); });
}

/// What a dry run answers.
void write_foreseen(ReplyEncoder& reply, const LetterTask& task) {
  reply.map(4);
  write_field(reply, "moved", task.fates.moved);
  write_field(reply, "added", task.fates.added);
  write_field(reply, "skipped", task.fates.skipped);
  write_field(reply, "looked", task.looked);
}

void start_task(CommandContext& context, LetterUse use) {
  Result<LetterArguments> parsed = parse_letters(context.arguments, use);
  if (!parsed) return context.reply.error(parsed.error().message);
  LetterArguments& arguments = parsed.value();
  if (context.io.streams().append_only(arguments.channel)) return context.reply.error(errors::kAppendOnly);
  LetterTasks::Request request;
  request.act = use == LetterUse::discard ? MoveLetters::Act::discard : MoveLetters::Act::redrive;
  request.channel = std::move(arguments.channel);
  request.filter = std::move(arguments.filter);
  request.to = std::move(arguments.to);
  request.rate = arguments.rate;
  request.count = arguments.count;
  ask_tasks(context, [request = std::move(request), is_dry_run = arguments.is_dry_run](LetterTasks& tasks,
                                                                                       const auto& answer) mutable {
    if (is_dry_run) {
      request.rate = 0;
      request.foresee = [answer](const LetterTask& task) {
        answer([task](CommandContext& later) {
          if (task.state == LetterTask::State::failed) return later.reply.error(errors::log_not_readable(task.error));
          write_foreseen(later.reply, task);
        });
      };
    }
    const std::optional<std::uint64_t> id = tasks.start(request);
    if (id && is_dry_run) return;
    answer([id](CommandContext& later) {
      if (!id) return later.reply.error(errors::kTooManyLetterTasks);
      later.reply.integer(static_cast<std::int64_t>(*id));
    });
  });
}

void run_redrive(CommandContext& context) { start_task(context, LetterUse::redrive); }
void run_discard(CommandContext& context) { start_task(context, LetterUse::discard); }

std::string_view name_of(LetterTask::State state) {
  constexpr std::array<std::string_view, 4> kNames{"running", "done", "cancelled", "failed"};
  return kNames[static_cast<std::size_t>(state)];
}

void write_task(ReplyEncoder& reply, const LetterTask& task) {
  reply.map(13);
  write_field(reply, "id", task.id);
  write_field(reply, "kind", task.act == MoveLetters::Act::discard ? "discard" : "redrive");
  write_field(reply, "dlq", task.channel);
  write_field(reply, "to", task.to.value_or(""));
  write_field(reply, "state", name_of(task.state));
  write_field(reply, "moved", task.fates.moved);
  write_field(reply, "added", task.fates.added);
  write_field(reply, "skipped", task.fates.skipped);
  write_field(reply, "looked", task.looked);
  write_field(reply, "total", task.entries);
  write_field(reply, "started-ms", task.started_ms);
  write_field(reply, "rate", task.rate);
  write_field(reply, "error", task.error);
}

void run_tasks(CommandContext& context) {
  ask_tasks(context, [](LetterTasks& tasks, const auto& answer) {
    answer([all = tasks.all()](CommandContext& later) {
      later.reply.array(all.size());
      for (const LetterTask& task : all) write_task(later.reply, task);
    });
  });
}

void run_cancel(CommandContext& context) {
  const std::optional<std::int64_t> id = parse_integer(context[2]);
  if (!id) return context.reply.error(errors::kNotAnInteger);
  ask_tasks(context, [id](LetterTasks& tasks, const auto& answer) {
    answer([was_running = tasks.cancel(static_cast<std::uint64_t>(*id))](CommandContext& later) {
      later.reply.integer(was_running ? 1 : 0);
    });
  });
}

void run_move(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  const std::string_view channel = context[2];
  if (has_letters(context, channel)) return run.fail(context, errors::kLettersStayDead);
  Result<ReleaseEntries> parsed = parse_letter_making(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  run.add(context, DurableCommand{std::string(channel), std::move(parsed.value())},
          reply_group_count<GroupSpeaker::pending>);
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 27> kHelp = {
      "CANCEL <id>",
      "    End a redrive or a discard. What it has moved stays moved.",
      "DISCARD [dlqchannel|FROM <dlqchannel>] <filter ...>|ALL [COUNT <count>] [RATE <rate>] [DRYRUN]",
      "    Delete dead letters. Return the ID of the task that does it.",
      "LIST [dlqchannel|FROM <dlqchannel>] [filter ...] [COUNT <count>] [AFTER <id>]",
      "    Return dead letters, and the cursor that goes to AFTER of the next call.",
      "MOVE <channel> <group> <id> [<id> ...] [REASON <text>]",
      "    Make dead letters of entries that are pending in a group. Return how many.",
      "REDRIVE [dlqchannel|FROM <dlqchannel>] [filter ...] [TO <channel>] [COUNT <count>] [RATE <rate>] [DRYRUN]",
      "    Send dead letters back to their groups, or to another channel. Return the ID of the task that does it.",
      "STATS [CHANNEL <dlqchannel>]",
      "    Return how many dead letters there are, by channel, group and reason.",
      "TASKS",
      "    Return the redrives and discards that run or have ended.",
      "dlqchannel is the channel of dead letters, dlq by default; FROM is for one that is named like an option. "
      "Filters:",
      "    * CHANNEL <channel>",
      "      Where the entry died.",
      "    * GROUP <group>",
      "      The group in which it died.",
      "    * REASON <reason>",
      "      Why it died.",
      "    * ID <id> [<id> ...]",
      "      The IDs of dead letters.",
      "    * ORIGIN <id> [<id> ...]",
      "      The IDs that the entries had where they died.",
      "RATE is a number of letters in a second. With DRYRUN nothing is changed: the reply says what would be.",
      "Tasks end with the broker. A task looks at the dead letters that are there when it begins.",
  };
  reply_help(context, kHelp);
}

constexpr CommandRow kRows[] = {
    {"dlq",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for commands about dead letters.",
     "0.1.0",
     "stream",
     "Depends on subcommand."},
    {"dlq|stats",
     -2,
     kReadonly,
     kNoCategory,
     {},
     run_stats,
     "Returns how many dead letters there are.",
     "0.1.0",
     "stream",
     "O(N) where N is the number of dead letters."},
    {"dlq|list",
     -2,
     kReadonly,
     kNoCategory,
     {},
     run_list,
     "Returns dead letters.",
     "0.1.0",
     "stream",
     "O(N) where N is the number of dead letters that are looked at, 10000 at most."},
    {"dlq|move",
     -5,
     kWrite,
     kNoCategory,
     {2, 2, 1},
     run_move,
     "Makes dead letters of pending entries.",
     "0.1.0",
     "stream",
     "O(N) where N is the number of IDs."},
    {"dlq|redrive",
     -2,
     kWrite | kNoMulti,
     kNoCategory,
     {},
     run_redrive,
     "Sends dead letters back to their groups.",
     "0.1.0",
     "stream",
     "O(1); in the background O(N) where N is the number of dead letters."},
    {"dlq|discard",
     -3,
     kWrite | kNoMulti,
     kNoCategory,
     {},
     run_discard,
     "Deletes dead letters.",
     "0.1.0",
     "stream",
     "O(1); in the background O(N) where N is the number of dead letters."},
    {"dlq|tasks",
     2,
     kNoMulti,
     kNoCategory,
     {},
     run_tasks,
     "Returns what is being done with dead letters.",
     "0.1.0",
     "stream",
     "O(N) where N is the number of tasks, 128 at most."},
    {"dlq|cancel", 3, kNoMulti, kNoCategory, {}, run_cancel, "Ends a redrive or a discard.", "0.1.0", "stream", "O(1)"},
    {"dlq|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "0.1.0",
     "stream",
     "O(1)"},
};

}  // namespace

CommandFamily dlq_commands() { return kRows; }

}  // namespace respublica
