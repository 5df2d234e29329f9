#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/broker/ruled_sequencer.h"
#include "tests/broker/sequencer_by_hand.h"
#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

using namespace respublica;
using namespace respublica::test;

namespace {

DurableCommand group_of(std::string channel, StreamId after = {}) {
  MakeGroup command{"g", after, std::nullopt, MissingStream::make};
  return {std::move(channel), std::move(command)};
}

DurableCommand read_from(std::vector<std::string> channels, std::string consumer = "c") {
  ReadGroup command;
  command.group = "g";
  command.consumer = std::move(consumer);
  for (std::string& channel : channels) command.places.push_back({std::move(channel), std::nullopt});
  return {{}, std::move(command)};
}

/// "a 1-0 2-0 | b 1-0", "nothing", or "no group".
std::string show_reading(const std::vector<DurableOutcome>& outcomes) {
  const DurableOutcome& outcome = outcomes.back();
  if (outcome.refusal == Refusal::no_such_group) return "no group";
  REQUIRE(outcome.refusal == Refusal::none);
  std::string text;
  for (const GroupReading::Channel& channel : std::get<GroupReading>(*outcome.groups).channels) {
    text += (text.empty() ? "" : " | ") + channel.name;
    for (const GivenEntries::Entry& entry : channel.given.entries) text += ' ' + format_stream_id(entry.id);
  }
  return text.empty() ? "nothing" : text;
}

/// A read that waits, and how it ends.
struct Waiting {
  Waiting(Sequencer& sequencer, DurableCommand command, std::optional<SteadyTime> deadline = std::nullopt)
      : wait(std::make_shared<ReadWait>(deadline)) {
    Sequencer::Work work;
    work.commands.push_back(std::move(command));
    work.done = [promise = promise](std::vector<DurableOutcome> outcomes) { promise->set_value(std::move(outcomes)); };
    work.wait = wait;
    sequencer.submit(std::move(work));
  }
  bool is_done() const { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
  std::string end() { return show_reading(future.get()); }

  std::shared_ptr<ReadWait> wait;
  std::shared_ptr<std::promise<std::vector<DurableOutcome>>> promise =
      std::make_shared<std::promise<std::vector<DurableOutcome>>>();
  std::future<std::vector<DurableOutcome>> future = promise->get_future();
};

}  // namespace

TEST_CASE("a read that waits gets the entry that comes, and nobody else does") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a")});
  Waiting first(*f.sequencer, read_from({"a"}, "first"));
  Waiting second(*f.sequencer, read_from({"a"}, "second"));
  commit(*f.sequencer, {add("a", "1-0")});
  CHECK(first.end() == "a 1-0");
  commit(*f.sequencer, {add("a", "2-0"), add("a", "3-0")});
  CHECK(second.end() == "a 2-0 3-0");
  CHECK(show_reading(commit(*f.sequencer, {read_from({"a"})})) == "nothing");
}

TEST_CASE("once a read that waits finds nothing, only those of its group that claim are still asked") {
  SequencerByHand f;
  f.commit({group_of("a")});
  const std::uint64_t began = unix_ms(f.clock.wall_now());
  const Waiting first(f.sequencer, read_from({"a"}, "first"));
  const Waiting second(f.sequencer, read_from({"a"}, "second"));
  const Waiting third(f.sequencer, read_from({"a"}, "third"));
  DurableCommand claiming = read_from({"a"}, "claiming");
  std::get<ReadGroup>(claiming.change).claim_idle_ms = 1000;
  const Waiting fourth(f.sequencer, std::move(claiming));
  f.sequencer.turn();
  f.pass(std::chrono::milliseconds(10));
  f.commit({add("a", "1-0")});

  const std::vector<DurableOutcome> outcomes = f.commit({{"a", ShowConsumers{"g"}}});
  std::map<std::string, std::uint64_t> seen;
  for (const ConsumerDetail& consumer : std::get<ConsumerDetails>(*outcomes.front().groups).consumers) {
    seen[consumer.name] = consumer.seen_ms - began;
  }
  CHECK(seen == std::map<std::string, std::uint64_t>{{"first", 10}, {"second", 10}, {"third", 0}, {"claiming", 10}});
}

TEST_CASE("who claims what has been idle for longer, and finds nothing, is in nobody's way") {
  RuledSequencer f("a redeliver yes ack-wait 10s");
  f.commit({group_of("a"), add("a", "1-0")});
  CHECK(show_reading(f.commit({read_from({"a"}, "gone")})) == "a 1-0");
  DurableCommand claiming = read_from({"a"}, "claiming");
  std::get<ReadGroup>(claiming.change).claim_idle_ms = 100'000;
  const Waiting first(f.sequencer, std::move(claiming));
  Waiting second(f.sequencer, read_from({"a"}, "second"));
  f.sequencer.turn();
  f.pass_in_steps(std::chrono::seconds(11), std::chrono::seconds(1));
  REQUIRE(second.is_done());
  CHECK(second.end() == "a 1-0");
}

TEST_CASE("what has just been written is handed out without reading the file") {
  SequencerByHand f;
  f.commit({group_of("a"), add("a", "1-0"), add("a", "2-0")});
  CHECK(show_reading(f.commit({read_from({"a"})})) == "a 1-0 2-0");
  f.commit({add("a", "3-0")});
  CHECK(show_reading(f.commit({read_from({"a"})})) == "a 3-0");
  CHECK(f.disk->reads() == 0);
}

TEST_CASE("entries that are there already are given at once") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a"), add("a", "1-0")});
  Waiting waiting(*f.sequencer, read_from({"a"}));
  CHECK(waiting.end() == "a 1-0");
}

TEST_CASE("a read that waits for several streams gets what comes first, once") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a"), group_of("b")});
  Waiting waiting(*f.sequencer, read_from({"a", "b"}));
  commit(*f.sequencer, {add("b", "1-0"), add("a", "1-0")});
  CHECK(waiting.end() == "a 1-0 | b 1-0");
  commit(*f.sequencer, {add("b", "2-0")});
  CHECK(show_reading(commit(*f.sequencer, {read_from({"b"})})) == "b 2-0");
}

TEST_CASE("a read that waits ends when its group or its stream goes") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a"), group_of("b")});
  Waiting of_group(*f.sequencer, read_from({"a"}));
  Waiting of_stream(*f.sequencer, read_from({"b"}));
  commit(*f.sequencer, {{"a", DropGroup{"g"}}});
  CHECK(of_group.end() == "no group");
  commit(*f.sequencer, {drop("b")});
  CHECK(of_stream.end() == "no group");
}

TEST_CASE("a read that has waited until its deadline gets nothing, and takes nothing afterwards") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a")});
  Waiting waiting(*f.sequencer, read_from({"a"}), std::chrono::steady_clock::now());
  CHECK(waiting.end() == "nothing");
  commit(*f.sequencer, {add("a", "1-0")});
  CHECK(show_reading(commit(*f.sequencer, {read_from({"a"})})) == "a 1-0");
}

TEST_CASE("a read that is given up gets nothing, before it waits or while it does") {
  SequencerFixture f;
  Waiting early(*f.sequencer, read_from({"a"}));
  f.sequencer->give_up(early.wait);
  f.sequencer->start();
  CHECK(early.end() == "no group");
  commit(*f.sequencer, {group_of("a")});
  Waiting waiting(*f.sequencer, read_from({"a"}));
  f.sequencer->give_up(waiting.wait);
  CHECK(waiting.end() == "nothing");
  commit(*f.sequencer, {add("a", "1-0")});
  CHECK(show_reading(commit(*f.sequencer, {read_from({"a"})})) == "a 1-0");
}

TEST_CASE("what a waiting read was given is pending after a restart") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a")});
  Waiting waiting(*f.sequencer, read_from({"a"}));
  commit(*f.sequencer, {add("a", "1-0")});
  CHECK(waiting.end() == "a 1-0");
  f.reopen();
  REQUIRE(f.sequencer->open());
  f.sequencer->start();
  const DurableOutcome outcome = commit(*f.sequencer, {{"a", CountPending{"g"}}}).front();
  CHECK(std::get<PendingSummary>(*outcome.groups).count == 1);
  CHECK(show_reading(commit(*f.sequencer, {read_from({"a"})})) == "nothing");
}

TEST_CASE("commands of groups leave a disk without a log alone") {
  SequencerFixture f;
  f.sequencer->start();
  CHECK(show_reading(commit(*f.sequencer, {read_from({"a"})})) == "no group");
  CHECK(commit(*f.sequencer, {{"a", Acknowledge{"g", {{1, 0}}}}}).front().count == 0);
  CHECK(commit(*f.sequencer, {{"a", ShowGroups{}}}).front().refusal == Refusal::no_such_stream);
  CHECK(f.events.take().empty());
  CHECK(f.sequencer->log() == nullptr);
}

TEST_CASE("a full disk refuses deliveries, and groups can still be looked at") {
  std::atomic<bool> full = false;
  SequencerFixture f;
  f.on_disk = [&full](std::string_view operation) -> Result<void> {
    // Nothing is set aside any more; what is set aside already can be written, by an idle log, too.
    if (full && operation == "preallocate") return Error{"full", ErrorKind::no_space};
    return {};
  };
  f.sequencer->start();
  commit(*f.sequencer, {group_of("a"), add("a", "1-0")});
  full = true;
  // More than what is set aside already.
  std::string large(2 << 20, 'x');
  CHECK(commit(*f.sequencer, {add("a", "2-0", large)}).front().refusal == Refusal::disk_full);
  const DurableOutcome outcome = commit(*f.sequencer, {{"a", ShowGroups{}}}).front();
  CHECK(outcome.refusal == Refusal::none);
  CHECK(std::get<GroupDetails>(*outcome.groups).groups.size() == 1);
}

TEST_CASE("a delivery is written and not synced; an acknowledgement is synced") {
  SequencerByHand f;
  f.commit({group_of("a"), add("a", "1-0")});
  f.operations.clear();
  CHECK(show_reading(f.commit({read_from({"a"})})) == "a 1-0");
  CHECK(f.operations == std::vector<std::string>{"write"});
  f.operations.clear();
  CHECK(f.commit({{"a", Acknowledge{"g", {{1, 0}}}}}).front().count == 1);
  CHECK(f.operations == std::vector<std::string>{"write", "sync"});
}
