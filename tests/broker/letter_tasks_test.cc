// Redrives and discards in the background, with time that only the test moves.

#include "broker/letter_tasks.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/group_commands.h"
#include "tests/broker/ruled_sequencer.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Act = MoveLetters::Act;
using State = LetterTask::State;

/// So many entries of s have died in g.
struct DeadGroup : RuledSequencer {
  explicit DeadGroup(int dead) : RuledSequencer("*") {
    commit(dead_entries(dead));
    REQUIRE(letters() == static_cast<std::uint64_t>(dead));
  }

  std::uint64_t letters() const { return length("dlq"); }
  std::uint64_t start(LetterTasks::Request request) {
    std::optional<std::uint64_t> id;
    request.channel = "dlq";
    sequencer.ask_tasks([&](LetterTasks& tasks) { id = tasks.start(std::move(request)); });
    sequencer.turn();
    return id.value_or(0);
  }
  std::vector<LetterTask> tasks() {
    std::vector<LetterTask> all;
    sequencer.ask_tasks([&all](LetterTasks& tasks) { all = tasks.all(); });
    sequencer.turn();
    return all;
  }
  /// Until nothing of a task is due any more.
  void finish() {
    bool is_due = true;
    while (is_due) {
      sequencer.ask_tasks([&](LetterTasks& tasks) { is_due = tasks.due() && *tasks.due() <= clock.steady_now(); });
      sequencer.turn();
    }
  }
  std::string pending() { return answer({"s", CountPending{"g"}}); }
};

}  // namespace

TEST_CASE("a redrive goes on in pieces until all letters have moved") {
  DeadGroup group(600);
  CHECK(group.start({}) == 1);
  CHECK(group.letters() == 600 - LetterTasks::kMovedAtOnce);
  group.finish();
  CHECK(group.letters() == 0);
  CHECK(group.pending().starts_with("600 1-0 600-0"));
  const std::vector<LetterTask> tasks = group.tasks();
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].state == State::done);
  CHECK(tasks[0].fates.moved == 600);
  CHECK(tasks[0].looked == 600);
  CHECK(tasks[0].entries == 600);
  CHECK(tasks[0].started_ms == 1000);
  CHECK(group.sequencer.dead_letters().redriven == 600);
}

TEST_CASE("a redrive adds an entry once, though its letters are in several pieces") {
  DeadGroup group(200);
  group.commit({{"s", MakeGroup{"h", StreamId{}, {}, MissingStream::refuse}}});
  DurableCommand read = read_new("c");
  std::get<ReadGroup>(read.change).group = "h";
  const std::string ids = ids_up_to(200);
  DurableCommand died = give_back(ids, ReleaseEntries::Mode::fatal);
  std::get<ReleaseEntries>(died.change).group = "h";
  group.commit({read, died, remove("s", ids_of(ids))});
  REQUIRE(group.letters() == 400);
  group.start({});
  group.finish();
  CHECK(group.letters() == 0);
  CHECK(group.length("s") == 200);
  CHECK(show(group.tasks()[0].fates) == "200 moved, 200 added, 0 skipped");
}

TEST_CASE("a task remembers the last entries that it has added, so many at most") {
  AddedEntries added;
  for (std::uint64_t i = 0; i <= AddedEntries::kMost; ++i) added.add({ChannelNumber{7}, {i, 0}});
  CHECK_FALSE(added.contains({ChannelNumber{7}, {0, 0}}));
  CHECK(added.contains({ChannelNumber{7}, {1, 0}}));
  CHECK(added.contains({ChannelNumber{7}, {AddedEntries::kMost, 0}}));
  CHECK_FALSE(added.contains({ChannelNumber{8}, {1, 0}}));
}

TEST_CASE("a piece does not look at many large entries") {
  DeadGroup group(1);
  for (int i = 0; i < 6; ++i) group.commit({add("dlq", "*", std::string(900'000, 'x'))});
  group.start({});
  CHECK(group.tasks()[0].looked == 6);
  group.finish();
  CHECK(group.tasks()[0].looked == 7);
}

TEST_CASE("other commands are done between the pieces") {
  DeadGroup group(600);
  group.start({});
  CHECK(group.commit({add("other", "1-0")}).front().id);
  CHECK(group.letters() == 600 - 2 * LetterTasks::kMovedAtOnce);
}

TEST_CASE("a redrive with a rate moves so many letters in a second") {
  DeadGroup group(100);
  LetterTasks::Request request;
  request.rate = 50;
  group.start(std::move(request));
  CHECK(group.letters() == 95);
  group.pass(99ms);
  CHECK(group.letters() == 95);
  group.pass(1ms);
  CHECK(group.letters() == 90);
  for (int i = 0; i < 8; ++i) group.pass(100ms);
  CHECK(group.letters() == 50);
  for (int i = 0; i < 10; ++i) group.pass(100ms);
  CHECK(group.letters() == 0);
}

TEST_CASE("a redrive with a low rate moves one letter after the other") {
  DeadGroup group(5);
  LetterTasks::Request request;
  request.rate = 2;
  group.start(std::move(request));
  CHECK(group.letters() == 4);
  group.pass(499ms);
  CHECK(group.letters() == 4);
  group.pass(1ms);
  CHECK(group.letters() == 3);
}

TEST_CASE("a redrive ends with the count, and looks at what is meant alone") {
  DeadGroup group(10);
  LetterTasks::Request request;
  request.count = 3;
  group.start(std::move(request));
  group.finish();
  CHECK(group.letters() == 7);
  CHECK(group.tasks()[0].state == State::done);
  LetterTasks::Request other;
  other.filter.group = "h";
  group.start(std::move(other));
  LetterTasks::Request by_origin;
  by_origin.filter.origins = ids_of("5-0 9-0");
  group.start(std::move(by_origin));
  group.finish();
  CHECK(group.letters() == 5);
  CHECK(group.tasks()[1].fates.moved == 0);
  CHECK(group.tasks()[1].looked == 7);
  CHECK(group.tasks()[2].fates.moved == 2);
}

TEST_CASE("a redrive of letters by their IDs looks at no others") {
  DeadGroup group(10);
  LetterTasks::Request request;
  request.filter.ids = ids_of("1000-2 1000-4 9999-0");
  group.start(std::move(request));
  group.finish();
  CHECK(group.letters() == 8);
  CHECK(group.tasks()[0].looked == 2);
  CHECK(group.pending().starts_with("2 3-0 5-0"));
}

TEST_CASE("letters that come later are not sent back with those that were there") {
  DeadGroup group(10);
  LetterTasks::Request request;
  request.rate = 10;
  group.start(std::move(request));
  CHECK(group.letters() == 9);
  group.commit({give_back("1-0", ReleaseEntries::Mode::fatal)});
  CHECK(group.letters() == 10);
  for (int i = 0; i < 20; ++i) group.pass(100ms);
  CHECK(group.letters() == 1);
  CHECK(group.tasks()[0].state == State::done);
}

TEST_CASE("a task that is cancelled moves nothing more") {
  DeadGroup group(600);
  const std::uint64_t id = group.start({});
  bool cancelled = false;
  group.sequencer.ask_tasks([&](LetterTasks& tasks) { cancelled = tasks.cancel(id) && !tasks.cancel(id); });
  group.sequencer.turn();
  CHECK(cancelled);
  group.finish();
  CHECK(group.letters() == 600 - LetterTasks::kMovedAtOnce);
  CHECK(group.tasks()[0].state == State::cancelled);
}

TEST_CASE("a dry run tells at its end what would be, and is no task") {
  DeadGroup group(600);
  std::string foreseen;
  LetterTasks::Request request;
  request.act = Act::discard;
  request.foresee = [&foreseen](const LetterTask& task) { foreseen = show(task.fates); };
  group.start(std::move(request));
  CHECK(group.tasks().empty());
  group.finish();
  CHECK(foreseen == "600 moved, 0 added, 0 skipped");
  CHECK(group.letters() == 600);
}

TEST_CASE("a task of a channel that is not there is done at once") {
  DeadGroup group(1);
  group.sequencer.ask_tasks([](LetterTasks& tasks) { tasks.start({Act::redrive, "none", {}, {}, 0, 0, nullptr}); });
  group.sequencer.turn();
  CHECK(group.tasks()[0].state == State::done);
}

TEST_CASE("tasks that run at once take turns") {
  DeadGroup group(10);
  for (int i = 0; i < 2; ++i) {
    LetterTasks::Request request;
    request.rate = 10;
    group.start(std::move(request));
  }
  CHECK(group.letters() == 8);
  for (const LetterTask& task : group.tasks()) CHECK(task.fates.moved == 1);
}

TEST_CASE("so many tasks run at once, and so many ended ones are shown") {
  DeadGroup group(1);
  LetterTasks::Request waiting;
  for (std::size_t i = 0; i < LetterTasks::kMostRunning; ++i) {
    group.sequencer.ask_tasks([](LetterTasks& tasks) { tasks.start({Act::redrive, "dlq", {}, {}, 1, 0, nullptr}); });
  }
  std::optional<std::uint64_t> one_more = 0;
  group.sequencer.ask_tasks([&](LetterTasks& tasks) { one_more = tasks.start({}); });
  group.sequencer.turn();
  CHECK_FALSE(one_more);
  group.finish();
  for (int i = 0; i < 5; ++i) group.start({});
  group.finish();
  CHECK(group.tasks().size() == LetterTasks::kEndedShown);
  CHECK(group.tasks().back().id == LetterTasks::kMostRunning + 5);
}

TEST_CASE("how often an entry has died is in the log") {
  DeadGroup group(2);
  group.start({});
  group.finish();
  Sequencer again(opener(group.disk), LogOptions{}, group.clock, group.listener);
  REQUIRE(again.open());
  again.start_by_hand();
  Outcomes outcomes = submit(again, {give_back("2-0", ReleaseEntries::Mode::fatal)});
  again.turn();
  CHECK(outcomes.get().front().count == 1);
  const LogSource source(*again.log());
  StreamReader reader(source);
  std::uint64_t deaths = 0;
  REQUIRE(reader.backward(*again.streams().find("dlq"), {}, [&deaths](const StoredEntry& entry) {
    deaths = DeadLetter::read(entry.fields)->deaths();
    return false;
  }));
  CHECK(deaths == 2);
}

TEST_CASE("while the log takes nothing a task waits, and goes on when it does") {
  bool is_full = false;
  DeadGroup group(600);
  group.disk->observe([&is_full](std::string_view operation) -> Result<void> {
    const bool refused = is_full && operation == "preallocate";
    return refused ? Result<void>(Error{"no space", ErrorKind::no_space}) : Result<void>();
  });
  // What is appended takes the rest of the segment.
  group.commit({add("other", "1-0", std::string(LogOptions{}.segment_bytes - 100'000, 'x'))});
  is_full = true;
  group.start({});
  CHECK(group.letters() == 600);
  CHECK(group.tasks()[0].state == State::running);
  is_full = false;
  group.pass(1s);
  group.finish();
  CHECK(group.letters() == 0);
}

}  // namespace respublica
