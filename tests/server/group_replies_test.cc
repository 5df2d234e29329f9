#include "server/commands/group_replies.h"

#include <string>

#include "storage/record.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr auto kResp2 = ProtocolVersion::resp2;
constexpr auto kResp3 = ProtocolVersion::resp3;

template <typename Answer>
std::string written(void (*write)(ReplyEncoder&, const Answer&), ProtocolVersion version, const Answer& answer) {
  std::string out;
  ReplyEncoder reply(out, version);
  write(reply, answer);
  return out;
}

/// One entry with the field `a`, and one that is gone.
GivenEntries given_entries() {
  FieldsWriter fields(1);
  fields.add("a", "1");
  GivenEntries given;
  given.fields = fields.take();
  given.entries.push_back({{1, 1}, 0, given.fields.size(), 70, 2});
  given.entries.push_back({{1, 2}, std::nullopt, 0, 80, 3});
  return given;
}

}  // namespace

TEST_CASE("XREADGROUP without anything is the null array") {
  CHECK(written(write_reading, kResp2, {}) == "*-1\r\n");
  CHECK(written(write_reading, kResp3, {}) == "_\r\n");
}

TEST_CASE("XREADGROUP is a map of entries, and what is gone has no fields") {
  GroupReading reading;
  reading.channels.push_back({"s", given_entries()});
  reading.channels.push_back({"t", {}});
  CHECK(written(write_reading, kResp2, reading) ==
        "*2\r\n*2\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\n1-2\r\n*-1\r\n"
        "*2\r\n$1\r\nt\r\n*0\r\n");
  CHECK(written(write_reading, kResp3, reading) ==
        "%2\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\n1-2\r\n_\r\n"
        "$1\r\nt\r\n*0\r\n");
}

TEST_CASE("with CLAIM entries say how they were delivered before") {
  GroupReading reading;
  reading.channels.push_back({"s", given_entries(), true});
  reading.channels.push_back({"t", {}});
  CHECK(written(write_reading, kResp2, reading) ==
        "*2\r\n*2\r\n$1\r\ns\r\n*2\r\n*4\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n:70\r\n:2\r\n"
        "*4\r\n$3\r\n1-2\r\n*-1\r\n:80\r\n:3\r\n"
        "*2\r\n$1\r\nt\r\n*0\r\n");
}

TEST_CASE("XCLAIM answers entries, or their IDs; XAUTOCLAIM also where to go on") {
  ClaimedEntries claimed;
  claimed.given = given_entries();
  claimed.given.entries.pop_back();
  claimed.next = {1, 9};
  claimed.gone = {{1, 2}};
  CHECK(written(write_claimed, kResp2, claimed) == "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
  CHECK(written(write_claimed_idle, kResp3, claimed) ==
        "*3\r\n$3\r\n1-9\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$3\r\n1-2\r\n");
  claimed.just_ids = true;
  CHECK(written(write_claimed, kResp2, claimed) == "*1\r\n$3\r\n1-1\r\n");
  CHECK(written(write_claimed_idle, kResp2, {}) == "*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n");
}

TEST_CASE("XPENDING counts as strings, and is full of nulls when nothing is pending") {
  PendingSummary summary{3, {1, 1}, {1, 5}, {{"c", 2}, {"d", 1}}};
  CHECK(written(write_pending_summary, kResp3, summary) ==
        "*4\r\n:3\r\n$3\r\n1-1\r\n$3\r\n1-5\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n2\r\n*2\r\n$1\r\nd\r\n$1\r\n1\r\n");
  CHECK(written(write_pending_summary, kResp2, {}) == "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n");
  CHECK(written(write_pending_summary, kResp3, {}) == "*4\r\n:0\r\n_\r\n_\r\n_\r\n");
}

TEST_CASE("XPENDING shows what nobody has with an empty name") {
  PendingDetails details;
  details.entries.push_back({{1, 1}, "c", 70, 2});
  details.entries.push_back({{1, 2}, "", std::nullopt, 3});
  CHECK(written(write_pending_details, kResp2, details) ==
        "*2\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:70\r\n:2\r\n*4\r\n$3\r\n1-2\r\n$0\r\n\r\n:-1\r\n:3\r\n");
}

TEST_CASE("XINFO GROUPS has Redis 7's fields, null where a number is not known") {
  GroupDetails details;
  details.groups.push_back({"g", 2, 5, {1, 1}, 7, 8, {}, {}});
  details.groups.push_back({"h", 0, 0, {}, std::nullopt, std::nullopt, {}, {}});
  CHECK(written(write_groups, kResp3, details) ==
        "*2\r\n%6\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:2\r\n$7\r\npending\r\n:5\r\n"
        "$17\r\nlast-delivered-id\r\n$3\r\n1-1\r\n$12\r\nentries-read\r\n:7\r\n$3\r\nlag\r\n:8\r\n"
        "%6\r\n$4\r\nname\r\n$1\r\nh\r\n$9\r\nconsumers\r\n:0\r\n$7\r\npending\r\n:0\r\n"
        "$17\r\nlast-delivered-id\r\n$3\r\n0-0\r\n$12\r\nentries-read\r\n_\r\n$3\r\nlag\r\n_\r\n");
}

TEST_CASE("XINFO CONSUMERS counts from now, and -1 is never") {
  ConsumerDetails details;
  details.now_ms = 100;
  details.consumers.push_back({"c", 2, 90, 60, {}});
  details.consumers.push_back({"d", 0, 110, std::nullopt, {}});
  CHECK(written(write_consumers, kResp2, details) ==
        "*2\r\n*8\r\n$4\r\nname\r\n$1\r\nc\r\n$7\r\npending\r\n:2\r\n$4\r\nidle\r\n:10\r\n$8\r\ninactive\r\n:40\r\n"
        "*8\r\n$4\r\nname\r\n$1\r\nd\r\n$7\r\npending\r\n:0\r\n$4\r\nidle\r\n:0\r\n$8\r\ninactive\r\n:-1\r\n");
}

TEST_CASE("XINFO STREAM FULL shows groups with what is pending, and their consumers") {
  GroupDetail group{"g", 1, 1, {1, 1}, 1, 0, {{{1, 1}, "c", 60, 2}}, {{"c", 1, 90, 60, {{{1, 1}, 60, 2}}}}};
  CHECK(
      written(write_groups_in_full, kResp3, GroupDetails{{group}}) ==
      "*1\r\n%7\r\n$4\r\nname\r\n$1\r\ng\r\n$17\r\nlast-delivered-id\r\n$3\r\n1-1\r\n$12\r\nentries-read\r\n:1\r\n"
      "$3\r\nlag\r\n:0\r\n$9\r\npel-count\r\n:1\r\n$7\r\npending\r\n*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:60\r\n:2\r\n"
      "$9\r\nconsumers\r\n*1\r\n%5\r\n$4\r\nname\r\n$1\r\nc\r\n$9\r\nseen-time\r\n:90\r\n$11\r\nactive-time\r\n:60\r\n"
      "$9\r\npel-count\r\n:1\r\n$7\r\npending\r\n*1\r\n*3\r\n$3\r\n1-1\r\n:60\r\n:2\r\n");
}

TEST_CASE("XACKDEL and XDELEX number what became of each entry") {
  using Fate = EntryFates::Fate;
  CHECK(written(write_fates, kResp2, {{Fate::deleted, Fate::not_there, Fate::kept}}) == "*3\r\n:1\r\n:-1\r\n:2\r\n");
}

}  // namespace respublica
