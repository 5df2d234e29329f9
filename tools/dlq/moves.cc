#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/json_text.h"
#include "tools/dlq/commands.h"
#include "tools/dlq/letter_text.h"

// redrive and discard.

namespace respublica::dlqtool {
namespace {

/// How often the task is asked how far it is.
constexpr std::chrono::milliseconds kPolling{100};

bool is_discard(const Options& options) { return options.command == Options::Command::discard; }

std::vector<std::string> words_of(const Options& options) {
  std::vector<std::string> words{"DLQ", is_discard(options) ? "DISCARD" : "REDRIVE", "FROM", options.dlq_or_default()};
  const std::vector<std::string> filter = options.filter.words();
  words.insert(words.end(), filter.begin(), filter.end());
  if (options.to) words.insert(words.end(), {"TO", *options.to});
  if (options.count != 0) words.insert(words.end(), {"COUNT", std::to_string(options.count)});
  if (options.rate != 0) words.insert(words.end(), {"RATE", std::to_string(options.rate)});
  if (is_discard(options) && !options.filter.any()) words.emplace_back("ALL");
  return words;
}

Result<Reply> foresee(Broker& broker, const Options& options) {
  std::vector<std::string> words = words_of(options);
  words.emplace_back("DRYRUN");
  return broker.call(words);
}

/// What has happened, or would.
std::string result_line(const Options& options, const Reply& counts, std::string_view state) {
  const auto number = [&counts](std::string_view name) { return counts.field(name).number(); };
  if (options.format == Options::Format::json) {
    std::string out = "{\"state\":";
    append_json_string(out, state);
    return out + fmt::format(R"(,"moved":{},"added":{},"skipped":{},"looked":{}}})", number("moved"), number("added"),
                             number("skipped"), number("looked"));
  }
  if (is_discard(options)) return fmt::format("{}: {} discarded", state, number("moved"));
  if (options.to) {
    return fmt::format("{}: {} added to {}, {} skipped", state, number("moved"), printable(*options.to),
                       number("skipped"));
  }
  return fmt::format("{}: {} back in their groups, {} added to their channels again, {} skipped", state,
                     number("moved"), number("added"), number("skipped"));
}

/// "[#####.....]  50 %, 300 moved".
std::string bar_of(const Reply& task) {
  constexpr long long kWidth = 30;
  const long long total = std::max<long long>(task.field("total").number(), 1);
  const long long looked = std::clamp<long long>(task.field("looked").number(), 0, total);
  const auto filled = static_cast<std::size_t>(looked * kWidth / total);
  return fmt::format("[{}{}] {:>3} %, {} moved", std::string(filled, '#'),
                     std::string(static_cast<std::size_t>(kWidth) - filled, '.'), looked * 100 / total,
                     task.field("moved").number() + task.field("added").number());
}

/// The task of that ID as DLQ TASKS shows it.
Result<Reply> task_of(Broker& broker, long long id) {
  const Result<Reply> tasks = broker.call({"DLQ", "TASKS"});
  if (!tasks) return tasks.error();
  for (std::size_t i = 0; i < tasks.value().size(); ++i) {
    if (tasks.value().at(i).field("id").number() == id) return tasks.value().at(i);
  }
  return Error{fmt::format("the broker does not know task {} any more: it has been started anew", id)};
}

Result<Reply> await_end(Broker& broker, long long id, const Options& options, Dialogue& console) {
  console.progress().set_task(is_discard(options) ? "discard" : "redrive");
  while (true) {
    Result<Reply> task = task_of(broker, id);
    if (!task) return task;
    if (task.value().field("state").text() != "running") return task;
    console.progress().show(bar_of(task.value()));
    std::this_thread::sleep_for(kPolling);
  }
}

/// Whether the letters may be discarded.
Result<ExitCode> ask(Broker& broker, const Options& options, Dialogue& console) {
  if (options.yes) return ExitCode::fine;
  if (console.input() == Dialogue::Input::nobody) {
    console.say("respublica-dlq: standard input is no terminal: discard needs --yes");
    return ExitCode::wrong_use;
  }
  const Result<Reply> counts = foresee(broker, options);
  if (!counts) return counts.error();
  const long long letters = counts.value().field("moved").number();
  if (console.confirms(fmt::format("discard {} dead letters of {}?", letters, printable(options.dlq_or_default())))) {
    return ExitCode::fine;
  }
  console.say("nothing was discarded");
  return ExitCode::wrong_use;
}

}  // namespace

Result<ExitCode> move(Broker& broker, const Options& options, Dialogue& console) {
  if (options.dry_run) {
    const Result<Reply> counts = foresee(broker, options);
    if (!counts) return counts.error();
    console.print(result_line(options, counts.value(), "would be"));
    return ExitCode::fine;
  }
  if (is_discard(options)) {
    const Result<ExitCode> asked = ask(broker, options, console);
    if (!asked || asked.value() != ExitCode::fine) return asked;
  }
  const Result<Reply> started = broker.call(words_of(options));
  if (!started) return started.error();
  const Result<Reply> task = await_end(broker, started.value().number(), options, console);
  if (!task) return task.error();
  const std::string_view state = task.value().field("state").text();
  console.print(result_line(options, task.value(), state));
  const std::string_view error = task.value().field("error").text();
  if (!error.empty()) console.say(fmt::format("respublica-dlq: {}", printable(error)));
  const bool is_whole = state == "done" && task.value().field("skipped").number() == 0;
  return is_whole ? ExitCode::fine : ExitCode::incomplete;
}

}  // namespace respublica::dlqtool
