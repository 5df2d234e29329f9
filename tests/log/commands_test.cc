// dump, verify and stats, on one log.

#include "tests/log/sample_log.h"
#include "tests/support/catch.h"
#include "tools/log/dump.h"
#include "tools/log/stats.h"
#include "tools/log/verify.h"

namespace respublica::test {
namespace {

using logtool::dump;
using logtool::ExitCode;
using logtool::stats;
using logtool::verify;

/// Channels "a" with two entries, one of them deleted, and "b" with one; "b" is ended.
struct TwoChannels : SampleLog {
  TwoChannels() {
    second = add(ChannelRecord{{0}, "a"}, AppendRecord{{0}, {1, 1}, 0, fields});
    second = add(AppendRecord{{0}, {1, 2}, log->end() + kFrameHeaderBytes - (second + 60), fields});
    third = add(ChannelRecord{{1}, "b"}, AppendRecord{{1}, {2, 1}, 0, fields});
    add(DeleteRecord{{0}, {{1, 1}}}, DropRecord{{1}});
  }

  std::string fields = one_field("value");
  LogPosition second;
  LogPosition third;
};

std::vector<std::string> lines(const std::ostringstream& stream) {
  std::vector<std::string> lines;
  std::istringstream text(stream.str());
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> dumped(FileSystem& files, const logtool::DumpOptions& options) {
  CapturedConsole captured;
  CHECK(require(dump(files, options, captured.console)) == ExitCode::fine);
  return lines(captured.out);
}

}  // namespace

TEST_CASE("dump prints a line for each record") {
  TwoChannels log;
  const auto all = dumped(log.files, {});
  REQUIRE(all.size() == 7);
  CHECK(all[0] ==
        R"({"position":48,"segment":"00000000000000000000.log","time":1,"kind":"channel","channel":"a","number":0})");
  CHECK(all[6].find(R"("kind":"drop","channel":"b","number":1})") != std::string::npos);
}

TEST_CASE("verify finds what records of groups contradict") {
  TwoChannels log;
  GroupRecord group;
  group.channel = {0};
  group.group = 1;
  group.name = "g";
  log.add(group);
  CapturedConsole whole;
  CHECK(require(verify(log.files, whole.console)) == ExitCode::fine);
  group.kind = GroupRecord::Kind::release;
  group.entries = {{{1, 2}, 0}};
  log.add(group);
  CapturedConsole captured;
  CHECK(require(verify(log.files, captured.console)) == ExitCode::damage);
  CHECK(captured.out.str().find("a record of channel 'a' contradicts the records before it") != std::string::npos);
}

TEST_CASE("stats count records of groups") {
  TwoChannels log;
  GroupRecord group;
  group.channel = {0};
  group.group = 1;
  log.add(group);
  CapturedConsole captured;
  CHECK(require(stats(log.files, {}, captured.console)) == ExitCode::fine);
  CHECK(captured.out.str().find("group") != std::string::npos);
}

TEST_CASE("dump, stats and verify know the records of producers") {
  TwoChannels log;
  ProducerRecord limit;
  limit.channel = {0};
  limit.duration_s = 60;
  limit.most = 7;
  ProducerRecord track;
  track.channel = {0};
  track.kind = ProducerRecord::Kind::track;
  track.producer.bytes[0] = 0xab;
  track.entry = {1000, 2};
  track.ahead_ms = 10;
  log.add(limit, track);
  const auto all = dumped(log.files, {});
  REQUIRE(all.size() == 9);
  CHECK(all[7].ends_with(R"("kind":"producer","channel":"a","number":0,"change":"limit","duration_s":60,"most":7})"));
  CHECK(all[8].ends_with(R"("change":"track","producer":"ab000000000000000000000000000000",)"
                         R"("iid":"00000000000000000000000000000000","id":"1000-2","added_ms":990})"));
  CapturedConsole counted;
  CHECK(require(stats(log.files, {}, counted.console)) == ExitCode::fine);
  CHECK(counted.out.str().find("  producer                         2\n") != std::string::npos);
  CapturedConsole whole;
  CHECK(require(verify(log.files, whole.console)) == ExitCode::fine);
  // Tracked already.
  log.add(track);
  CapturedConsole captured;
  CHECK(require(verify(log.files, captured.console)) == ExitCode::damage);
  CHECK(captured.out.str().find("a record of channel 'a' contradicts the records before it") != std::string::npos);
}

TEST_CASE("dump prints one channel alone, and from a position on, with its name") {
  TwoChannels log;
  CHECK(dumped(log.files, {"a", {}}).size() == 4);
  CHECK(dumped(log.files, {"b", {}}).size() == 3);
  CHECK(dumped(log.files, {"c", {}}).empty());
  const auto rest = dumped(log.files, {"a", log.third});
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].find(R"("kind":"remove","channel":"a")") != std::string::npos);
}

TEST_CASE("dump goes on behind damage and says it") {
  TwoChannels log;
  damage(log.files, log.second + 60, "!");
  CapturedConsole captured;
  CHECK(require(dump(log.files, {}, captured.console)) == ExitCode::damage);
  CHECK(lines(captured.out).size() == 6);
  CHECK(lines(captured.error).size() == 1);
}

TEST_CASE("verify calls a whole log whole") {
  TwoChannels log;
  CapturedConsole captured;
  CHECK(require(verify(log.files, captured.console)) == ExitCode::fine);
  CHECK(lines(captured.out) ==
        std::vector<std::string>{"read: 1 segments, 64.0 KiB, 4 whole frames, 7 whole records; 0 checkpoints",
                                 "the log is whole"});
}

TEST_CASE("verify says what is damaged") {
  TwoChannels log;
  damage(log.files, log.second + 60, "!");
  CapturedConsole captured;
  CHECK(require(verify(log.files, captured.console)) == ExitCode::damage);
  const auto said = lines(captured.out);
  REQUIRE(said.size() == 3);
  CHECK(said[0].starts_with("00000000000000000000.log, byte "));
  CHECK(said[0].find("channels concerned: \"a\"") != std::string::npos);
  CHECK(said[2].starts_with("the log is damaged in 1 place, "));
}

TEST_CASE("verify says what records contradict") {
  TwoChannels log;
  log.add(AppendRecord{{0}, {1, 2}, 0, log.fields});
  CapturedConsole captured;
  CHECK(require(verify(log.files, captured.console)) == ExitCode::damage);
  CHECK(
      lines(captured.out)[0].ends_with(": the ID of an entry is not above those before it; channel concerned: \"a\""));
}

TEST_CASE("verify names a torn tail as what it is") {
  TwoChannels log;
  const LogPosition torn = log.add(ChannelRecord{{2}, "c"});
  damage(log.files, torn + 50, "!");
  CapturedConsole captured;
  CHECK(require(verify(log.files, captured.console)) == ExitCode::fine);
  CHECK(lines(captured.out)[0].find("not damage: ") != std::string::npos);
  CHECK(lines(captured.out)[2] == "the log is whole");
}

TEST_CASE("stats counts what is in the log") {
  TwoChannels log;
  CapturedConsole text;
  CHECK(require(stats(log.files, {}, text.console)) == ExitCode::fine);
  const std::string shown = text.out.str();
  CHECK(shown.find("records                            7\n") != std::string::npos);
  CHECK(shown.find("first commit  1970-01-01 00:00:00.001 UTC\n") != std::string::npos);
  CHECK(shown.ends_with("1  \"a\"\n"));
  CapturedConsole json;
  CHECK(require(stats(log.files, {logtool::StatsOptions::Format::json, 10}, json.console)) == ExitCode::fine);
  CHECK(
      json.out.str().find(
          R"("records":{"all":7,"channel":2,"append":3,"remove":1,"trim":0,"counters":0,"drop":1,"expiry":0,"group":0,"producer":0})") !=
      std::string::npos);
  CHECK(json.out.str().find(R"("channels":1,"entries":1,"first_time":1,"last_time":4,)") != std::string::npos);
}

TEST_CASE("stats lists no more channels than are asked for") {
  TwoChannels log;
  log.add(ChannelRecord{{2}, "c"}, AppendRecord{{2}, {1, 1}, 0, one_field(std::string(1000, 'x'))});
  CapturedConsole text;
  CHECK(require(stats(log.files, {logtool::StatsOptions::Format::text, 1}, text.console)) == ExitCode::fine);
  CHECK(text.out.str().ends_with("1  \"c\"\nand 1 more\n"));
}

}  // namespace respublica::test
