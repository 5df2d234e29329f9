// verify, stats, dump and salvage on a log whose old segments have gone.

#include "tests/log/retention.h"

#include <algorithm>
#include <functional>

#include "tests/log/salvaged_log.h"
#include "tests/support/seeded_random.h"
#include "tools/log/dump.h"
#include "tools/log/stats.h"
#include "tools/log/verify.h"

namespace respublica::test {
namespace {

using logtool::ExitCode;
using Changes = std::function<void(Broker&)>;

/// A log in which a checkpoint was written between two rounds of changes.
struct RetainedLog {
  RetainedLog(const Changes& before_checkpoint, const Changes& behind) {
    {
      Broker broker(disk);
      before_checkpoint(broker);
      checkpoint = broker.end();
      write_checkpoint(files(), checkpoint, broker.all(), next_number());
    }
    Broker broker(disk, 100'000);
    behind(broker);
    streams = broker.all();
    shown = broker.streams();
  }

  FileSystem& files() { return disk->files(); }
  void compact(KeptPlaces::Names names = KeptPlaces::Names::leave_out) {
    compact_log(files(), streams, checkpoint, names);
  }
  std::string compact_name() {
    for (const std::string& name : require(files().list())) {
      if (parse_compact_segment_name(name)) return name;
    }
    throw std::runtime_error("no segment is compact");
  }

  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  LogPosition checkpoint;
  /// In the end.
  std::vector<std::shared_ptr<const Stream>> streams;
  Streams shown;

 private:
  /// By the log, which is complete.
  std::uint64_t next_number() {
    std::uint64_t next = 0;
    LogRecovery recovery;
    const RecordVisitor visit = [&](const Record& record, LogPosition, std::uint64_t) -> Result<void> {
      if (record.kind == Record::Kind::channel) next = record.channel.channel.value + 1;
      return {};
    };
    require(recover_log(files(), {}, visit, recovery));
    return next;
  }
};

/// Changes of all kinds, so many.
Changes some(std::uint64_t seed, int count) {
  return [=](Broker& broker) {
    SeededRandom random(seed);
    for (int i = 0; i < count; ++i) {
      const std::string channel = "c" + std::to_string(random.below(6));
      const std::uint64_t what = random.below(40);
      if (what == 0) broker.commit({drop(channel)});
      if (what == 1) broker.commit({trim(channel, maxlen(random.below(20)))});
      if (what == 2)
        broker.commit({trim(channel, maxlen(0)), set_id(channel, {random.below(500), 0}, std::nullopt, StreamId{})});
      if (what == 3) broker.commit({expire(channel, 900'000 + random.below(1000))});
      if (what < 4) continue;
      const std::string value = std::to_string(i) + std::string(random.below(3000), 'x');
      const auto outcomes = broker.commit({add(channel, "*", value), add("other", "*", "small")});
      if (random.below(4) == 0 && outcomes[0].id) broker.commit({remove(channel, {*outcomes[0].id})});
    }
  };
}

struct Printed {
  ExitCode code = ExitCode::failure;
  std::string out;
};

Printed verified(FileSystem& files) {
  CapturedConsole captured;
  const ExitCode code = require(logtool::verify(files, captured.console));
  return {code, captured.out.str()};
}

std::string counted(FileSystem& files) {
  CapturedConsole captured;
  require(logtool::stats(files, {logtool::StatsOptions::Format::json, 10}, captured.console));
  return captured.out.str();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check_that_all_is_there(RetainedLog& log) {
  const Printed verification = verified(log.files());
  CAPTURE(verification.out);
  CHECK(verification.code == ExitCode::fine);
  CHECK(verification.out.ends_with("the log is whole\n"));
  const Salvaged salvaged = salvage(*log.disk);
  CAPTURE(salvaged.error);
  CHECK(salvaged.code == ExitCode::fine);
  CHECK(salvaged.out.empty());
  CHECK(salvaged.streams == log.shown);
  std::uint64_t entries = 0;
  for (const auto& stream : log.streams) entries += stream->length();
  CHECK(has(counted(log.files()),
            "\"channels\":" + std::to_string(log.streams.size()) + ",\"entries\":" + std::to_string(entries) + ","));
}

}  // namespace

TEST_CASE("a log with a checkpoint shows the same streams, compact or not, with and without its front") {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    CAPTURE(seed);
    RetainedLog log(some(seed, 300), some(seed + 100, 100));
    check_that_all_is_there(log);
    log.compact(seed % 2 == 0 ? KeptPlaces::Names::keep : KeptPlaces::Names::leave_out);
    CHECK(has(counted(log.files()), "\"compact_segments\":1,"));
    check_that_all_is_there(log);
    RetainedLog other(some(seed, 300), [](Broker& broker) {
      for (int i = 0; i < 6; ++i) broker.commit({trim("c" + std::to_string(i), maxlen(1))});
      broker.commit({drop("other")});
    });
    remove_front(other.files(), other.streams, other.checkpoint);
    check_that_all_is_there(other);
    other.compact();
    check_that_all_is_there(other);
  }
}

namespace {

/// Two channels with small entries that are interleaved, some of them deleted; most of it is compact.
RetainedLog small_log() {
  RetainedLog log(
      [](Broker& broker) {
        for (int i = 1; i <= 900; ++i) {
          const std::string id = std::to_string(i) + "-0";
          broker.commit({add("a", id, "value a" + std::to_string(i) + std::string(200, '.')), add("b", id, "b")});
          if (i == 510) broker.commit({remove("a", {{500, 0}})});
        }
        broker.commit({remove("a", {{3, 0}}), trim("b", minid({100, 0}))});
      },
      [](Broker& broker) {
        broker.commit({add("a", "1000-0", "new"), remove("a", {{7, 0}}), add("c", "1-0")});
      });
  log.compact();
  return log;
}

void overwrite(FileSystem& files, const std::string& name, std::uint64_t offset, const std::string& bytes) {
  require(require(files.open(name))->write_at(offset, bytes));
}

std::uint64_t offset_of(FileSystem& files, const std::string& name, std::string_view text) {
  const std::size_t found = read_all(files, name).find(text);
  REQUIRE(found != std::string::npos);
  return found;
}

}  // namespace

TEST_CASE("dump shows what a compact segment keeps, with the names of a checkpoint") {
  RetainedLog log = small_log();
  CapturedConsole captured;
  CHECK(require(logtool::dump(log.files(), {"b", {}}, captured.console)) == ExitCode::fine);
  const std::string out = captured.out.str();
  CHECK(has(out, "\"segment\":\"" + log.compact_name() + "\",\"time\":"));
  CHECK(has(out, R"("kind":"append","channel":"b","number":1,"id":"100-0",)"));
  CHECK_FALSE(has(out, R"("id":"1-0",)"));
}

TEST_CASE("dump shows the streams of the newest checkpoint") {
  RetainedLog log = small_log();
  CapturedConsole captured;
  logtool::DumpOptions options{"b", {}, logtool::DumpOptions::What::checkpoint};
  CHECK(require(logtool::dump(log.files(), options, captured.console)) == ExitCode::fine);
  CHECK(captured.out.str().starts_with(
      "{\"as_of\":" + std::to_string(log.checkpoint.value) +
      R"(,"channel":"b","number":1,"length":801,"last_id":"900-0","max_deleted_id":"0-0","entries_added":900,)"
      R"("floor":"100-0","expires":null,"windows":)"));
}

TEST_CASE("segments that a compact one has replaced are no error") {
  RetainedLog log(some(5, 300), some(6, 20));
  std::vector<std::pair<std::string, std::string>> before;
  for (const std::string& name : require(log.files().list())) before.emplace_back(name, read_all(log.files(), name));
  log.compact();
  for (const auto& [name, bytes] : before) {
    const auto names = require(log.files().list());
    if (std::ranges::find(names, name) == names.end()) make_file(log.files(), name, bytes);
  }
  check_that_all_is_there(log);
}

TEST_CASE("a damaged record of a compact segment is missing, and nothing else") {
  RetainedLog log = small_log();
  overwrite(log.files(), log.compact_name(), offset_of(log.files(), log.compact_name(), "value a700."), "V");
  const Printed verification = verified(log.files());
  CHECK(verification.code == ExitCode::damage);
  CAPTURE(verification.out);
  CHECK(has(verification.out, "lost, by what is left of them: \"a\" 700-0"));
  CHECK(has(verification.out, ": channel \"a\" should have 898 entries, and 1 of them are not there\n"));
  const Salvaged salvaged = salvage(*log.disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(has(salvaged.out, R"({"kind":"missing","channel":"a","number":0,"entries":1})"));
  CHECK(salvaged.streams.at("b") == log.shown.at("b"));
  CHECK_FALSE(has(salvaged.streams.at("a"), "value a700."));
  CHECK(has(salvaged.streams.at("a"), "value a701."));
}

TEST_CASE("without its table, and without its header, a compact segment still shows all that it keeps") {
  for (const bool has_header : {true, false}) {
    RetainedLog log = small_log();
    const std::string name = log.compact_name();
    const std::uint64_t bytes = read_all(log.files(), name).size();
    overwrite(log.files(), name, has_header ? bytes - 2 : 20, "\x7f");
    const Printed verification = verified(log.files());
    CHECK(verification.code == ExitCode::damage);
    CHECK(has(verification.out, has_header ? "the table of the segment is damaged" : "the header of the segment is"));
    const Salvaged salvaged = salvage(*log.disk);
    CAPTURE(salvaged.error);
    CHECK(has(salvaged.out, R"({"kind":"flaw")"));
    CHECK(salvaged.streams == log.shown);
    CHECK(salvaged.code == ExitCode::fine);
  }
}

TEST_CASE("a damaged checkpoint is a flaw when an older one covers the log") {
  RetainedLog log = small_log();
  const LogPosition newer = log.checkpoint + 8;
  make_file(log.files(), checkpoint_name(newer), "no checkpoint");
  const Printed verification = verified(log.files());
  CHECK(verification.code == ExitCode::damage);
  CHECK(has(verification.out, "it is cut off; no record is lost by this\n"));
  const Salvaged salvaged = salvage(*log.disk);
  CHECK(salvaged.code == ExitCode::fine);
  CHECK(salvaged.streams == log.shown);
}

TEST_CASE("without a checkpoint salvage saves the entries, and says what it does not know") {
  RetainedLog log = small_log();
  overwrite(log.files(), checkpoint_name(log.checkpoint), 50, "!");
  CHECK(has(verified(log.files()).out, "no checkpoint says what the log had from there to position "));
  const Salvaged salvaged = salvage(*log.disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(has(salvaged.out, R"({"kind":"loss","begin":)"));
  CHECK(has(salvaged.out, R"({"kind":"name","channel":"salvaged:0","number":0})"));
  const std::string& a = salvaged.streams.at("salvaged:0");
  CHECK(a.starts_with("1-0=value a1."));
  CHECK(has(a, " 1000-0=new "));
  // Of this one the record is left, and that of its deletion is not.
  CHECK(has(a, " 500-0="));
  CHECK_FALSE(has(a, " 7-0="));
  CHECK(salvaged.streams.at("salvaged:1").starts_with("100-0=b "));
  CHECK(salvaged.streams.at("c").starts_with("1-0=v "));
}

TEST_CASE("names in a compact segment are found without a checkpoint") {
  RetainedLog log(some(7, 300), some(8, 10));
  log.compact(KeptPlaces::Names::keep);
  require(log.files().remove(checkpoint_name(log.checkpoint)));
  const Salvaged salvaged = salvage(*log.disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK_FALSE(has(salvaged.out, R"({"kind":"name")"));
  for (const auto& [name, shown] : log.shown) CHECK(salvaged.streams.contains(name));
}

TEST_CASE("a front that is missing is a loss when no checkpoint tells of it") {
  RetainedLog log(some(9, 300), [](Broker& broker) {
    for (int i = 0; i < 6; ++i) broker.commit({drop("c" + std::to_string(i))});
    broker.commit({drop("other")});
  });
  remove_front(log.files(), log.streams, log.checkpoint);
  CHECK(verified(log.files()).code == ExitCode::fine);
  require(log.files().remove(checkpoint_name(log.checkpoint)));
  const Printed verification = verified(log.files());
  CHECK(verification.code == ExitCode::damage);
  CHECK(verification.out.starts_with("position 0 to " +
                                     std::to_string(parse_segment_name(require(log.files().list()).front())->value) +
                                     ": no file has this part of the log, and no checkpoint says what it led to; "));
}

TEST_CASE("entries that should be in a compact segment, and are not, are missing") {
  RetainedLog log(some(10, 300), some(11, 10));
  // As if a stream had been forgotten.
  auto streams = log.streams;
  const auto forgotten = std::ranges::find(streams, "other", [](const auto& stream) { return stream->name(); });
  REQUIRE(forgotten != streams.end());
  streams.erase(forgotten);
  compact_log(log.files(), streams, log.checkpoint);
  const Printed verification = verified(log.files());
  CHECK(verification.code == ExitCode::damage);
  CHECK(has(verification.out, ": channel \"other\" should have "));
  const Salvaged salvaged = salvage(*log.disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(has(salvaged.out, R"({"kind":"missing","channel":"other",)"));
}

TEST_CASE("a log that ends before its checkpoint has lost its end") {
  RetainedLog log(some(12, 100), some(13, 10));
  write_checkpoint(log.files(), log.checkpoint + 8'000'000, log.streams, 100);
  const Printed verification = verified(log.files());
  CHECK(verification.code == ExitCode::damage);
  CHECK(has(verification.out, "the log is shorter than it was when the newest checkpoint was written"));
}

TEST_CASE("whatever is damaged of a log with compact segments, the copy is one that a broker serves") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    RetainedLog log(some(seed, 120), some(seed + 500, 40));
    log.compact(seed % 2 == 0 ? KeptPlaces::Names::keep : KeptPlaces::Names::leave_out);
    const auto names = require(log.files().list());
    for (std::uint64_t i = 0; i <= random.below(4); ++i) {
      const std::string& name = names[random.below(names.size())];
      const std::uint64_t size = read_all(log.files(), name).size();
      if (random.below(10) == 0) {
        require(require(log.files().open(name))->truncate(random.below(size)));
      } else {
        const char byte = random.below(2) == 0 ? '\0' : static_cast<char>(random.below(256));
        overwrite(log.files(), name, random.below(size),
                  std::string(static_cast<std::size_t>(1 + random.below(2) * random.below(5000)), byte));
      }
    }
    const Salvaged salvaged = salvage(*log.disk);
    if (salvaged.code == ExitCode::fine) CHECK(salvaged.streams == log.shown);
    CHECK(verified(log.files()).out.find("read: ") != std::string::npos);
  }
}

}  // namespace respublica::test
