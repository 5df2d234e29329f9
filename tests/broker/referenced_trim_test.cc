#include "broker/referenced_trim.h"

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

/// Entries 1-0 to 4-0 of s; group g has been given the first three, and has acknowledged 1-0 and 3-0.
struct Trimming : Batches {
  Trimming() {
    for (int i = 1; i <= 4; ++i) commit(add("s", std::to_string(i) + "-0"));
    commit(make_group());
    commit(read_new("c", 3));
    commit(acknowledge("1-0 3-0"));
  }

  std::uint64_t trim_to(std::uint64_t entries, References references) {
    return commit({"s", TrimStream{maxlen(entries), references}}).count;
  }
  std::string pending() { return show(commit({"s", CountPending{"g"}})); }
  bool has(StreamId id) { return commit(remove("s", {id})).count == 1; }
};

}  // namespace

TEST_CASE("trimming with ACKED leaves what is pending or not delivered yet, and takes what stands behind it") {
  Trimming log;
  CHECK(log.trim_to(0, References::acknowledged) == 2);
  CHECK(log.pending() == "1 2-0 2-0 c=1");
  CHECK_FALSE(log.has({1, 0}));
  CHECK(log.has({2, 0}));
  CHECK_FALSE(log.has({3, 0}));
  CHECK(log.has({4, 0}));
}

TEST_CASE("trimming with ACKED takes no more than the rule says") {
  Trimming log;
  CHECK(log.trim_to(3, References::acknowledged) == 1);
  CHECK(log.commit({"s", TrimStream{minid({3, 0}), References::acknowledged}}).count == 0);
  CHECK(log.commit({"s", TrimStream{minid({4, 0}), References::acknowledged}}).count == 1);
}

TEST_CASE("trimming with DELREF takes entries from what is pending") {
  Trimming log;
  CHECK(log.trim_to(1, References::drop) == 3);
  CHECK(log.pending() == "0 0-0 0-0");
}

TEST_CASE("trimming with DELREF leaves references to what had gone before") {
  Trimming log;
  log.commit(remove("s", {{2, 0}}));
  CHECK(log.trim_to(0, References::drop) == 3);
  CHECK(log.pending() == "1 2-0 2-0 c=1");
}

TEST_CASE("trimming with KEEPREF leaves what is pending alone") {
  Trimming log;
  CHECK(log.trim_to(0, References::keep) == 4);
  CHECK(log.pending() == "1 2-0 2-0 c=1");
}

TEST_CASE("an entry that is added with ACKED takes off what every group has acknowledged") {
  Trimming log;
  DurableCommand command = add("s", "5-0", "v", maxlen(1));
  std::get<AppendEntry>(command.change).references = References::acknowledged;
  log.commit(command);
  CHECK_FALSE(log.has({1, 0}));
  CHECK(log.has({2, 0}));
  CHECK(log.has({5, 0}));
}

TEST_CASE("a stream without groups is trimmed as ever") {
  Batches log;
  log.commit(add("s", "1-0"));
  log.commit(add("s", "2-0"));
  CHECK(log.commit({"s", TrimStream{maxlen(1), References::acknowledged}}).count == 1);
}

}  // namespace respublica
