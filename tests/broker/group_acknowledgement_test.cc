#include "broker/group_acknowledgement.h"

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

/// Entries 1-0 to 4-0 of s; groups g and h have been given the first three.
struct Acknowledging : Batches {
  Acknowledging() {
    for (int i = 1; i <= 4; ++i) commit(add("s", std::to_string(i) + "-0"));
    commit(make_group());
    commit(read_new("c", 3));
    commit({"s", MakeGroup{"h", StreamId{}, {}, MissingStream::refuse}});
    DurableCommand read = read_new("c", 3);
    std::get<ReadGroup>(read.change).group = "h";
    commit(read);
  }

  std::string pending(const std::string& group) { return show(commit({"s", CountPending{group}})); }
};

}  // namespace

TEST_CASE("an entry is acknowledged once, in its group") {
  Acknowledging log;
  CHECK(show(log.commit(acknowledge("1-0 1-0 4-0 9-9"))) == "1");
  CHECK(show(log.commit(acknowledge("1-0 2-0"))) == "1");
  CHECK(log.pending("g") == "1 3-0 3-0 c=1");
  CHECK(log.pending("h") == "3 1-0 3-0 c=3");
  CHECK(show(log.commit(acknowledge("1-0", "none"))) == "0");
  CHECK(show(log.commit({"t", Acknowledge{"g", ids_of("1-0")}})) == "0");
}

TEST_CASE("an entry is acknowledged though it is gone") {
  Acknowledging log;
  log.commit(remove("s", {{1, 0}}));
  CHECK(show(log.commit(acknowledge("1-0"))) == "1");
}

TEST_CASE("a hundred thousand acknowledgements of one command take no time") {
  Batches log;
  log.commit(make_group());
  std::string ids;
  for (int i = 1; i <= 100'000; ++i) ids += (i > 1 ? " " : "") + std::to_string(i) + "-0";
  log.begin();
  for (int i = 1; i <= 100'000; ++i) log.batch->decide(add("s", std::to_string(i) + "-0"));
  log.commit();
  log.commit(read_new("c"));
  CHECK(show(log.commit(acknowledge(ids))) == "100000");
  CHECK(show(log.commit(claim("c", ids))).empty());
  CHECK(log.commit(remove("s", ids_of(ids))).count == 100'000);
}

TEST_CASE("acknowledging and deleting leaves what other groups have pending") {
  Acknowledging log;
  CHECK(show(log.commit(acknowledge_and_delete("1-0 4-0 1-0", References::keep))) == "1 -1 -1");
  CHECK(log.shown("s") == "2-0=v 3-0=v 4-0=v");
  CHECK(log.pending("g") == "2 2-0 3-0 c=2");
  CHECK(log.pending("h") == "3 1-0 3-0 c=3");
}

TEST_CASE("acknowledging and deleting can drop what other groups have pending") {
  Acknowledging log;
  CHECK(show(log.commit(acknowledge_and_delete("1-0 2-0", References::drop))) == "1 1");
  CHECK(log.shown("s") == "3-0=v 4-0=v");
  CHECK(log.pending("h") == "1 3-0 3-0 c=1");
}

TEST_CASE("acknowledging and deleting can wait for other groups") {
  Acknowledging log;
  CHECK(show(log.commit(acknowledge_and_delete("1-0", References::acknowledged))) == "2");
  CHECK(log.pending("g") == "2 2-0 3-0 c=2");
  log.commit(acknowledge("1-0 2-0", "h"));
  CHECK(show(log.commit(acknowledge_and_delete("1-0 2-0", References::acknowledged))) == "-1 1");
  CHECK(log.shown("s") == "1-0=v 3-0=v 4-0=v");
}

TEST_CASE("what was pending and is gone is acknowledged and counts as deleted") {
  Acknowledging log;
  log.commit(remove("s", {{1, 0}}));
  CHECK(show(log.commit(acknowledge_and_delete("1-0", References::keep))) == "1");
  CHECK(log.pending("g") == "2 2-0 3-0 c=2");
}

TEST_CASE("without the group no entry is acknowledged or deleted") {
  Acknowledging log;
  CHECK(show(log.commit({"s", AcknowledgeAndDelete{"none", ids_of("1-0 2-0"), References::keep}})) == "-1 -1");
  CHECK(show(log.commit({"t", AcknowledgeAndDelete{"g", ids_of("1-0 2-0"), References::keep}})) == "-1 -1");
}

TEST_CASE("an entry is deleted and stays pending, or is dropped everywhere") {
  Acknowledging log;
  CHECK(show(log.commit(delete_referenced("1-0 9-9 1-0", References::keep))) == "1 -1 -1");
  CHECK(log.pending("g") == "3 1-0 3-0 c=3");
  CHECK(show(log.commit(delete_referenced("2-0 4-0", References::drop))) == "1 1");
  CHECK(log.pending("g") == "2 1-0 3-0 c=2");
  CHECK(log.pending("h") == "2 1-0 3-0 c=2");
  CHECK(show(log.commit({"t", DeleteReferenced{ids_of("1-0"), References::keep}})) == "-1");
}

TEST_CASE("an entry that a group has not acknowledged, or not been given, is kept") {
  Acknowledging log;
  log.commit(acknowledge("1-0 2-0"));
  log.commit(acknowledge("1-0", "h"));
  CHECK(show(log.commit(delete_referenced("1-0 2-0 4-0", References::acknowledged))) == "1 2 2");
  CHECK(log.shown("s") == "2-0=v 3-0=v 4-0=v");
  log.commit({"s", DropGroup{"g"}});
  log.commit({"s", DropGroup{"h"}});
  CHECK(show(log.commit(delete_referenced("4-0", References::acknowledged))) == "1");
}

}  // namespace respublica
