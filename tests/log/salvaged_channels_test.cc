#include "tools/log/salvaged_channels.h"

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using logtool::EntryGap;
using logtool::SalvagedChannel;
using logtool::SalvagedChannels;

/// Gives records places 100 apart.
struct Taker {
  SalvagedChannels channels;
  LogPosition position;

  std::optional<EntryGap> take(const Record& record) {
    position = position + 100;
    return channels.take(record, position);
  }
  void name(std::uint64_t number, std::string_view name) {
    Record record;
    record.kind = Record::Kind::channel;
    record.channel = {{number}, name};
    take(record);
  }
  std::optional<EntryGap> append(std::uint64_t number, EntryKey id, std::uint64_t back = 0) {
    Record record;
    record.kind = Record::Kind::append;
    record.append = {{number}, id, back, ""};
    return take(record);
  }
  const SalvagedChannel& of(std::uint64_t number) const { return channels.all().at({number}); }
};

}  // namespace

TEST_CASE("a channel is what its records say") {
  Taker taker;
  taker.name(0, "a");
  taker.append(0, {1, 0});
  taker.append(0, {2, 0}, 100);
  Record record;
  record.kind = Record::Kind::remove;
  record.remove = {{0}, {{2, 0}}};
  taker.take(record);
  record.kind = Record::Kind::expiry;
  record.expiry = {{0}, 77};
  taker.take(record);
  CHECK(taker.of(0).name == "a");
  CHECK(taker.of(0).last_id == EntryKey{2, 0});
  CHECK(taker.of(0).max_deleted == EntryKey{2, 0});
  CHECK(taker.of(0).entries_added == 2);
  CHECK(taker.of(0).expires_ms == 77);
  CHECK(taker.of(0).removals.covers({2, 0}, {300}));
  CHECK_FALSE(taker.of(0).removals.covers({1, 0}, {200}));
  record.kind = Record::Kind::drop;
  record.drop = {{0}};
  taker.take(record);
  CHECK(taker.channels.all().empty());
}

TEST_CASE("an entry tells when the one before it is lost") {
  Taker taker;
  CHECK_FALSE(taker.append(0, {1, 0}));
  CHECK_FALSE(taker.append(0, {2, 0}, 100));
  taker.position = {1000};
  const auto gap = taker.append(0, {9, 0}, 250);
  REQUIRE(gap);
  CHECK(gap->position == LogPosition{850});
  CHECK(gap->after == EntryKey{2, 0});
  CHECK(gap->before == EntryKey{9, 0});
  taker.position = {2000};
  const auto first = taker.append(1, {5, 0}, 100);
  REQUIRE(first);
  CHECK_FALSE(first->after);
  CHECK_FALSE(taker.append(0, {10, 0}, 1100));
}

TEST_CASE("a name that is given again ends the channel that had it") {
  Taker taker;
  taker.name(0, "a");
  taker.append(0, {1, 0});
  taker.name(1, "a");
  REQUIRE(taker.channels.all().size() == 1);
  CHECK(taker.of(1).name == "a");
}

TEST_CASE("an ID that does not grow says that nothing above it was left") {
  Taker taker;
  taker.append(0, {5, 0});
  taker.append(0, {3, 0});
  CHECK(taker.of(0).removals.covers({5, 0}, {100}));
  CHECK_FALSE(taker.of(0).removals.covers({3, 0}, {200}));
  CHECK(taker.of(0).last_id == EntryKey{3, 0});
}

TEST_CASE("XSETID that goes back leaves nothing above") {
  Taker taker;
  taker.append(0, {3, 0});
  taker.append(0, {5, 0});
  Record record;
  record.kind = Record::Kind::counters;
  record.counters = {{0}, {3, 0}, {5, 0}, 9};
  taker.take(record);
  CHECK(taker.of(0).removals.covers({5, 0}, {200}));
  CHECK_FALSE(taker.of(0).removals.covers({3, 0}, {100}));
  CHECK(taker.of(0).entries_added == 9);
}

TEST_CASE("channels whose names are lost get names that no other has") {
  Taker taker;
  taker.name(0, "salvaged:7");
  taker.append(7, {1, 0});
  taker.channels.name_all();
  CHECK(taker.of(7).name == "salvaged:7+");
  CHECK(taker.of(7).is_name_lost);
  CHECK_FALSE(taker.of(0).is_name_lost);
}

}  // namespace respublica::test
