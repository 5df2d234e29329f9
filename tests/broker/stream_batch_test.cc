#include "broker/stream_batch.h"

#include <string>
#include <vector>

#include "tests/broker/batches.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

constexpr auto kApproximate = TrimRule::Precision::approximate;

std::string words_of(Refusal refusal) { return "refused " + std::to_string(static_cast<int>(refusal)); }

const std::string kTooSmall = words_of(Refusal::id_too_small);
const std::string kExhausted = words_of(Refusal::ids_exhausted);

}  // namespace

TEST_CASE("an automatic ID is the batch's time, or the next one of the last") {
  Batches log;
  log.begin(1000);
  CHECK(log.id(add("a", "*")) == "1000-0");
  CHECK(log.id(add("a", "*")) == "1000-1");
  CHECK(log.id(add("b", "*")) == "1000-0");
  log.commit();
  log.begin(1000);
  CHECK(log.id(add("a", "*")) == "1000-2");
  CHECK(log.id(add("a", "5000-7")) == "5000-7");
  CHECK(log.id(add("a", "*")) == "5000-8");
  CHECK(log.id(add("a", "6000-18446744073709551615")) == "6000-18446744073709551615");
  CHECK(log.id(add("a", "*")) == "6001-0");
}

TEST_CASE("an ID with an automatic sequence is the next one of its millisecond") {
  Batches log;
  log.begin();
  CHECK(log.id(add("a", "0-*")) == "0-1");
  CHECK(log.id(add("a", "0-*")) == "0-2");
  CHECK(log.id(add("a", "7-*")) == "7-0");
  CHECK(log.id(add("a", "7-*")) == "7-1");
  CHECK(log.id(add("a", "6-*")) == kTooSmall);
  CHECK(log.id(add("a", "7-18446744073709551615")) == "7-18446744073709551615");
  CHECK(log.id(add("a", "7-*")) == kTooSmall);
  CHECK(log.id(add("a", "8-*")) == "8-0");
}

TEST_CASE("an exact ID is above the last one") {
  Batches log;
  log.begin();
  CHECK(log.id(add("a", "5-5")) == "5-5");
  CHECK(log.id(add("a", "5-5")) == kTooSmall);
  CHECK(log.id(add("a", "5-4")) == kTooSmall);
  CHECK(log.id(add("a", "4-9")) == kTooSmall);
  CHECK(log.id(add("a", "5-6")) == "5-6");
  // Deleting does not make room.
  log.run(remove("a", {{5, 6}}));
  CHECK(log.id(add("a", "5-6")) == kTooSmall);
}

TEST_CASE("a stream whose last ID is the greatest takes nothing more") {
  Batches log;
  log.begin();
  CHECK(log.id(add("a", "18446744073709551615-18446744073709551615")) == format_stream_id(kMaxStreamId));
  CHECK(log.id(add("a", "*")) == kExhausted);
  CHECK(log.id(add("a", "18446744073709551615-*")) == kExhausted);
  CHECK(log.id(add("a", "18446744073709551615-18446744073709551615")) == kExhausted);
  CHECK(log.id(add("a", "1-1")) == kExhausted);
  CHECK(log.run(trim("a", maxlen(0))).count == 1);
  log.commit();
  CHECK(log.shown("a").empty());
}

TEST_CASE("a missing stream is made, or not where that is not wanted") {
  Batches log;
  log.begin();
  DurableCommand command = add("a", "*");
  std::get<AppendEntry>(command.change).missing = MissingStream::refuse;
  CHECK(log.id(command) == "none");
  CHECK(log.batch->frame().empty());
  log.run(add("a", "1-1"));
  CHECK(log.id(command) == "1000-0");
  log.commit();
  CHECK(log.shown("a") == "1-1=v 1000-0=v");
}

TEST_CASE("readers see nothing of a batch before it is published") {
  Batches log;
  log.commit(add("a", "1-0", "x"));
  const std::shared_ptr<const Stream> before = log.streams.find("a");
  log.begin();
  log.run(add("a", "2-0", "y"));
  log.run(add("b", "1-0"));
  log.run(remove("a", {{1, 0}}));
  CHECK(log.shown("a") == "1-0=x");
  CHECK(log.shown("b") == "none");
  log.commit();
  CHECK(log.shown("a") == "2-0=y");
  CHECK(log.shown("b") == "1-0=v");
  CHECK(before->length() == 1);
  CHECK(before->max_deleted_id() == kMinStreamId);
}

TEST_CASE("what is discarded has never happened") {
  Batches log;
  log.commit(add("a", "1-0", "x"));
  log.begin();
  log.run(add("a", "2-0"));
  log.run(add("b", "1-0"));
  log.run(drop("a"));
  log.run(add_live("a", "7-0"));
  CHECK(log.batch->live_entries().size() == 1);
  log.batch->discard();
  CHECK(log.shown("a") == "1-0=x");
  CHECK(log.shown("b") == "none");
  CHECK(log.batch->live_entries().empty());

  log.begin();
  CHECK(log.batch->frame().empty());
  CHECK(log.id(add("a", "2-0", "y")) == "2-0");
  log.run(add("c", "1-0"));
  log.commit();
  CHECK(log.shown("a") == "1-0=x 2-0=y");
  // The number that `b` had.
  CHECK(log.streams.find("c")->number() == ChannelNumber{1});
}

TEST_CASE("deleting counts what was there, and keeps the greatest deleted ID") {
  Batches log;
  log.begin();
  for (const char* id : {"1-0", "2-0", "3-0", "4-0"}) log.run(add("a", id));
  // Two are of this batch; one is named twice, one is not there.
  CHECK(log.run(remove("a", {{3, 0}, {2, 0}, {3, 0}, {9, 9}})).count == 2);
  CHECK(log.run(remove("a", {{3, 0}})).count == 0);
  CHECK(log.run(remove("missing", {{3, 0}})).count == 0);
  log.commit();
  CHECK(log.shown("a") == "1-0=v 4-0=v");
  CHECK(log.commit(remove("a", {{1, 0}})).count == 1);
  const auto stream = log.streams.find("a");
  CHECK(stream->max_deleted_id() == StreamId{3, 0});
  CHECK(stream->last_id() == StreamId{4, 0});
  CHECK(stream->entries_added() == 4);
  CHECK(stream->length() == 1);
  CHECK(log.commit(remove("a", {{4, 0}})).count == 1);
  // As in Redis, a stream stays when its last entry goes.
  CHECK(log.shown("a").empty());
}

TEST_CASE("exact MAXLEN keeps the newest entries") {
  Batches log;
  log.begin();
  for (int i = 1; i <= 6; ++i) log.run(add("a", std::to_string(i) + "-0"));
  CHECK(log.run(trim("a", maxlen(9))).count == 0);
  CHECK(log.run(trim("a", maxlen(4))).count == 2);
  log.commit();
  CHECK(log.shown("a") == "3-0=v 4-0=v 5-0=v 6-0=v");
  log.commit(remove("a", {{4, 0}}));
  CHECK(log.commit(add("a", "7-0", "v", maxlen(2))).id == StreamId{7, 0});
  CHECK(log.shown("a") == "6-0=v 7-0=v");
  CHECK(log.streams.find("a")->max_deleted_id() == StreamId{4, 0});
  CHECK(log.commit(trim("a", maxlen(0))).count == 2);
  CHECK(log.shown("a").empty());
  CHECK(log.commit(add("a", "8-0", "v", maxlen(0))).id == StreamId{8, 0});
  CHECK(log.shown("a").empty());
  CHECK(log.streams.find("a")->entries_added() == 8);
}

TEST_CASE("exact MINID keeps entries from that ID on") {
  Batches log;
  log.begin();
  for (int i = 1; i <= 6; ++i) log.run(add("a", std::to_string(i) + "-0"));
  CHECK(log.run(trim("a", minid({1, 0}))).count == 0);
  CHECK(log.run(trim("a", minid({3, 5}))).count == 3);
  log.commit();
  CHECK(log.shown("a") == "4-0=v 5-0=v 6-0=v");
  // Above the last ID: an entry that comes later is not trimmed.
  CHECK(log.commit(trim("a", minid({100, 0}))).count == 3);
  log.commit(add("a", "7-0"));
  CHECK(log.shown("a") == "7-0=v");
}

TEST_CASE("approximate trimming takes whole windows and no more than its limit") {
  Batches log;
  const std::string large(20'000, 'x');
  // Windows of four: 1-4, 5-8, ... 17-20.
  for (int i = 1; i <= 20; ++i) log.commit(add("a", std::to_string(i) + "-0", large));
  REQUIRE(log.streams.find("a")->windows().size() == 5);
  CHECK(log.commit(trim("a", maxlen(17, kApproximate))).count == 0);
  CHECK(log.commit(trim("a", maxlen(15, kApproximate, 3))).count == 0);
  CHECK(log.commit(trim("a", maxlen(1, kApproximate, 5))).count == 4);
  CHECK(log.commit(trim("a", minid({12, 0}, kApproximate))).count == 4);
  CHECK(log.commit(trim("a", minid({17, 0}, kApproximate))).count == 8);
  CHECK(log.commit(trim("a", minid({20, 0}, kApproximate))).count == 0);
  CHECK(log.commit(trim("a", minid({20, 1}, kApproximate))).count == 4);
  log.commit(add("a", "21-0"));
  CHECK(log.commit(trim("a", maxlen(0, kApproximate))).count == 1);
  CHECK(log.shown("a").empty());
}

TEST_CASE("XSETID refuses what contradicts the stream") {
  Batches log;
  const auto refusal = [&log](DurableCommand command) { return log.commit(std::move(command)).refusal; };
  CHECK(refusal(set_id("a", {5, 0})) == Refusal::no_such_stream);
  log.begin();
  for (int i = 1; i <= 4; ++i) log.run(add("a", std::to_string(i) + "-0"));
  log.commit();
  CHECK(refusal(set_id("a", {3, 0})) == Refusal::last_id_too_small);
  CHECK(refusal(set_id("a", {4, 0}, 3)) == Refusal::entries_added_too_small);
  CHECK(refusal(set_id("a", {9, 0}, 4, StreamId{8, 0})) == Refusal::none);
  CHECK(refusal(set_id("a", {7, 0})) == Refusal::last_id_below_deleted);
  const auto stream = log.streams.find("a");
  CHECK(stream->last_id() == StreamId{9, 0});
  CHECK(stream->max_deleted_id() == StreamId{8, 0});
  CHECK(stream->entries_added() == 4);
  CHECK(log.commit(add("a", "9-0")).refusal == Refusal::id_too_small);
}

TEST_CASE("an ID that was deleted may come again behind XSETID") {
  Batches log;
  log.begin();
  for (int i = 1; i <= 4; ++i) log.run(add("a", std::to_string(i) + "-0", "old"));
  log.commit();
  log.commit(remove("a", {{3, 0}, {4, 0}}));
  CHECK(log.commit(set_id("a", {5, 0}, std::nullopt, StreamId{1, 0})).refusal == Refusal::none);
  CHECK(log.commit(set_id("a", {2, 0})).refusal == Refusal::none);
  log.begin();
  CHECK(log.id(add("a", "3-0", "new")) == "3-0");
  CHECK(log.id(add("a", "4-0", "new")) == "4-0");
  CHECK(log.run(remove("a", {{4, 0}})).count == 1);
  log.commit();
  CHECK(log.shown("a") == "1-0=old 2-0=old 3-0=new");
}

TEST_CASE("an empty stream takes smaller IDs behind XSETID") {
  Batches log;
  log.commit(add("a", "9-0", "old"));
  log.commit(trim("a", maxlen(0)));
  log.commit(set_id("a", {0, 1}));
  CHECK(log.commit(add("a", "2-0")).id == StreamId{2, 0});
  CHECK(log.shown("a") == "2-0=v");
}

TEST_CASE("a stream that is dropped is made anew") {
  Batches log;
  log.commit(add("a", "9-0", "old"));
  log.begin();
  CHECK(log.run(drop("a")).count == 1);
  CHECK(log.run(drop("a")).count == 0);
  CHECK(log.id(add("a", "1-0", "new")) == "1-0");
  log.commit();
  CHECK(log.shown("a") == "1-0=new");
  CHECK(log.streams.find("a")->entries_added() == 1);
  log.begin();
  log.run(add("b", "1-0"));
  CHECK(log.run(drop("b")).count == 1);
  CHECK(log.run(drop("a")).count == 1);
  log.commit();
  CHECK(log.streams.size() == 0);
}

TEST_CASE("a time that was ahead when the command came is not over when it is committed") {
  Batches log;
  log.commit(add("a", "1-0"), 1000);
  DurableCommand late = expire("a", 2000);
  std::get<ExpireStream>(late.change).is_ahead = true;
  CHECK(log.commit(late, 2003).count == 1);
  REQUIRE(log.streams.find("a") != nullptr);
  CHECK(log.streams.find("a")->expires_ms() == 2004);
}

TEST_CASE("an expired stream is gone for every command") {
  Batches log;
  log.commit(add("a", "9-0", "old"), 1000);
  CHECK(log.commit(expire("missing", 2000), 1000).count == 0);
  CHECK(log.commit(expire("a", 2000), 1000).count == 1);
  CHECK(log.commit(add("a", "10-0"), 1999).id == StreamId{10, 0});
  CHECK(log.streams.find("a")->expired(2000));
  CHECK_FALSE(log.streams.find("a")->expired(1999));
  CHECK(log.commit(add("a", "1-0", "new"), 2000).id == StreamId{1, 0});
  CHECK(log.shown("a") == "1-0=new");
  CHECK_FALSE(log.streams.find("a")->expires_ms());

  log.commit(expire("a", 3000), 2000);
  log.commit(expire("a", std::nullopt), 2000);
  CHECK(log.commit(remove("a", {{1, 0}}), 5000).count == 1);
  // A time that is over drops it at once.
  CHECK(log.commit(expire("a", 5000), 5000).count == 1);
  CHECK(log.shown("a") == "none");
  log.commit(add("a", "1-0"), 5000);
  log.commit(expire("a", 6000), 5000);
  CHECK(log.commit(drop("a"), 6000).count == 0);
  CHECK(log.streams.size() == 0);
}

TEST_CASE("a window that stands in two segments and the frame is read") {
  Batches log;
  const std::string large(15'000, 'x');
  // Five frames of 3 entries each do not fit into one segment of 64 KiB.
  int n = 0;
  for (int batch = 0; batch < 5; ++batch) {
    log.begin();
    log.run(add("a", std::to_string(++n) + "-0", large));
    log.run(add("other", std::to_string(n) + "-0", large));
    log.run(add("a", std::to_string(++n) + "-0", "small"));
    CHECK(log.run(remove("a", {{static_cast<std::uint64_t>(n), 0}, {static_cast<std::uint64_t>(n) - 3, 0}})).count ==
          (batch == 0 ? 1 : 2));
    CHECK(log.run(trim("a", minid({static_cast<std::uint64_t>(n) - 1, 0}))).count == 0);
    log.commit();
    CHECK(log.shown("a") == std::to_string(n - 1) + "-0=" + large);
  }
  CHECK(log.files.list().value().size() > 2);
  log.begin();
  for (int i = 0; i < 8; ++i) log.run(add("a", std::to_string(++n) + "-0", "y"));
  CHECK(log.run(trim("a", maxlen(3))).count == 6);
  log.commit();
  CHECK(log.shown("a") == "16-0=y 17-0=y 18-0=y");
}

TEST_CASE("entries for subscribers are named with their command, in order") {
  Batches log;
  log.begin();
  log.run(add("a", "1-0"));
  log.run(add_live("a", "2-0", "x"));
  log.run(add_live("a", "2-0", "refused"));
  log.run(add_live("b", "*", "y"));
  const auto& live = log.batch->live_entries();
  REQUIRE(live.size() == 2);
  CHECK(live[0].channel == "a");
  CHECK(live[0].id == StreamId{2, 0});
  CHECK(live[0].fields == fields_of("x"));
  CHECK(live[0].command == 1);
  CHECK(live[1].channel == "b");
  CHECK(live[1].command == 3);
  log.commit();
  CHECK(log.batch->live_entries().empty());
}

}  // namespace respublica
