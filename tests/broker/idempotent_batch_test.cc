// What a batch makes of messages that come more than once.

#include <string>

#include "broker/log_start.h"
#include "tests/broker/batches.h"
#include "tests/broker/idempotent_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

std::string producers(Batches& log, const std::string& channel, std::uint64_t now_ms = 1000) {
  const DurableOutcome outcome = log.commit({channel, ShowProducers{}}, now_ms);
  return outcome.producers == nullptr ? "none" : show(*outcome.producers);
}

/// As a restart finds it.
void reopen(Batches& log) {
  log.batch = nullptr;
  log.log = nullptr;
  std::vector<Error> damaged;
  Result<LogStart> start = start_log(log.files, {64 * 1024}, damaged);
  REQUIRE(start);
  log.log = std::move(start.value().log);
  log.batch = std::make_unique<StreamBatch>(log.streams, *log.log, start.value().next_number, LogTimes(), 0,
                                            std::move(start.value().groups), std::move(start.value().producers));
}

}  // namespace

TEST_CASE("a message that comes again is answered with the ID of the first, and adds nothing") {
  Batches log;
  CHECK(log.commit(add_once("a", "p", "1", "first")).id == StreamId{1000, 0});
  const DurableOutcome again = log.commit(add_once("a", "p", "1", "other"), 2000);
  CHECK(again.id == StreamId{1000, 0});
  CHECK(again.duplicate);
  CHECK(log.batch->frame().empty());
  CHECK_FALSE(log.commit(add_once("a", "p", "2"), 2000).duplicate);
  CHECK_FALSE(log.commit(add_once("a", "q", "1"), 2000).duplicate);
  CHECK_FALSE(log.commit(add_once("b", "p", "1"), 2000).duplicate);
  CHECK(log.shown("a") == "1000-0=first 2000-0=v 2000-1=v");
  CHECK(producers(log, "a", 2000) == "100s 100: 2 producers, 3 ids, 3 added, 1 duplicates");
}

TEST_CASE("the same message twice in one batch is one entry") {
  Batches log;
  log.begin(1000);
  CHECK(log.id(add_once("a", "p", "1", "first")) == "1000-0");
  CHECK(log.id(add_once("a", "p", "1", "second")) == "1000-0");
  CHECK(log.id(add_once("a", "p", "2")) == "1000-1");
  log.commit();
  CHECK(log.shown("a") == "1000-0=first 1000-1=v");
}

TEST_CASE("nobody hears of a duplicate") {
  Batches log;
  log.batch->tell([] {
    KeyEventClasses classes;
    classes.add(KeyEventClass::stream);
    return classes;
  }());
  DurableCommand command = add_once("a", "p", "1");
  std::get<AppendEntry>(command.change).live = AppendEntry::Live::deliver;
  log.begin();
  log.run(command);
  CHECK(log.batch->live_entries().size() == 1);
  CHECK(log.batch->events().size() == 1);
  log.commit();
  log.begin();
  log.run(command);
  CHECK(log.batch->live_entries().empty());
  CHECK(log.batch->events().empty());
  CHECK(log.batch->take_woken().empty());
}

TEST_CASE("a duplicate trims nothing") {
  Batches log;
  log.commit(add_once("a", "p", "1"));
  log.commit(add("a", "*", "other"));
  DurableCommand again = add_once("a", "p", "1");
  std::get<AppendEntry>(again.change).trim = maxlen(0);
  log.commit(again);
  CHECK(log.shown("a") == "1000-0=v 1000-1=other");
}

TEST_CASE("the ID of the first is the answer though its entry is gone") {
  Batches log;
  log.commit(add_once("a", "p", "1"));
  log.commit(remove("a", {{1000, 0}}));
  CHECK(log.commit(add_once("a", "p", "1")).id == StreamId{1000, 0});
  CHECK(log.shown("a").empty());
}

TEST_CASE("with the stream goes what it tracks") {
  Batches log;
  log.commit(add_once("a", "p", "1"));
  log.begin(1000);
  log.run(drop("a"));
  CHECK_FALSE(log.run(add_once("a", "p", "1")).duplicate);
  log.commit();
  CHECK(producers(log, "a") == "100s 100: 1 producers, 1 ids, 1 added, 0 duplicates");
  log.commit(expire("a", 5000));
  // Its time is over.
  CHECK_FALSE(log.commit(add_once("a", "p", "1"), 5000).duplicate);
}

TEST_CASE("a message to a stream that is not there and not to be made is not tracked") {
  Batches log;
  DurableCommand command = add_once("a", "p", "1");
  std::get<AppendEntry>(command.change).missing = MissingStream::refuse;
  CHECK(log.commit(command).id == std::nullopt);
  CHECK(producers(log, "a") == "none");
  log.commit(add("a", "*"));
  CHECK_FALSE(log.commit(command).duplicate);
}

TEST_CASE("a message that is refused is not tracked, and a duplicate is answered though no ID is left") {
  Batches log;
  log.commit(add_once("a", "p", "1"));
  log.commit(add("a", format_stream_id(kMaxStreamId)));
  CHECK(log.commit(add_once("a", "p", "2")).refusal == Refusal::ids_exhausted);
  CHECK(log.commit(add_once("a", "p", "2")).refusal == Refusal::ids_exhausted);
  CHECK(log.commit(add_once("a", "p", "1")).id == StreamId{1000, 0});
}

TEST_CASE("an ID that is far ahead of the clock is tracked no longer than others") {
  Batches log;
  log.commit(add("a", "9000000-0"));
  CHECK(log.commit(add_once("a", "p", "1")).id == StreamId{9'000'000, 1});
  CHECK(log.commit(add_once("a", "p", "1"), 100'999).duplicate);
  CHECK_FALSE(log.commit(add_once("a", "p", "1"), 101'000).duplicate);
}

TEST_CASE("a stream keeps the limits that it was first used with, until it is told others") {
  Batches log;
  log.commit(add("a", "*"));
  CHECK(show(*log.commit({"a", ShowProducers{{7, 8}}}).producers) == "7s 8: 0 producers, 0 ids, 0 added, 0 duplicates");
  log.commit(add_once("a", "p", "1", "v", {7, 8}));
  CHECK(show(*log.commit({"a", ShowProducers{{9, 9}}}).producers) == "7s 8: 1 producers, 1 ids, 1 added, 0 duplicates");
  CHECK(log.commit(limit_idempotence("a", 20, std::nullopt, {9, 9})).refusal == Refusal::none);
  CHECK(producers(log, "a") == "20s 8: 0 producers, 0 ids, 1 added, 0 duplicates");
  CHECK(log.commit(limit_idempotence("none", 20, {})).refusal == Refusal::no_such_stream);
}

TEST_CASE("limits that are the same as before change nothing") {
  Batches log;
  log.commit(add_once("a", "p", "1"));
  log.commit(limit_idempotence("a", 100, 100));
  CHECK(log.batch->frame().empty());
  CHECK(log.commit(add_once("a", "p", "1")).duplicate);
  log.commit(limit_idempotence("a", std::nullopt, 99));
  CHECK_FALSE(log.commit(add_once("a", "p", "1")).duplicate);
}

TEST_CASE("a restart knows the messages, and each producer's oldest ones make room") {
  Batches log;
  log.commit(add("a", "*"));
  log.commit(limit_idempotence("a", 10, 2));
  for (const char* const iid : {"1", "2", "3"}) log.commit(add_once("a", "p", iid), 2000);
  reopen(log);
  CHECK(producers(log, "a", 3000) == "10s 2: 1 producers, 2 ids, 3 added, 0 duplicates");
  CHECK(log.commit(add_once("a", "p", "3"), 3000).id == StreamId{2000, 2});
  CHECK(log.commit(add_once("a", "p", "2"), 3000).id == StreamId{2000, 1});
  CHECK(log.commit(add_once("a", "p", "1"), 3000).id == StreamId{3000, 0});
  CHECK_FALSE(log.commit(add_once("a", "p", "3"), 12'000).duplicate);
}

}  // namespace respublica
