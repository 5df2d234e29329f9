// What becomes of dead letters that leave their channel.

#include "broker/letter_moves.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/failing_group.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;
using Act = MoveLetters::Act;
using Mode = ReleaseEntries::Mode;

/// Some entries of s are dead, and their letters in dlq.
struct Buried : Failing {
  explicit Buried(const std::string& ids = "1-0") {
    read("c", 1000, 4);
    commit(fail(ids, Mode::fatal, "bad"), 1000);
  }

  /// 1-0 is dead in another group, too.
  void die_in_h() {
    commit({"s", MakeGroup{"h", StreamId{}, {}, MissingStream::refuse}});
    DurableCommand read = read_new("c", 1);
    std::get<ReadGroup>(read.change).group = "h";
    commit(std::move(read));
    DurableCommand died = fail("1-0", Mode::fatal);
    std::get<ReleaseEntries>(died.change).group = "h";
    commit(std::move(died));
    REQUIRE(letters() == 2);
  }

  std::vector<StreamId> letter_ids() {
    std::vector<StreamId> ids;
    const std::shared_ptr<const Stream> stream = streams.find("dlq");
    const LogSource source(*log);
    StreamReader reader(source);
    REQUIRE(reader.forward(*stream, {}, [&ids](const StoredEntry& entry) {
      ids.push_back(entry.id);
      return true;
    }));
    return ids;
  }
  DurableCommand all(Act act) {
    MoveLetters move;
    move.act = act;
    move.ids = letter_ids();
    return {"dlq", std::move(move)};
  }
  std::string move(DurableCommand command) { return show(commit(std::move(command), 2000)); }
};

}  // namespace

TEST_CASE("a dead letter that is sent back is pending again, as if it had never been delivered") {
  Buried log("1-0 3-0");
  CHECK(log.letters() == 2);
  CHECK(log.move(log.all(Act::redrive)) == "2 moved, 0 added, 0 skipped");
  CHECK(log.letters() == 0);
  CHECK(log.pending(2000) == "1-0 nobody -1 0, 2-0 c 1000 1, 3-0 nobody -1 0, 4-0 c 1000 1");
  CHECK(log.batch->dead_letter_counts().redriven == 2);
  CHECK(show(log.commit(read_claiming("d", 9000, 1), 2000)) == "s: 1-0=v1 (2000 0)");
}

TEST_CASE("an entry that dies again says how often it has died, whichever way it was sent back") {
  Buried log;
  CHECK(log.letter()["dlq.deaths"] == "1");
  log.move(log.all(Act::redrive));
  log.commit(fail("1-0", Mode::fatal), 2000);
  CHECK(log.letter()["dlq.deaths"] == "2");
  // As Redis would.
  log.begin(3000);
  DurableCommand back = fail("1-0", Mode::silent);
  std::get<ReleaseEntries>(back.change).deliveries = 0;
  std::get<ReleaseEntries>(back.change).force = true;
  log.run(back);
  log.run(remove("dlq", log.letter_ids()));
  log.commit();
  CHECK(log.pending(3000).starts_with("1-0 nobody -1 0,"));
  log.commit(fail("1-0", Mode::fatal), 3000);
  CHECK(log.letter()["dlq.deaths"] == "3");
  log.move(log.all(Act::redrive));
  CHECK(log.commit(acknowledge("1-0")).count == 1);
  CHECK(log.batch->groups().find(log.streams.find("s")->number(), "g")->deaths().empty());
}

TEST_CASE("the groups of a letter that is only deleted remember nothing") {
  Buried log;
  log.commit(remove("dlq", log.letter_ids()));
  CHECK(log.batch->groups().find(log.streams.find("s")->number(), "g")->deaths().empty());
}

TEST_CASE("an entry that is gone is added again with its fields and its former ID") {
  Buried log("1-0 2-0");
  log.commit(remove("s", {{1, 0}}));
  CHECK(log.move(log.all(Act::redrive)) == "1 moved, 1 added, 0 skipped");
  CHECK(log.letters() == 0);
  const std::map<std::string, std::string> added = log.letter("s");
  CHECK(added == std::map<std::string, std::string>{{"f", "v1"}, {"dlq.redriven-from", "1-0"}});
  CHECK(log.streams.find("s")->length() == 4);
}

TEST_CASE("an entry that has died in several groups is added again once") {
  Buried log;
  log.die_in_h();
  log.commit(remove("s", {{1, 0}}));
  DurableCommand dry = log.all(Act::redrive);
  std::get<MoveLetters>(dry.change).is_dry_run = true;
  CHECK(log.move(dry) == "1 moved, 1 added, 0 skipped");
  CHECK(log.move(log.all(Act::redrive)) == "1 moved, 1 added, 0 skipped");
  CHECK(log.letters() == 0);
  CHECK(log.shown("s") == "2-0=v2 3-0=v3 4-0=v4 2000-0=v1");
  CHECK(log.batch->dead_letter_counts().redriven == 2);
}

TEST_CASE("where an entry cannot be added again all its letters stay") {
  Buried log;
  log.die_in_h();
  log.commit(remove("s", {{1, 0}}));
  log.commit(add("s", "18446744073709551615-18446744073709551615"));
  CHECK(log.move(log.all(Act::redrive)) == "0 moved, 0 added, 2 skipped");
  CHECK(log.letters() == 2);
}

TEST_CASE("an entry that a consumer works on is not taken from it") {
  Buried log;
  log.commit(set_group("0"));
  CHECK(log.read("d", 1000, 1) == "s: 1-0=v1");
  CHECK(log.move(log.all(Act::redrive)) == "0 moved, 0 added, 1 skipped");
  CHECK(log.letters() == 1);
  CHECK(log.pending(2000).starts_with("1-0 d 1000 1"));
  log.commit(give_back("1-0"), 2000);
  CHECK(log.move(log.all(Act::redrive)) == "1 moved, 0 added, 0 skipped");
}

TEST_CASE("a letter that names a stream of the broker's own stays") {
  Failing log;
  log.commit({"$own", MakeGroup{"g", StreamId{}, {}, MissingStream::make}});
  FieldsWriter forged(5);
  forged.add("dlq.reason", "rejected");
  forged.add("dlq.channel", "$own");
  forged.add("dlq.id", "1-0");
  forged.add("dlq.group", "g");
  forged.add("f", "v");
  DurableCommand letter = add("dlq", "7-0");
  std::get<AppendEntry>(letter.change).fields = forged.take();
  log.commit(letter);
  MoveLetters move;
  move.ids = {{7, 0}};
  CHECK(show(log.commit({"dlq", move})) == "0 moved, 0 added, 1 skipped");
  CHECK(log.shown("$own").empty());
  CHECK(log.letters() == 1);
}

TEST_CASE("a letter that has nothing to send back, or no group to go to, stays") {
  Buried log;
  log.commit(remove("s", {{2, 0}}));
  log.commit(fail("2-0", Mode::fatal), 1000);
  log.commit({"s", DropGroup{"g"}});
  CHECK(log.move(log.all(Act::redrive)) == "0 moved, 0 added, 2 skipped");
  CHECK(log.letters() == 2);
  log.commit(make_group("$"));
  CHECK(log.move(log.all(Act::redrive)) == "1 moved, 0 added, 1 skipped");
  CHECK(log.letter()["dlq.id"] == "2-0");
}

TEST_CASE("letters go to another channel with the fields of their entries alone") {
  Buried log("1-0 2-0");
  DurableCommand move = log.all(Act::redrive);
  std::get<MoveLetters>(move.change).to = "elsewhere";
  CHECK(log.move(move) == "2 moved, 0 added, 0 skipped");
  CHECK(log.letters() == 0);
  CHECK(log.shown("elsewhere") == "2000-0=v1 2000-1=v2");
  CHECK(log.pending(2000).starts_with("3-0 c"));
}

TEST_CASE("letters are not sent to the channel that they are in") {
  Buried log;
  DurableCommand move = log.all(Act::redrive);
  std::get<MoveLetters>(move.change).to = "dlq";
  CHECK(log.move(move) == "0 moved, 0 added, 1 skipped");
  CHECK(log.letters() == 1);
}

TEST_CASE("a letter stays when the channel that it goes to has no ID left") {
  Buried log;
  log.commit(add("elsewhere", "18446744073709551615-18446744073709551615"));
  DurableCommand move = log.all(Act::redrive);
  std::get<MoveLetters>(move.change).to = "elsewhere";
  CHECK(log.move(move) == "0 moved, 0 added, 1 skipped");
  CHECK(log.letters() == 1);
}

TEST_CASE("an entry stays pending when the channel of dead letters has no ID left") {
  Failing log;
  log.commit(add("dlq", "18446744073709551615-18446744073709551615"));
  log.read("c", 1000, 1);
  CHECK(log.commit(fail("1-0", Mode::fatal), 1000).refusal != Refusal::none);
  CHECK(log.pending(1000) == "1-0 c 0 1");
  CHECK(log.batch->dead_letter_counts().failed == 1);
  CHECK(log.batch->dead_letter_counts().total() == 0);
}

TEST_CASE("only dead letters are discarded") {
  Buried log("1-0 2-0");
  log.commit(add("dlq", "5000-0"));
  CHECK(log.move(log.all(Act::discard)) == "2 moved, 0 added, 0 skipped");
  CHECK(log.shown("dlq") == "5000-0=v");
  CHECK(log.batch->dead_letter_counts().discarded == 2);
  CHECK(log.pending(1000) == "3-0 c 0 1, 4-0 c 0 1");
}

TEST_CASE("a dry run says what would be, and changes nothing") {
  Buried log("1-0 2-0");
  log.commit(remove("s", {{1, 0}}));
  DurableCommand move = log.all(Act::redrive);
  std::get<MoveLetters>(move.change).is_dry_run = true;
  CHECK(is_look(move));
  log.begin(2000);
  CHECK(show(log.run(move)) == "1 moved, 1 added, 0 skipped");
  CHECK(log.batch->frame().empty());
}

TEST_CASE("who waits for entries is woken by those that come back") {
  Buried log;
  log.batch->take_woken();
  log.begin(2000);
  log.run(log.all(Act::redrive));
  CHECK(log.batch->take_woken() == std::vector<std::string>{"s"});
  log.commit();
}

}  // namespace respublica
