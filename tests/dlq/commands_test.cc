// What the program asks the broker, and what it makes of the answers.

#include "tools/dlq/commands.h"

#include <string>
#include <vector>

#include "tests/dlq/scripted_broker.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using namespace dlqtool;
using Command = Options::Command;

std::string entry(const std::string& id, const std::string& channel) {
  return "*2\r\n" + bulk(id) + "*2\r\n" + bulk("dlq.channel") + bulk(channel);
}

/// A page of DLQ LIST.
std::string page(const std::vector<std::string>& entries, const std::string& cursor = "") {
  std::string bytes = "*4\r\n" + bulk("cursor") + (cursor.empty() ? "$-1\r\n" : bulk(cursor)) + bulk("entries") + '*' +
                      std::to_string(entries.size()) + "\r\n";
  for (const std::string& each : entries) bytes += each;
  return bytes;
}

std::string number(const std::string& name, long value) { return bulk(name) + ':' + std::to_string(value) + "\r\n"; }

std::string foreseen(long moved, long added, long skipped) {
  return "*8\r\n" + number("moved", moved) + number("added", added) + number("skipped", skipped) + number("looked", 9);
}

std::string tasks(long id, const std::string& state, long moved, long skipped, const std::string& error = "") {
  return "*1\r\n*16\r\n" + number("id", id) + bulk("state") + bulk(state) + number("moved", moved) +
         number("added", 0) + number("skipped", skipped) + number("looked", moved) + number("total", 10) +
         bulk("error") + bulk(error);
}

Options options_of(Command command) {
  Options options;
  options.command = command;
  return options;
}

ExitCode code_of(const Result<ExitCode>& code) {
  INFO((code ? "" : code.error().message));
  REQUIRE(code);
  return code.value();
}

}  // namespace

TEST_CASE("list asks for page after page") {
  ScriptedBroker broker({page({entry("1-0", "a")}, "5-0"), page({}, "7-0"), page({entry("8-0", "a")})});
  CapturedConsole captured;
  Options options = options_of(Command::list);
  options.dlq = "dead";
  options.format = Options::Format::json;
  options.filter.channel = "a";
  options.filter.origins = {"1-1", "2-2"};
  CHECK(code_of(list(broker, options, captured.console)) == ExitCode::fine);
  CHECK(broker.asked == std::vector<std::string>{"DLQ LIST FROM dead CHANNEL a ORIGIN 1-1 2-2 COUNT 500 AFTER 0-0",
                                                 "DLQ LIST FROM dead CHANNEL a ORIGIN 1-1 2-2 COUNT 500 AFTER 5-0",
                                                 "DLQ LIST FROM dead CHANNEL a ORIGIN 1-1 2-2 COUNT 500 AFTER 7-0"});
  CHECK(captured.out.str() ==
        "{\"dlq\":\"dead\",\"id\":\"1-0\",\"fields\":[[\"dlq.channel\",\"a\"]]}\n"
        "{\"dlq\":\"dead\",\"id\":\"8-0\",\"fields\":[[\"dlq.channel\",\"a\"]]}\n");
}

TEST_CASE("list ends with the count") {
  ScriptedBroker broker({page({entry("1-0", "a")}, "1-0"), page({entry("2-0", "a")}, "2-0")});
  CapturedConsole captured;
  Options options = options_of(Command::list);
  options.count = 2;
  CHECK(code_of(list(broker, options, captured.console)) == ExitCode::fine);
  CHECK(broker.asked ==
        std::vector<std::string>{"DLQ LIST FROM dlq COUNT 2 AFTER 0-0", "DLQ LIST FROM dlq COUNT 1 AFTER 1-0"});
}

TEST_CASE("what the broker refuses is an error in its words") {
  ScriptedBroker broker({"-ERR unknown command 'DLQ'\r\n"});
  CapturedConsole captured;
  const Result<ExitCode> code = list(broker, options_of(Command::list), captured.console);
  REQUIRE_FALSE(code);
  CHECK(code.error().message == "ERR unknown command 'DLQ'");
}

TEST_CASE("show prints one letter, or says that there is none") {
  ScriptedBroker broker({"*1\r\n" + entry("1-0", "a"), "*0\r\n"});
  CapturedConsole captured;
  Options options = options_of(Command::show);
  options.id = "1-0";
  CHECK(code_of(show(broker, options, captured.console)) == ExitCode::fine);
  CHECK(captured.out.str() == "1-0 of dlq\n  dlq.channel: a\n");
  CHECK(code_of(show(broker, options, captured.console)) == ExitCode::incomplete);
  CHECK(captured.error.str() == "dlq has no entry 1-0\n");
}

TEST_CASE("stats prints a line for each place") {
  const std::string row = "*1\r\n*14\r\n" + bulk("dlq") + bulk("dlq") + bulk("channel") + bulk("a") + bulk("group") +
                          bulk("g") + bulk("reason") + bulk("rejected") + number("count", 3) +
                          number("oldest-ms", 1000) + number("newest-ms", 2000);
  ScriptedBroker broker({row, row});
  CapturedConsole captured;
  Options options = options_of(Command::stats);
  CHECK(code_of(stats(broker, options, captured.console)) == ExitCode::fine);
  options.format = Options::Format::json;
  options.dlq = "dlq";
  CHECK(code_of(stats(broker, options, captured.console)) == ExitCode::fine);
  CHECK(broker.asked == std::vector<std::string>{"DLQ STATS", "DLQ STATS CHANNEL dlq"});
  CHECK(captured.out.str() ==
        "       3  dlq  a in g  rejected  1970-01-01 00:00:01.000 UTC to 1970-01-01 00:00:02.000 UTC\n"
        R"({"dlq":"dlq","channel":"a","group":"g","reason":"rejected","count":3,"oldest-ms":1000,"newest-ms":2000})"
        "\n");
}

TEST_CASE("a redrive is followed until it is done") {
  ScriptedBroker broker({":4\r\n", tasks(4, "running", 5, 0), tasks(4, "done", 10, 0)});
  CapturedConsole captured;
  Options options = options_of(Command::redrive);
  options.filter.group = "g";
  options.rate = 50;
  options.count = 10;
  CHECK(code_of(move(broker, options, captured.console)) == ExitCode::fine);
  CHECK(broker.asked ==
        std::vector<std::string>{"DLQ REDRIVE FROM dlq GROUP g COUNT 10 RATE 50", "DLQ TASKS", "DLQ TASKS"});
  CHECK(captured.out.str() == "done: 10 back in their groups, 0 added to their channels again, 0 skipped\n");
}

TEST_CASE("a redrive that leaves letters behind, or fails, is not complete") {
  ScriptedBroker broker(
      {":4\r\n", tasks(4, "done", 9, 1), ":5\r\n", tasks(5, "failed", 2, 0, "cannot be read"), ":6\r\n", "*0\r\n"});
  CapturedConsole captured;
  Options options = options_of(Command::redrive);
  options.to = "other";
  CHECK(code_of(move(broker, options, captured.console)) == ExitCode::incomplete);
  CHECK(code_of(move(broker, options, captured.console)) == ExitCode::incomplete);
  CHECK(captured.error.str() == "respublica-dlq: cannot be read\n");
  CHECK(captured.out.str() == "done: 9 added to other, 1 skipped\nfailed: 2 added to other, 0 skipped\n");
  CHECK_FALSE(move(broker, options, captured.console));
}

TEST_CASE("a dry run changes nothing") {
  ScriptedBroker broker({foreseen(3, 1, 2)});
  CapturedConsole captured;
  Options options = options_of(Command::redrive);
  options.dry_run = true;
  options.format = Options::Format::json;
  CHECK(code_of(move(broker, options, captured.console)) == ExitCode::fine);
  CHECK(broker.asked == std::vector<std::string>{"DLQ REDRIVE FROM dlq DRYRUN"});
  CHECK(captured.out.str() == R"({"state":"would be","moved":3,"added":1,"skipped":2,"looked":9})"
                              "\n");
}

TEST_CASE("letters are discarded when somebody says yes") {
  Options options = options_of(Command::discard);
  options.all = true;
  ScriptedBroker broker({foreseen(3, 0, 0), ":1\r\n", tasks(1, "done", 3, 0)});
  CapturedConsole captured("y\n", Dialogue::Input::asks);
  CHECK(code_of(move(broker, options, captured.console)) == ExitCode::fine);
  CHECK(captured.error.str() == "discard 3 dead letters of dlq? [y/N] ");
  CHECK(broker.asked ==
        std::vector<std::string>{"DLQ DISCARD FROM dlq ALL DRYRUN", "DLQ DISCARD FROM dlq ALL", "DLQ TASKS"});
  CHECK(captured.out.str() == "done: 3 discarded\n");
}

TEST_CASE("nothing is discarded when nobody says yes") {
  Options options = options_of(Command::discard);
  options.all = true;
  ScriptedBroker broker({foreseen(3, 0, 0)});
  CapturedConsole unsure("\n", Dialogue::Input::asks);
  CHECK(code_of(move(broker, options, unsure.console)) == ExitCode::wrong_use);
  CHECK(broker.asked.size() == 1);
  ScriptedBroker unasked({});
  CapturedConsole nobody;
  CHECK(code_of(move(unasked, options, nobody.console)) == ExitCode::wrong_use);
  CHECK(unasked.asked.empty());
}

TEST_CASE("watch prints what dies where it was asked for") {
  const auto message = [](const std::string& json) {
    return "*3\r\n" + bulk("message") + bulk("$events:dlq") + bulk(json);
  };
  const std::string meant = R"({"dlq":"dlq","dlq.reason":"rejected","dlq.channel":"a"})";
  ScriptedBroker broker({"*3\r\n" + bulk("subscribe") + bulk("$events:dlq") + ":1\r\n",
                         message(R"({"dlq":"dlq","dlq.reason":"rejected","dlq.channel":"b"})"), message("no JSON"),
                         message(R"({"dlq":"dead","dlq.reason":"rejected","dlq.channel":"a"})"), message(meant)});
  CapturedConsole captured;
  Options options = options_of(Command::watch);
  options.format = Options::Format::json;
  options.dlq = "dlq";
  options.filter.channel = "a";
  // It ends when the connection does.
  CHECK_FALSE(watch(broker, options, captured.console));
  CHECK(captured.out.str() == meant + "\n");
}

}  // namespace respublica::test
