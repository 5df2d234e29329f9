#include "broker/group_delivery.h"

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

/// Entries 1-0 to 5-0 of stream s, with a group that has been given none of them.
struct Delivering : Batches {
  Delivering() {
    for (int i = 1; i <= 5; ++i) commit(add("s", std::to_string(i) + "-0"));
    commit(make_group());
  }

  /// "at 2-0, read 2, lag 3".
  std::string place() {
    const std::string shown = show(commit({"s", ShowGroups{}}));
    return shown.substr(shown.find("at "));
  }
};

}  // namespace

TEST_CASE("a group is given each entry once, whichever consumer asks") {
  Delivering log;
  CHECK(show(log.commit(read_new("c", 2), 2000)) == "s: 1-0=v 2-0=v");
  CHECK(log.place() == "at 2-0, read 2, lag 3");
  CHECK(show(log.commit(read_new("d"), 3000)) == "s: 3-0=v 4-0=v 5-0=v");
  CHECK(log.place() == "at 5-0, read 5, lag 0");
  CHECK(show(log.commit(read_new("c"), 4000)) == "nothing");
  CHECK(show(log.commit(list_pending(), 4000)) ==
        "1-0 c 2000 1, 2-0 c 2000 1, 3-0 d 1000 1, 4-0 d 1000 1, 5-0 d 1000 1");
}

TEST_CASE("a consumer is made by reading, even when there is nothing to read") {
  Batches log;
  log.commit(make_group());
  CHECK(show(log.commit(read_new("c"), 1500)) == "nothing");
  CHECK(show(log.commit({"s", ShowConsumers{"g"}})) == "c 0 seen 1500 active ?");
  log.commit(add("s", "1-0"));
  log.commit(read_new("c"), 1700);
  CHECK(show(log.commit(read_new("c"), 1900)) == "nothing");
  CHECK(show(log.commit({"s", ShowConsumers{"g"}}, 1900)) == "c 1 seen 1900 active 1700");
}

TEST_CASE("without acknowledgements nothing becomes pending, and the group goes on all the same") {
  Delivering log;
  DurableCommand read = read_new("c", 2);
  std::get<ReadGroup>(read.change).pending = ReadGroup::Pending::no;
  CHECK(show(log.commit(read)) == "s: 1-0=v 2-0=v");
  CHECK(show(log.commit(list_pending())).empty());
  CHECK(show(log.commit(read)) == "s: 3-0=v 4-0=v");
  CHECK(log.place() == "at 4-0, read 4, lag 1");
  CHECK(show(log.commit({"s", ShowConsumers{"g"}})) == "c 0 seen 1000 active ?");
}

TEST_CASE("a consumer reads again what it has pending, which counts as a delivery") {
  Delivering log;
  log.commit(read_new("c", 3), 2000);
  log.commit(read_new("d"), 2000);
  CHECK(show(log.commit(read_pending("c"), 2500)) == "s: 1-0=v 2-0=v 3-0=v");
  CHECK(show(log.commit(read_pending("c", "1", 1), 2700)) == "s: 2-0=v");
  CHECK(show(log.commit(list_pending("c"), 3000)) == "1-0 c 500 2, 2-0 c 300 3, 3-0 c 500 2");
  CHECK(show(log.commit({"s", ShowConsumers{"g"}}, 3000)) == "c 3 seen 2700 active 2000, d 2 seen 2000 active 2000");
  CHECK(show(log.commit(read_pending("c", "3"))) == "s: ");
  CHECK(show(log.commit(read_pending("nobody"))) == "s: ");
  CHECK(show(log.commit({"s", ShowConsumers{"g"}})).find("nobody 0") != std::string::npos);
}

TEST_CASE("what is pending and gone from the stream has an ID and no fields, and counts as no delivery") {
  Delivering log;
  log.commit(read_new("c", 2), 2000);
  log.commit(remove("s", {{1, 0}}));
  CHECK(show(log.commit(read_pending("c"), 2500)) == "s: 1-0 2-0=v");
  CHECK(show(log.commit(list_pending(), 2500)) == "1-0 c 500 1, 2-0 c 0 2");
}

TEST_CASE("a group is not given what is gone") {
  Delivering log;
  log.commit(remove("s", {{2, 0}, {5, 0}}));
  CHECK(show(log.commit(read_new("c", 1))) == "s: 1-0=v");
  CHECK(show(log.commit(read_new("c"))) == "s: 3-0=v 4-0=v");
  CHECK(show(log.commit(read_new("c"))) == "nothing");
  log.commit(trim("s", maxlen(0)));
  log.commit(add("s", "6-0"));
  CHECK(show(log.commit(read_new("c"))) == "s: 6-0=v");
}

TEST_CASE("how many entries a group was given is known while nothing behind it was deleted") {
  Delivering log;
  log.commit(remove("s", {{3, 0}}));
  CHECK(log.place() == "at 0-0, read ?, lag ?");
  log.commit(read_new("c", 2));
  CHECK(log.place() == "at 2-0, read ?, lag ?");
  // Behind the greatest ID that was deleted it cannot be told; at the last entry it can.
  log.commit(read_new("c", 1));
  CHECK(log.place() == "at 4-0, read ?, lag ?");
  log.commit(read_new("c", 1));
  CHECK(log.place() == "at 5-0, read 5, lag 0");
  log.commit(add("s", "6-0"));
  CHECK(log.place() == "at 5-0, read 5, lag 1");
}

TEST_CASE("how many entries a group was given can be told again at the first entry") {
  Delivering log;
  log.commit(trim("s", maxlen(2)));
  CHECK(log.place() == "at 0-0, read ?, lag 2");
  log.commit(read_new("c", 1));
  CHECK(log.place() == "at 4-0, read 4, lag 1");
  // Trimmed beyond its place: what it counted says nothing of what is left.
  log.commit(add("s", "6-0"));
  log.commit(trim("s", maxlen(1)));
  CHECK(log.place() == "at 4-0, read 4, lag 1");
  // As Redis 7.0: in an empty stream the group's own count is believed.
  log.commit(trim("s", maxlen(0)));
  CHECK(log.place() == "at 4-0, read 4, lag 2");
}

TEST_CASE("what XSETID sets counts") {
  Delivering log;
  log.commit(remove("s", {{1, 0}}));
  CHECK(log.place() == "at 0-0, read ?, lag 4");
  log.commit(remove("s", {{2, 0}}));
  // As many are gone as when the first entry was 2-0.
  log.commit(set_id("s", {5, 0}, 4));
  CHECK(log.place() == "at 0-0, read ?, lag 3");
  log.commit(read_new("c", 1));
  CHECK(log.place() == "at 3-0, read 2, lag 2");
}

TEST_CASE("of several streams each has its own limit, and all together another one") {
  Delivering log;
  for (int i = 1; i <= 3; ++i) log.commit(add("t", std::to_string(i) + "-0"));
  log.commit({"t", MakeGroup{"g", StreamId{}, {}, MissingStream::refuse}});
  DurableCommand command = read_new("c", 2);
  auto& read = std::get<ReadGroup>(command.change);
  read.places.push_back({"t", std::nullopt});
  CHECK(show(log.commit(command)) == "s: 1-0=v 2-0=v, t: 1-0=v 2-0=v");
  read.caps.entries = 3;
  CHECK(show(log.commit(command)) == "s: 3-0=v 4-0=v, t: 3-0=v");
  log.commit(add("t", "4-0"));
  read.caps.entries = 1;
  CHECK(show(log.commit(command)) == "s: 5-0=v");
  CHECK(show(log.commit(command)) == "t: 4-0=v");
}

TEST_CASE("entries that are more than the bytes that were asked for stay, but for the first") {
  Batches log;
  const std::size_t bytes = fields_of(std::string(100, 'x')).size();
  for (int i = 1; i <= 5; ++i) log.commit(add("s", std::to_string(i) + "-0", std::string(100, 'x')));
  log.commit(make_group());
  DurableCommand command = read_new("c");
  auto& read = std::get<ReadGroup>(command.change);
  const auto count = [&log, &command] {
    const DurableOutcome outcome = log.commit(command);
    const auto& channels = std::get<GroupReading>(*outcome.groups).channels;
    return channels.empty() ? 0 : channels[0].given.entries.size();
  };
  read.caps.bytes = 1;
  CHECK(count() == 1);
  read.caps.bytes = 3 * bytes - 1;
  CHECK(count() == 2);
  read.caps.bytes = 2 * bytes;
  CHECK(count() == 2);
  CHECK(count() == 0);
  // The same of what is pending, and of what is claimed.
  read.places[0].after = StreamId{};
  CHECK(count() == 2);
  read.places[0].after.reset();
  read.claim_idle_ms = 0;
  CHECK(count() == 2);
  CHECK(show(log.commit(list_pending())) == "1-0 c 0 3, 2-0 c 0 3, 3-0 c 0 1, 4-0 c 0 1, 5-0 c 0 1");
}

TEST_CASE("what has been idle comes before what is new, longest first") {
  Delivering log;
  log.commit(read_new("c", 2), 2000);
  log.commit(claim("d", "1-0"), 2500);
  CHECK(show(log.commit(read_claiming("e", 600, 3), 3000)) == "s: 2-0=v 3-0=v 4-0=v (1000 1) (0 0) (0 0)");
  CHECK(show(log.commit(read_claiming("e", 500), 3000)) == "s: 1-0=v 5-0=v (500 2) (0 0)");
  CHECK(show(log.commit(list_pending(), 3000)) == "1-0 e 0 3, 2-0 e 0 2, 3-0 e 0 1, 4-0 e 0 1, 5-0 e 0 1");
}

TEST_CASE("what was given back is claimed first, in the order in which it was given back") {
  Delivering log;
  log.commit(read_new("c"), 2000);
  log.commit(give_back("4-0"), 2100);
  log.commit(give_back("2-0", ReleaseEntries::Mode::fatal), 2200);
  CHECK(show(log.commit(read_claiming("d", 5000), 2300)) == "s: 4-0=v 2-0=v (2300 1) (2300 9223372036854775807)");
  CHECK(show(log.commit(list_pending("d"), 2300)) == "2-0 d 0 9223372036854775807, 4-0 d 0 2");
}

TEST_CASE("what a consumer has pending already is read as without CLAIM") {
  Delivering log;
  log.commit(read_new("c", 1), 2000);
  DurableCommand read = read_claiming("c", 0);
  std::get<ReadGroup>(read.change).places[0].after = StreamId{};
  CHECK(show(log.commit(read, 2000)) == "s: 1-0=v");
}

TEST_CASE("what is gone is not claimed, is pending no more, and does not count") {
  Delivering log;
  log.commit(read_new("c", 3), 2000);
  log.commit(remove("s", {{1, 0}, {2, 0}}));
  CHECK(show(log.commit(read_claiming("d", 0, 1), 2000)) == "s: 3-0=v (0 1)");
  CHECK(show(log.commit(list_pending(), 2000)) == "3-0 d 0 2");
}

TEST_CASE("nothing is given when one of the groups is not there") {
  Delivering log;
  DurableCommand command = read_new("c");
  std::get<ReadGroup>(command.change).places.push_back({"t", std::nullopt});
  CHECK(show(log.commit(command)) == "no group g of t");
  CHECK(show(log.commit({"s", ShowConsumers{"g"}})).empty());
}

TEST_CASE("entries of the same batch are given, too") {
  Batches log;
  log.begin();
  log.run(make_group());
  log.run(add("s", "1-0", "a"));
  CHECK(show(log.run(read_new("c"))) == "s: 1-0=a");
  log.run(add("s", "2-0", "b"));
  CHECK(show(log.run(read_new("c"))) == "s: 2-0=b");
  log.commit();
}

}  // namespace respublica
