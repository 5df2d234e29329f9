#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/json_text.h"
#include "tools/dlq/advisory.h"
#include "tools/dlq/commands.h"
#include "tools/dlq/letter_text.h"
#include "tools/terminal/json_bytes.h"

// list, stats, show and watch: they change nothing.

namespace respublica::dlqtool {
namespace {

constexpr std::uint64_t kPage = 500;

std::string line_of(const Letter& letter, Options::Format format) {
  return format == Options::Format::json ? json_of(letter) : summary_of(letter);
}

/// {"dlq":"dlq","count":3}: a map of strings and numbers.
std::string json_of_map(const Reply& map) {
  std::string out = "{";
  for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
    if (i > 0) out += ',';
    append_json_string(out, map.at(i).text());
    out += ':';
    const bool is_number = map.at(i + 1).is_number();
    if (is_number) out += std::to_string(map.at(i + 1).number());
    if (!is_number) append_json_bytes(out, map.at(i + 1).text());
  }
  return out + '}';
}

bool is_meant(const Options& options, const Letter& letter) {
  const auto holds = [&letter](const std::optional<std::string>& wanted, std::string_view field) {
    return !wanted || letter.value(field) == *wanted;
  };
  return (!options.dlq || letter.dlq == *options.dlq) && holds(options.filter.channel, "dlq.channel") &&
         holds(options.filter.group, "dlq.group") && holds(options.filter.reason, "dlq.reason");
}

}  // namespace

Result<ExitCode> list(Broker& broker, const Options& options, Console& console) {
  std::vector<std::string> words{"DLQ", "LIST", "FROM", options.dlq_or_default()};
  const std::vector<std::string> filter = options.filter.words();
  words.insert(words.end(), filter.begin(), filter.end());
  std::uint64_t printed = 0;
  std::string cursor = "0-0";
  while (true) {
    const std::uint64_t page = options.count == 0 ? kPage : std::min(kPage, options.count - printed);
    std::vector<std::string> call = words;
    call.insert(call.end(), {"COUNT", std::to_string(page), "AFTER", cursor});
    const Result<Reply> reply = broker.call(call);
    if (!reply) return reply.error();
    const Reply entries = reply.value().field("entries");
    for (std::size_t i = 0; i < entries.size(); ++i, ++printed) {
      console.print(line_of(read_letter(options.dlq_or_default(), entries.at(i)), options.format));
    }
    cursor = reply.value().field("cursor").text();
    if (cursor.empty() || printed == options.count || !console.is_written()) return ExitCode::fine;
  }
}

Result<ExitCode> stats(Broker& broker, const Options& options, Console& console) {
  std::vector<std::string> words{"DLQ", "STATS"};
  if (options.dlq) words.insert(words.end(), {"CHANNEL", *options.dlq});
  const Result<Reply> reply = broker.call(words);
  if (!reply) return reply.error();
  for (std::size_t i = 0; i < reply.value().size(); ++i) {
    const Reply row = reply.value().at(i);
    const auto text = [&row](std::string_view name) { return printable(row.field(name).text()); };
    const auto time = [&row](std::string_view name) { return time_of(std::to_string(row.field(name).number())); };
    const std::string line =
        fmt::format("{:>8}  {}  {} in {}  {}  {} to {}", row.field("count").number(), text("dlq"), text("channel"),
                    text("group"), text("reason"), time("oldest-ms"), time("newest-ms"));
    console.print(options.format == Options::Format::json ? json_of_map(row) : line);
  }
  return ExitCode::fine;
}

Result<ExitCode> show(Broker& broker, const Options& options, Console& console) {
  const Result<Reply> reply = broker.call({"XRANGE", options.dlq_or_default(), options.id, options.id});
  if (!reply) return reply.error();
  if (reply.value().size() == 0) {
    console.say(fmt::format("{} has no entry {}", options.dlq_or_default(), options.id));
    return ExitCode::incomplete;
  }
  const Letter letter = read_letter(options.dlq_or_default(), reply.value().at(0));
  if (options.format == Options::Format::json) {
    console.print(json_of(letter));
  } else {
    for (const std::string& line : lines_of(letter)) console.print(line);
  }
  return ExitCode::fine;
}

Result<ExitCode> watch(Broker& broker, const Options& options, Console& console) {
  const Result<Reply> subscribed = broker.call({"SUBSCRIBE", "$events:dlq"});
  if (!subscribed) return subscribed.error();
  while (console.is_written()) {
    const Result<Reply> message = broker.next();
    if (!message) return message.error();
    const std::string_view json = message.value().at(2).text();
    const std::optional<Letter> letter = read_advisory(json);
    if (!letter || !is_meant(options, *letter)) continue;
    const std::string line = printable(letter->dlq) + "  " + summary_of(*letter);
    console.print(options.format == Options::Format::json ? json : std::string_view(line));
  }
  return ExitCode::fine;
}

}  // namespace respublica::dlqtool
