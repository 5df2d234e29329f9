#include "server/commands/group_arguments.h"

#include <string>

#include "server/commands/claim_arguments.h"
#include "server/commands/group_read_arguments.h"
#include "server/commands/reference_arguments.h"
#include "tests/support/catch.h"
#include "tests/support/request_words.h"

namespace respublica {
namespace {

constexpr auto kMax = kMaxStreamId.ms;

template <typename Value>
Value value_of(const Result<Value>& result) {
  INFO((result ? "" : result.error().message));
  REQUIRE(result);
  return result.value();
}

template <typename Change>
Change change_of(const GroupRequest<Change>& request) {
  CHECK(request.fault.empty());
  return request.change;
}

MakeGroup make_group(std::string_view line) { return change_of(value_of(parse_make_group(cut(line)))); }
SetGroup set_group(std::string_view line) { return change_of(value_of(parse_set_group(cut(line)))); }
GroupReadRequest read_group(std::string_view line) {
  const GroupReadRequest request = value_of(parse_group_read(cut(line)));
  CHECK(request.reading.fault.empty());
  return request;
}
ClaimEntries claim(std::string_view line) { return change_of(parse_claim(cut(line))); }
ClaimIdle claim_idle(std::string_view line) { return value_of(parse_claim_idle(cut(line))); }
ReleaseEntries release(std::string_view line) { return change_of(parse_release(cut(line))); }
ListPending list_pending(std::string_view line) {
  const auto pending = value_of(parse_pending(cut(line)));
  REQUIRE(std::holds_alternative<ListPending>(pending));
  return std::get<ListPending>(pending);
}

}  // namespace

TEST_CASE("XGROUP CREATE names a group and the ID behind which it reads") {
  const MakeGroup plain = make_group("XGROUP CREATE s g 5-6");
  CHECK(plain.group == "g");
  CHECK(plain.after == StreamId{5, 6});
  CHECK_FALSE(plain.entries_read);
  CHECK(plain.missing == MissingStream::refuse);
  CHECK_FALSE(make_group("XGROUP CREATE s g $").after);
  const MakeGroup all = make_group("XGROUP CREATE s g 0 entriesread 7 MkStream");
  CHECK(all.after == kMinStreamId);
  CHECK(all.entries_read == 7);
  CHECK(all.missing == MissingStream::make);
  CHECK_FALSE(make_group("XGROUP CREATE s g 0 ENTRIESREAD -1").entries_read);
}

TEST_CASE("XGROUP SETID takes the ends of a range, too") {
  CHECK(set_group("XGROUP SETID s g -").after == kMinStreamId);
  CHECK(set_group("XGROUP SETID s g +").after == kMaxStreamId);
  CHECK_FALSE(set_group("XGROUP SETID s g $").after);
  CHECK(set_group("XGROUP SETID s g 5 ENTRIESREAD 3").entries_read == 3);
  CHECK(set_group("XGROUP SETID s g 5").group == "g");
}

TEST_CASE("XREADGROUP pairs keys and positions") {
  const GroupReadRequest all = read_group(
      "XREADGROUP noack group g c COUNT 5 BLOCK 250 CLAIM 60000 MAXCOUNT 9 MAXSIZE 100 STREAMS a b c > 0 5-6");
  const ReadGroup& reading = all.reading.change;
  CHECK(reading.group == "g");
  CHECK(reading.consumer == "c");
  CHECK(reading.count == 5);
  CHECK(reading.caps.entries == 9);
  CHECK(reading.caps.bytes == 100);
  CHECK(reading.pending == ReadGroup::Pending::no);
  CHECK(reading.claim_idle_ms == 60000);
  CHECK(all.block == std::chrono::milliseconds(250));
  REQUIRE(reading.places.size() == 3);
  CHECK(reading.places[0].channel == "a");
  CHECK_FALSE(reading.places[0].after);
  CHECK(reading.places[1].after == kMinStreamId);
  CHECK(reading.places[2].channel == "c");
  CHECK(reading.places[2].after == StreamId{5, 6});
}

TEST_CASE("XREADGROUP neither waits nor limits unless it is asked to") {
  const GroupReadRequest plain = read_group("XREADGROUP GROUP STREAMS GROUP STREAMS s >");
  CHECK(plain.reading.change.group == "STREAMS");
  CHECK(plain.reading.change.consumer == "GROUP");
  CHECK(plain.reading.change.count == 0);
  CHECK(plain.reading.change.caps.entries == 0);
  CHECK(plain.reading.change.caps.bytes == 0);
  CHECK(plain.reading.change.pending == ReadGroup::Pending::yes);
  CHECK_FALSE(plain.reading.change.claim_idle_ms);
  CHECK_FALSE(plain.block);
  const GroupReadRequest last = read_group("XREADGROUP GROUP a b GROUP g c COUNT -3 BLOCK 0 STREAMS s >");
  CHECK(last.reading.change.group == "g");
  CHECK(last.reading.change.count == 0);
  CHECK(last.block == std::chrono::milliseconds(0));
}

TEST_CASE("the greatest ID of XREADGROUP is another name of what is new") {
  const GroupReadRequest request =
      read_group("XREADGROUP GROUP g c STREAMS s t 18446744073709551615-18446744073709551615 18446744073709551615-0");
  CHECK_FALSE(request.reading.change.places[0].after);
  CHECK(request.reading.change.places[1].after == StreamId{kMax, 0});
}

TEST_CASE("XACK names IDs, XACKDEL and XDELEX the references that stay") {
  CHECK(change_of(parse_acknowledge(cut("XACK s g 5 6-7 5"))).ids == std::vector<StreamId>{{5, 0}, {6, 7}, {5, 0}});
  const auto both = change_of(value_of(parse_acknowledge_and_delete(cut("XACKDEL s g acked IDS 2 5 6-7"))));
  CHECK(both.group == "g");
  CHECK(both.ids == std::vector<StreamId>{{5, 0}, {6, 7}});
  CHECK(both.references == References::acknowledged);
  const auto behind = change_of(value_of(parse_delete_referenced(cut("XDELEX s ids 1 5 DELREF"))));
  CHECK(behind.ids == std::vector<StreamId>{{5, 0}});
  CHECK(behind.references == References::drop);
  CHECK(change_of(value_of(parse_delete_referenced(cut("XDELEX s IDS 1 5")))).references == References::keep);
}

TEST_CASE("the IDs of XCLAIM end where the options begin") {
  const ClaimEntries plain = claim("XCLAIM s g c 100 5 6-7");
  CHECK(plain.group == "g");
  CHECK(plain.consumer == "c");
  CHECK(plain.min_idle_ms == 100);
  CHECK(plain.ids == std::vector<StreamId>{{5, 0}, {6, 7}});
  CHECK_FALSE(plain.idle_ms);
  CHECK_FALSE(plain.time_ms);
  CHECK_FALSE(plain.deliveries);
  CHECK_FALSE(plain.last_id);
  CHECK_FALSE(plain.force);
  CHECK_FALSE(plain.just_ids);
  const ClaimEntries all = claim("XCLAIM s g c -5 5 force justid RetryCount 3 LASTID 8-1 IDLE 10");
  CHECK(all.min_idle_ms == 0);
  CHECK(all.force);
  CHECK(all.just_ids);
  CHECK(all.deliveries == 3);
  CHECK(all.last_id == StreamId{8, 1});
  CHECK(all.idle_ms == 10);
  CHECK(claim("XCLAIM s g c 0 JUSTID").ids.empty());
}

TEST_CASE("of IDLE and TIME the last counts, and what is no time is now") {
  const ClaimEntries time = claim("XCLAIM s g c 0 5 IDLE 10 TIME 7000");
  CHECK_FALSE(time.idle_ms);
  CHECK(time.time_ms == 7000);
  const ClaimEntries idle = claim("XCLAIM s g c 0 5 TIME 7000 IDLE -3");
  CHECK(idle.idle_ms == 0);
  CHECK_FALSE(idle.time_ms);
  const ClaimEntries negative = claim("XCLAIM s g c 0 5 IDLE 7 TIME -1");
  CHECK_FALSE(negative.idle_ms);
  CHECK_FALSE(negative.time_ms);
  CHECK_FALSE(claim("XCLAIM s g c 0 5 RETRYCOUNT 5 RETRYCOUNT -1").deliveries);
}

TEST_CASE("XAUTOCLAIM goes on behind an ID") {
  const ClaimIdle plain = claim_idle("XAUTOCLAIM s g c 100 (5");
  CHECK(plain.from == StreamId{5, 1});
  CHECK(plain.count == 100);
  CHECK_FALSE(plain.just_ids);
  const ClaimIdle all = claim_idle("XAUTOCLAIM s g c 0 - justid COUNT 7");
  CHECK(all.from == kMinStreamId);
  CHECK(all.count == 7);
  CHECK(all.just_ids);
  CHECK(claim_idle("XAUTOCLAIM s g c 0 + COUNT 576460752303423487").from == kMaxStreamId);
}

TEST_CASE("XNACK says how the delivery counts, why, and when the next may be") {
  const ReleaseEntries plain = release("XNACK s g SILENT IDS 1 5");
  CHECK(plain.group == "g");
  CHECK(plain.mode == ReleaseEntries::Mode::silent);
  CHECK(plain.ids == std::vector<StreamId>{{5, 0}});
  CHECK_FALSE(plain.deliveries);
  CHECK_FALSE(plain.force);
  CHECK_FALSE(plain.delay_ms);
  const ReleaseEntries all = release("XNACK s g fatal ids 2 5 6 REASON bad FORCE DELAY 500 RETRYCOUNT 0");
  CHECK(all.mode == ReleaseEntries::Mode::fatal);
  CHECK(all.ids.size() == 2);
  CHECK(all.reason == "bad");
  CHECK(all.force);
  CHECK(all.delay_ms == 500);
  CHECK(all.deliveries == 0);
  CHECK(release("XNACK s g FAIL IDS 1 5").mode == ReleaseEntries::Mode::fail);
}

TEST_CASE("XPENDING counts, or lists a range") {
  CHECK(std::get<CountPending>(value_of(parse_pending(cut("XPENDING s g")))).group == "g");
  const ListPending plain = list_pending("XPENDING s g - + 10");
  CHECK(plain.group == "g");
  CHECK(plain.range == IdRange{});
  CHECK(plain.count == 10);
  CHECK(plain.min_idle_ms == 0);
  CHECK_FALSE(plain.consumer);
  const ListPending all = list_pending("XPENDING s g idle 500 (5 6 -1 c");
  CHECK(all.range == IdRange{{5, 1}, {6, kMax}});
  CHECK(all.count == 0);
  CHECK(all.min_idle_ms == 500);
  CHECK(all.consumer == "c");
  CHECK(list_pending("XPENDING s g IDLE -7 - + 1").min_idle_ms == 0);
  CHECK(list_pending("XPENDING s g - + 1 c ignored").consumer == "c");
}

}  // namespace respublica
