#include "broker/sequencer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

bool unanswered(Outcomes& outcomes) {
  try {
    outcomes.get();
  } catch (const std::future_error&) {
    return true;
  }
  return false;
}

std::ptrdiff_t count(const std::vector<std::string>& events, std::string_view event) {
  return std::count(events.begin(), events.end(), event);
}

/// Blocks whom it is given to until it is opened.
class Gate {
 public:
  void pass() {
    reached_.set_value();
    open_.get_future().wait();
  }
  void open() { open_.set_value(); }
  /// Waits until somebody stands before it.
  void await_somebody() { reached_.get_future().wait(); }

 private:
  std::promise<void> reached_;
  std::promise<void> open_;
};

}  // namespace

TEST_CASE("the log is opened with the first command") {
  SequencerFixture f;
  f.sequencer->start();
  CHECK(f.sequencer->log() == nullptr);
  CHECK(f.events.take().empty());
  CHECK(commit(*f.sequencer, {add("a", "1-0")})[0].id == StreamId{1, 0});
  CHECK(f.sequencer->log() != nullptr);
  CHECK(f.shown("a") == "1-0=v");
}

TEST_CASE("a sequencer without commands leaves the disk alone") {
  SequencerFixture f;
  f.sequencer->start();
  f.sequencer->set_append_sync(AppendSync::everysec);
  f.sequencer->stop();
  CHECK(f.events.take().empty());
  CHECK(f.disk->files().list().value().empty());
}

TEST_CASE("works that came in during a commit are one batch, answered in order") {
  Gate gate;
  std::vector<std::string> answers;
  SequencerFixture f;
  f.sequencer->start();
  f.sequencer->submit({{add("a", "*")}, [&gate](std::vector<DurableOutcome>) { gate.pass(); }});
  gate.await_somebody();
  for (const char* name : {"first", "second", "third"}) {
    f.sequencer->submit(
        {{add("b", "*"), add("b", "1-1"), add("c", "*")}, [&answers, name](std::vector<DurableOutcome> outcomes) {
           CHECK(outcomes.at(1).refusal == Refusal::id_too_small);
           answers.push_back(name + (' ' + std::to_string(outcomes.at(0).id->seq)) + ' ' +
                             std::to_string(outcomes.at(2).id->seq));
         }});
  }
  gate.open();
  f.sequencer->stop();
  CHECK(answers == std::vector<std::string>{"first 0 0", "second 1 1", "third 2 2"});
  const std::shared_ptr<const Stream> b = f.sequencer->streams().find("b");
  REQUIRE(b);
  // One batch has one time.
  CHECK(b->length() == 3);
  CHECK(b->last_id().seq == 2);
}

TEST_CASE("entries are delivered and answered after the sync") {
  std::vector<std::string> seen;
  SequencerFixture f;
  f.on_disk = [&f, &seen](std::string_view operation) {
    if (operation == "sync" && f.sequencer->log() != nullptr) seen.push_back(f.shown("a"));
    return Result<void>();
  };
  f.sequencer->start();
  // The log is there, and the first segment.
  commit(*f.sequencer, {add("x", "*")});
  f.events.take();
  std::vector<std::string> before_answer;
  std::vector<std::string> seen_before_answer;
  std::vector<DurableOutcome> outcomes;
  Gate answered;
  f.sequencer->submit(
      {{add_live("a", "1-0", "x"), add("a", "2-0", "y"), add_live("a", "3-0", "z"), add_live("b", "1-0")},
       [&](std::vector<DurableOutcome> done) {
         before_answer = f.events.take();
         seen_before_answer = seen;
         outcomes = std::move(done);
         answered.open();
       }});
  answered.pass();
  f.sequencer->stop();
  CHECK(outcomes[0].count == 2);
  CHECK(outcomes[1].count == 0);
  CHECK(outcomes[2].count == 2);
  REQUIRE(before_answer.size() >= 5);
  // Of a mark of the first commit there may be more before.
  before_answer.erase(before_answer.begin(), before_answer.end() - 5);
  CHECK(before_answer ==
        std::vector<std::string>{"write", "sync", "deliver a 1-0=x 3-0=z", "deliver b 1-0=v", "appended a a a b"});
  CHECK(count(seen_before_answer, "none") >= 2);
  CHECK(count(seen_before_answer, "none") == static_cast<std::ptrdiff_t>(seen_before_answer.size()));
}

TEST_CASE("everysec and no answer before the sync") {
  for (const AppendSync policy : {AppendSync::everysec, AppendSync::no}) {
    SequencerFixture f;
    f.sequencer->set_append_sync(policy);
    f.sequencer->start();
    commit(*f.sequencer, {add("x", "*")});
    std::vector<std::string> before_answer;
    f.events.take();
    Gate answered;
    f.sequencer->submit({{add("a", "1-0")}, [&](const std::vector<DurableOutcome>&) {
                           before_answer = f.events.take();
                           answered.open();
                         }});
    answered.pass();
    f.sequencer->stop();
    REQUIRE(before_answer.size() >= 2);
    // Of the commit before there may be more.
    before_answer.erase(before_answer.begin(), before_answer.end() - 2);
    CHECK(before_answer == std::vector<std::string>{"write", "appended a"});
    CHECK(count(f.events.take(), "sync") >= 1);
  }
}

TEST_CASE("what was not synced is synced when the policy becomes always") {
  SequencerFixture f;
  f.sequencer->set_append_sync(AppendSync::no);
  f.sequencer->start();
  commit(*f.sequencer, {add("x", "*")});
  f.events.take();
  f.sequencer->set_append_sync(AppendSync::always);
  f.events.wait_for("sync", 2);
  CHECK(f.events.take() == std::vector<std::string>{"sync", "write", "sync"});
}

TEST_CASE("an idle log is marked as durable once") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {add("x", "*")});
  f.events.take();
  f.events.wait_for("sync", 1);
  f.sequencer->stop();
  CHECK(f.events.take() == std::vector<std::string>{"write", "sync"});
}

TEST_CASE("a full disk refuses, and takes commands when there is room again") {
  std::atomic<bool> full = true;
  SequencerFixture f;
  f.on_disk = [&full](std::string_view operation) -> Result<void> {
    if (full && operation == "preallocate") return Error{"no space left on device", ErrorKind::no_space};
    return {};
  };
  f.sequencer->start();
  // Already the first segment, and later ones.
  for (int i = 1; i <= 3; ++i) {
    full = true;
    DurableOutcome outcome;
    while (outcome.refusal == Refusal::none) {
      outcome = commit(*f.sequencer, {add("filler", "*", std::string(20'000, 'x'))})[0];
    }
    CHECK(outcome.refusal == Refusal::disk_full);
    CHECK(outcome.detail.find("no space left on device") != std::string::npos);
    CHECK_FALSE(outcome.id);
    full = false;
    CHECK(commit(*f.sequencer, {add("a", std::to_string(i) + "-0")})[0].refusal == Refusal::none);
  }
  CHECK(f.shown("a") == "1-0=v 2-0=v 3-0=v");
}

TEST_CASE("a failed sync or write ends it: nothing is answered, nothing is seen") {
  for (const std::string failing : {"sync", "write"}) {
    std::atomic<bool> fails = false;
    SequencerFixture f;
    f.on_disk = [&](std::string_view operation) -> Result<void> {
      if (fails && operation == failing) return Error{"input/output error"};
      return {};
    };
    f.sequencer->start();
    commit(*f.sequencer, {add("a", "1-0")});
    fails = true;
    Outcomes first = submit(*f.sequencer, {add_live("a", "2-0")});
    CHECK(unanswered(first));
    fails = false;
    Outcomes second = submit(*f.sequencer, {add_live("a", "2-0")});
    CHECK(unanswered(second));
    f.sequencer->stop();
    CHECK(f.shown("a") == "1-0=v");
    const std::vector<std::string> events = f.events.take();
    CHECK(count(events, "appended a") == 1);
    CHECK(std::none_of(events.begin(), events.end(), [](const auto& event) { return event.starts_with("deliver"); }));
    CHECK(std::count_if(events.begin(), events.end(), [](const auto& event) { return event.starts_with("failed"); }) ==
          1);
  }
}

TEST_CASE("a sync that fails for a new segment ends it, too") {
  std::atomic<bool> creating = false;
  SequencerFixture f;
  f.on_disk = [&creating](std::string_view operation) -> Result<void> {
    if (operation == "create") {
      creating = true;
    } else if (creating && operation == "sync_directory") {
      return Error{"input/output error"};
    }
    return {};
  };
  f.sequencer->start();
  Outcomes outcomes = submit(*f.sequencer, {add("a", "1-0")});
  CHECK(unanswered(outcomes));
  f.sequencer->stop();
  CHECK(creating);
  const std::vector<std::string> events = f.events.take();
  CHECK(events.back().starts_with("failed"));
}

TEST_CASE("a log that cannot be opened refuses, and is tried again") {
  std::atomic<bool> locked = true;
  SequencerFixture f;
  f.on_disk = [&locked](std::string_view operation) -> Result<void> {
    if (locked && operation == "lock") return Error{"the directory is in use by process 7"};
    return {};
  };
  CHECK_FALSE(f.sequencer->open());
  f.sequencer->start();
  const DurableOutcome outcome = commit(*f.sequencer, {add("a", "1-0")})[0];
  CHECK(outcome.refusal == Refusal::log_unavailable);
  CHECK(outcome.detail == "the directory is in use by process 7");
  locked = false;
  CHECK(commit(*f.sequencer, {add("a", "1-0")})[0].refusal == Refusal::none);
}

TEST_CASE("a log that is opened again has the same streams") {
  SequencerFixture f(5000);
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0"), add("a", "2-0"), add("b", "1-0"), add("c", "1-0")});
  commit(*f.sequencer, {remove("a", {{1, 0}}), drop("b"), expire("c", 100'000), add("d", "7-0")});
  commit(*f.sequencer, {set_id("d", {9, 0}, 20, StreamId{3, 0}), trim("d", maxlen(0)), add("b", "8-0", "new")});
  f.reopen();
  const Result<LogRecovery> opened = f.sequencer->open();
  REQUIRE(opened);
  CHECK(opened.value().cut_bytes == 0);
  CHECK(f.sequencer->streams().size() == 4);
  CHECK(f.shown("a") == "2-0=v");
  CHECK(f.shown("b") == "8-0=new");
  CHECK(f.shown("c") == "1-0=v");
  CHECK(f.shown("d").empty());
  CHECK(f.sequencer->streams().find("c")->expires_ms() == 100'000);
  const auto d = f.sequencer->streams().find("d");
  CHECK(d->last_id() == StreamId{9, 0});
  CHECK(d->entries_added() == 20);
  CHECK(d->max_deleted_id() == StreamId{3, 0});
  f.sequencer->start();
  CHECK(commit(*f.sequencer, {add("e", "1-0")})[0].id == StreamId{1, 0});
  CHECK(f.sequencer->streams().find("e")->number() == ChannelNumber{5});
}

TEST_CASE("time does not go back with the clock, nor with a restart") {
  SetClock clock;
  SequencerFixture f;
  for (const std::uint64_t ms : {9000U, 4000U, 3000U}) {
    clock.set(ms);
    f.sequencer = nullptr;
    f.sequencer = std::make_unique<Sequencer>(opener(f.disk), LogOptions{64 * 1024}, clock, f.listener);
    f.sequencer->start();
    CHECK(commit(*f.sequencer, {add(std::to_string(ms), "*")})[0].id == StreamId{9000, 0});
    clock.set(ms - 1000);
    CHECK(commit(*f.sequencer, {add(std::to_string(ms), "*")})[0].id == StreamId{9000, 1});
  }
}

TEST_CASE("a stream whose time is over is dropped though nobody asks for it, and those who ask are told") {
  SequencerFixture f;
  KeyEventClasses told;
  told.add(KeyEventClass::expired);
  f.sequencer->tell(told);
  f.sequencer->start();
  // The clock goes on with each look at it.
  commit(*f.sequencer, {add("a", "1-0"), add("b", "1-0"), expire("a", 1003)});
  f.events.wait_for("expired a", 1);
  CHECK(f.sequencer->streams().find("a") == nullptr);
  CHECK(f.shown("b") == "1-0=v");
  f.reopen();
  REQUIRE(f.sequencer->open());
  CHECK(f.sequencer->streams().size() == 1);
}

TEST_CASE("streams whose time came while the broker was away are dropped when it is back") {
  TickingClock later(2'000'000);
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0"), expire("a", 1'000'000)});
  f.sequencer = nullptr;
  f.sequencer = std::make_unique<Sequencer>(opener(f.disk), LogOptions{64 * 1024}, later, f.listener);
  KeyEventClasses told;
  told.add(KeyEventClass::expired);
  f.sequencer->tell(told);
  REQUIRE(f.sequencer->open());
  f.sequencer->start();
  f.events.wait_for("expired a", 1);
}

TEST_CASE("stop() commits what was submitted") {
  SequencerFixture f;
  std::vector<Outcomes> outcomes;
  for (int i = 1; i <= 100; ++i) outcomes.push_back(submit(*f.sequencer, {add("a", std::to_string(i) + "-0")}));
  f.sequencer->start();
  f.sequencer->stop();
  for (Outcomes& each : outcomes) CHECK(each.get()[0].refusal == Refusal::none);
  CHECK(f.sequencer->streams().find("a")->length() == 100);
}

TEST_CASE("a log whose records contradict each other is not opened") {
  const auto open_with = [](const auto&... records) {
    SequencerFixture f;
    LogRecovery recovery;
    const RecordVisitor visit = [](const Record&, LogPosition, std::uint64_t) { return Result<void>(); };
    const auto log = MessageLog::open(f.disk->files(), {}, {}, visit, recovery);
    FrameBuilder frame;
    frame.add(ChannelRecord{{0}, "news"});
    (frame.add(records), ...);
    REQUIRE(log.value()->reserve(frame.size()));
    REQUIRE(log.value()->append(frame, 1));
    const Result<LogRecovery> opened = f.sequencer->open();
    CHECK((f.sequencer->log() != nullptr) == opened.ok());
    return opened ? std::string() : opened.error().message;
  };
  const AppendRecord entry{{0}, {5, 0}, 0, "\0"};
  CHECK(open_with(entry).empty());
  CHECK(open_with(ChannelRecord{{7}, "other"}).find("position") != std::string::npos);
  CHECK(open_with(entry, entry).find("'news'") != std::string::npos);
  CHECK(open_with(AppendRecord{{0}, {5, 0}, 9, "\0"}).find("'news'") != std::string::npos);
  CHECK(open_with(AppendRecord{{1}, {5, 0}, 0, "\0"}).find("does not exist") != std::string::npos);
  CHECK(open_with(entry, DeleteRecord{{0}, {{4, 0}}}).find("'news'") != std::string::npos);
  CHECK(open_with(entry, DeleteRecord{{0}, {{5, 0}, {5, 0}}}).find("'news'") != std::string::npos);
  CHECK(open_with(entry, TrimRecord{{0}, {9, 0}, 2, 0}).find("'news'") != std::string::npos);
  CHECK(open_with(entry, CountersRecord{{0}, {4, 0}, {}, 1}).find("'news'") != std::string::npos);
  CHECK(open_with(DropRecord{{0}}, DropRecord{{0}}).find("does not exist") != std::string::npos);
}

}  // namespace respublica
