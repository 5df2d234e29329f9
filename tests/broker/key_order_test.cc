// Entries of one key, in their order and with one consumer at a time.

#include "broker/key_order.h"

#include <map>
#include <sstream>

#include "tests/broker/ruled_sequencer.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// XADD s * f <value> key <key>.
DurableCommand keyed(std::string_view value, std::string_view key) {
  FieldsWriter fields(2);
  fields.add("f", value);
  fields.add("key", key);
  AppendEntry append;
  append.fields = fields.take();
  return {"s", std::move(append)};
}

struct Ordered : RuledSequencer {
  explicit Ordered(const std::string& options = "") : RuledSequencer("s order-by key backoff 1s " + options) {
    run(make_group("$"));
  }

  /// A letter is the key, and what follows it the value: "a1 b1".
  void add_all(const std::string& entries) {
    std::istringstream stream(entries);
    for (std::string entry; stream >> entry;) run(keyed(entry, entry.substr(0, 1)));
  }
  /// The values that a read gives.
  std::string read(const std::string& consumer, std::uint64_t count = 0) {
    const DurableOutcome outcome = run(read_new(consumer, count));
    std::string values;
    for (const auto& channel : std::get<GroupReading>(*outcome.groups).channels) {
      for (const GivenEntries::Entry& entry : channel.given.entries) {
        const std::string value(FieldsReader(channel.given.fields_of(entry)).next().value);
        ids[value] = entry.id;
        values += (values.empty() ? "" : " ") + value;
      }
    }
    return values;
  }
  void done(const std::string& value) { run({"s", Acknowledge{"g", {ids.at(value)}}}); }
  void release(const std::string& value, ReleaseEntries::Mode mode) {
    run(give_back(format_stream_id(ids.at(value)), mode));
  }

  std::map<std::string, StreamId> ids;
};

struct Holding : Ordered {
  Holding() : Ordered("on-dead hold max-deliveries 2") {}
};

}  // namespace

TEST_CASE_METHOD(Ordered, "an entry waits while one of its key is with another consumer, and others pass it") {
  add_all("a1 a2 b1 a3");
  CHECK(read("c", 1) == "a1");
  CHECK(read("d") == "b1");
  CHECK(read("d").empty());
  done("a1");
  CHECK(read("d", 1) == "a2");
  CHECK(read("c").empty());
  done("a2");
  CHECK(read("c") == "a3");
  done("a3");
  done("b1");
  CHECK(answer({"s", CountPending{"g"}}) == "0 0-0 0-0");
}

TEST_CASE_METHOD(Ordered, "one consumer may have several entries of a key, in their order") {
  add_all("a1 a2");
  CHECK(read("c") == "a1 a2");
  add_all("a3 b1");
  CHECK(read("d") == "b1");
  CHECK(read("c") == "a3");
}

TEST_CASE_METHOD(Ordered, "entries without the field are in no order") {
  run(add("s", "*", "x"));
  run(add("s", "*", "y"));
  CHECK(read("c", 1) == "x");
  CHECK(read("d", 1) == "y");
}

TEST_CASE_METHOD(Ordered, "an entry that is tried again is still before those behind it") {
  add_all("a1 a2 b1");
  CHECK(read("c", 1) == "a1");
  release("a1", ReleaseEntries::Mode::fail);
  CHECK(read("d") == "b1");
  pass(seconds(1));
  CHECK(read("d") == "a1");
  CHECK(read("c").empty());
  CHECK(read("d") == "a2");
}

TEST_CASE_METHOD(Ordered, "what others have for long is not claimed out of its order") {
  add_all("a1 a2");
  CHECK(read("c") == "a1 a2");
  const StreamId second = ids.at("a2");
  pass(seconds(100));
  CHECK(answer(claim("d", format_stream_id(second))).empty());
  CHECK(answer(claim_idle("d", 1000, format_stream_id(second))).empty());
  CHECK(answer(claim_idle("d", 100'001)).empty());
  const std::string both = answer(claim_idle("d", 1000));
  CHECK(both.find("a1") < both.find("a2"));
  CHECK(both.find("a2") != std::string::npos);
}

TEST_CASE_METHOD(Ordered, "who waits gets the next one when its key is free") {
  add_all("a1 a2");
  read("c", 1);
  std::string given;
  Sequencer::Work work;
  work.commands.push_back(read_new("d"));
  work.done = [&given](const std::vector<DurableOutcome>& outcomes) { given = show(outcomes.front()); };
  work.wait = std::make_shared<ReadWait>(std::nullopt);
  sequencer.submit(std::move(work));
  sequencer.turn();
  CHECK(given.empty());
  done("a1");
  CHECK(given.find("a2") != std::string::npos);
}

TEST_CASE_METHOD(Ordered, "a restart knows the keys of what is pending") {
  add_all("a1 a2 b1");
  read("c", 1);
  read("d");
  sequencer.stop();
  Sequencer again{opener(disk), LogOptions{}, clock, listener};
  REQUIRE(again.open());
  again.start_by_hand();
  const auto answer_of_again = [&again](DurableCommand command) {
    Outcomes outcomes = submit(again, {std::move(command)});
    again.turn();
    return show(outcomes.get().front());
  };
  CHECK(answer_of_again(read_new("e")) == "nothing");
  answer_of_again({"s", Acknowledge{"g", {ids.at("a1")}}});
  CHECK(answer_of_again(read_new("e")).find("a2") != std::string::npos);
}

TEST_CASE_METHOD(Ordered, "so many entries wait for their keys, and no more") {
  add_all("a1");
  read("c");
  std::vector<DurableCommand> commands;
  for (int i = 0; i < 1500; ++i) commands.push_back(keyed("a", "a"));
  commands.push_back(keyed("b", "b"));
  commit(std::move(commands));
  CHECK(read("d").empty());
  CHECK(answer({"s", CountPending{"g"}}).starts_with("1001 "));
  done("a1");
  CHECK(read("c", 600).size() == 600 * 2 - 1);
  CHECK(read("d") == "b");
}

TEST_CASE_METHOD(Ordered, "a dead entry lets those behind it pass") {
  add_all("a1 a2");
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  CHECK(letters().starts_with("rejected "));
  CHECK(read("d") == "a2");
}

TEST_CASE_METHOD(Holding, "a dead entry holds those behind it until it is acknowledged") {
  add_all("a1 a2 b1");
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  CHECK(letters().starts_with("rejected "));
  CHECK(read("d") == "b1");
  pass(seconds(1'000'000));
  settle();
  CHECK(read("d").empty());
  CHECK(answer(claim("d", format_stream_id(ids.at("a1")))).empty());
  done("a1");
  CHECK(read("d") == "a2");
}

TEST_CASE_METHOD(Holding, "a dead entry that is held dies once") {
  add_all("a1 a2");
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  const std::string once = letters();
  for (const auto mode : {ReleaseEntries::Mode::silent, ReleaseEntries::Mode::fail, ReleaseEntries::Mode::fatal}) {
    CHECK(run(give_back(format_stream_id(ids.at("a1")), mode)).count == 0);
  }
  CHECK(letters() == once);
  CHECK(read("d").empty());
}

TEST_CASE_METHOD(Holding, "a dead entry that is sent back goes first") {
  add_all("a1 a2");
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  ReleaseEntries back;
  back.group = "g";
  back.ids = {ids.at("a1")};
  back.mode = ReleaseEntries::Mode::silent;
  back.deliveries = 0;
  back.force = true;
  run({"s", back});
  CHECK(read("d") == "a1 a2");
}

TEST_CASE_METHOD(Holding, "a dead entry holds nothing when its letter is discarded, or sent elsewhere") {
  const std::optional<std::string> to = GENERATE(std::optional<std::string>(), std::optional<std::string>("elsewhere"));
  add_all("a1 a2");
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  MoveLetters move;
  move.act = to ? MoveLetters::Act::redrive : MoveLetters::Act::discard;
  move.ids = {sequencer.streams().find("dlq")->last_id()};
  move.to = to;
  run({"dlq", move});
  CHECK(read("d") == "a2");
  CHECK(answer({"s", CountPending{"g"}}).starts_with("1 "));
}

TEST_CASE_METHOD(Holding, "a dead entry that died again is held until its last letter goes") {
  add_all("a1 a2");
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  MoveLetters move;
  move.ids = {sequencer.streams().find("dlq")->last_id()};
  run({"dlq", move});
  read("c", 1);
  release("a1", ReleaseEntries::Mode::fatal);
  CHECK(read("d").empty());
  // A copy of the first letter, as a consumer may have made it.
  FieldsWriter former(4);
  former.add("dlq.reason", "rejected");
  former.add("dlq.channel", "s");
  former.add("dlq.id", format_stream_id(ids.at("a1")));
  former.add("dlq.group", "g");
  AppendEntry append;
  append.fields = former.take();
  move.act = MoveLetters::Act::discard;
  move.ids = {*run({"dlq", append}).id};
  run({"dlq", move});
  CHECK(read("d").empty());
}

TEST_CASE_METHOD(Holding, "a sweep holds what it buries, also after a restart") {
  add_all("a1 a2");
  read("c", 1);
  run(claim("c", format_stream_id(ids.at("a1"))));
  pass(seconds(61));
  settle();
  CHECK(letters().starts_with("max-deliveries "));
  // What is held costs no wake-ups.
  CHECK(sleeps());
  sequencer.stop();
  Sequencer again{opener(disk), LogOptions{}, clock, listener};
  REQUIRE(again.open());
  again.start_by_hand();
  Outcomes outcomes = submit(again, {read_new("d")});
  again.turn();
  CHECK(show(outcomes.get().front()) == "nothing");
}

TEST_CASE("whatever consumers do, entries of one key are with one of them, and done in their order") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Ordered by_hand("max-deliveries 0");
    SeededRandom random(seed);
    std::map<std::string, std::string> holder;
    std::map<char, int> next_done{{'a', 1}, {'b', 1}, {'c', 1}};
    std::map<char, int> added;
    int left = 60;
    for (int step = 0; step < 3000 && (left > 0 || !holder.empty() || step < 200); ++step) {
      const std::uint64_t what = random.below(10);
      const std::string consumer(1, static_cast<char>('x' + random.below(3)));
      if (what < 3 && left > 0) {
        const char key = static_cast<char>('a' + random.below(3));
        by_hand.add_all(std::string(1, key) + std::to_string(++added[key]));
        --left;
      } else if (what < 6) {
        std::istringstream given(by_hand.read(consumer, 1 + random.below(3)));
        for (std::string value; given >> value;) {
          for (const auto& [other, who] : holder) CHECK((other[0] != value[0] || other == value || who == consumer));
          holder[value] = consumer;
        }
      } else if (what < 9 && !holder.empty()) {
        // A consumer does what it has in order.
        auto first = holder.begin();
        for (auto at = holder.begin(); at != holder.end(); ++at) {
          if (at->first[0] == first->first[0] && std::stoi(at->first.substr(1)) < std::stoi(first->first.substr(1))) {
            first = at;
          }
        }
        const std::string value = first->first;
        if (what < 8) {
          holder.erase(first);
          CHECK(std::stoi(value.substr(1)) == next_done[value[0]]++);
          by_hand.done(value);
          continue;
        }
        // It fails, and with it what the consumer has behind it.
        for (int i = std::stoi(value.substr(1)); holder.erase(value[0] + std::to_string(i)) == 1; ++i) {
          by_hand.release(value[0] + std::to_string(i), ReleaseEntries::Mode::fail);
        }
        by_hand.pass(seconds(1));
      }
    }
    CHECK(left == 0);
  }
}

}  // namespace respublica
