#include "broker/consumer_group.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Kind = GroupRecord::Kind;

GroupRecord record(Kind kind, std::uint64_t consumer = 0, std::vector<GroupRecord::Entry> entries = {},
                   std::uint64_t time_ms = 0) {
  GroupRecord record;
  record.kind = kind;
  record.consumer = consumer;
  record.name = consumer == 1 ? "c" : "d";
  record.entries = std::move(entries);
  record.time_ms = time_ms;
  return record;
}

/// A group with the consumers c (1) and d (2).
ConsumerGroup group_of_two() {
  ConsumerGroup group("g", 1, {}, std::nullopt);
  REQUIRE(group.apply(record(Kind::make_consumer, 1, {}, 50)));
  REQUIRE(group.apply(record(Kind::make_consumer, 2, {}, 60)));
  return group;
}

/// The entries that may be claimed, in order.
std::string by_claim(const ConsumerGroup& group) {
  std::string shown;
  group.by_claim().for_each([&shown](const ConsumerGroup::Claimable& one) {
    shown += (shown.empty() ? "" : " ") + format_stream_id(one.id);
  });
  return shown;
}

std::string pending_of(const Consumer& consumer) {
  std::string shown;
  consumer.pending.for_each([&shown](StreamId id) { shown += (shown.empty() ? "" : " ") + format_stream_id(id); });
  return shown;
}

}  // namespace

TEST_CASE("an entry is pending with the consumer that it was delivered to last") {
  ConsumerGroup group = group_of_two();
  REQUIRE(group.apply(record(Kind::deliver, 1, {{{1, 0}, 1}, {{2, 0}, 1}}, 100)));
  REQUIRE(group.apply(record(Kind::deliver, 2, {{{1, 0}, 2}}, 300)));
  CHECK(pending_of(*group.find_consumer("c")) == "2-0");
  CHECK(pending_of(*group.find_consumer("d")) == "1-0");
  const PendingEntry* const entry = group.pending().find({1, 0});
  REQUIRE(entry != nullptr);
  CHECK(entry->consumer == 2);
  CHECK(entry->deliveries == 2);
  CHECK(entry->first_delivered_ms == 100);
  CHECK(entry->order.ms() == 300);
  CHECK(by_claim(group) == "2-0 1-0");
  CHECK(group.find_consumer("d")->active_ms == 300);
  CHECK(group.find_consumer("c")->seen_ms == 100);
}

TEST_CASE("a consumer was seen when it was made") {
  const ConsumerGroup group = group_of_two();
  CHECK(group.find_consumer("c")->seen_ms == 50);
  CHECK(group.find_consumer("c")->active_ms == 0);
}

TEST_CASE("entries may be claimed in this order: given back, by delivery, delayed") {
  ConsumerGroup group = group_of_two();
  REQUIRE(
      group.apply(record(Kind::deliver, 1, {{{1, 0}, 1}, {{2, 0}, 1}, {{3, 0}, 1}, {{4, 0}, 1}, {{5, 0}, 1}}, 100)));
  REQUIRE(group.apply(record(Kind::deliver, 1, {{{1, 0}, 2}}, 50)));
  REQUIRE(group.apply(record(Kind::give_back, 0, {{{4, 0}, 1}, {{3, 0}, 1}})));
  REQUIRE(group.apply(record(Kind::give_back, 0, {{{2, 0}, 1}}, 90)));
  CHECK(by_claim(group) == "4-0 3-0 1-0 5-0 2-0");
  CHECK(group.pending().find({2, 0})->order.is_delayed());
  CHECK(group.pending().find({2, 0})->order.ms() == 90);
  CHECK(pending_of(*group.find_consumer("c")) == "1-0 5-0");
  // Given back once more it goes behind the others.
  REQUIRE(group.apply(record(Kind::give_back, 0, {{{4, 0}, 1}})));
  CHECK(by_claim(group) == "3-0 4-0 1-0 5-0 2-0");
}

TEST_CASE("a consumer that is gone leaves nothing pending") {
  ConsumerGroup group = group_of_two();
  REQUIRE(group.apply(record(Kind::deliver, 1, {{{1, 0}, 1}, {{2, 0}, 1}}, 100)));
  REQUIRE(group.apply(record(Kind::deliver, 2, {{{3, 0}, 1}}, 100)));
  REQUIRE(group.apply(record(Kind::drop_consumer, 1)));
  CHECK(group.pending().size() == 1);
  CHECK(by_claim(group) == "3-0");
  CHECK(group.find_consumer("c") == nullptr);
  // Its number is not given again.
  CHECK(group.next_consumer() == 3);
}

TEST_CASE("counts of deliveries that have no room are the greatest one") {
  ConsumerGroup group = group_of_two();
  REQUIRE(group.apply(record(Kind::deliver, 1, {{{1, 0}, UINT64_MAX}, {{2, 0}, 1ULL << 32}, {{3, 0}, 7}}, 100)));
  CHECK(group.pending().find({1, 0})->deliveries == kFatalDeliveries);
  CHECK(group.pending().find({2, 0})->deliveries == kFatalDeliveries);
  CHECK(shown_deliveries(kFatalDeliveries) == INT64_MAX);
  CHECK(shown_deliveries(group.pending().find({3, 0})->deliveries) == 7);
}

TEST_CASE("records that contradict those before them are refused") {
  const auto refuses = [](const GroupRecord& record) {
    ConsumerGroup group = group_of_two();
    REQUIRE(group.apply(respublica::record(Kind::deliver, 1, {{{1, 0}, 1}}, 100)));
    return !group.apply(record);
  };
  CHECK(refuses(record(Kind::make_consumer, 2)));
  CHECK(refuses(record(Kind::make_consumer, 4)));
  GroupRecord second = record(Kind::make_consumer, 3);
  second.name = "c";
  CHECK(refuses(second));
  CHECK(refuses(record(Kind::drop_consumer, 3)));
  CHECK(refuses(record(Kind::drop_consumer, 0)));
  CHECK(refuses(record(Kind::drop_consumer, (1ULL << 32) + 1)));
  CHECK(refuses(record(Kind::deliver, 0, {{{1, 0}, 1}})));
  CHECK(refuses(record(Kind::deliver, 3, {{{1, 0}, 1}})));
  CHECK(refuses(record(Kind::deliver, (1ULL << 32) + 1, {{{1, 0}, 1}})));
  CHECK(refuses(record(Kind::release, 0, {{{2, 0}, 0}})));
  CHECK(refuses(record(Kind::release, 0, {{{1, 0}, 0}, {{1, 0}, 0}})));
  CHECK(refuses(record(Kind::make)));
  CHECK(refuses(record(Kind::drop)));
  CHECK_FALSE(refuses(record(Kind::release, 0, {{{1, 0}, 0}})));
}

TEST_CASE("what cannot have been is not restored") {
  ConsumerGroup group = group_of_two();
  Consumer consumer;
  consumer.name = "e";
  for (const ConsumerNumber number : {ConsumerNumber{0}, ConsumerNumber{2}, UINT32_MAX}) {
    consumer.number = number;
    CHECK_FALSE(group.restore(consumer));
  }
  consumer.number = 9;
  CHECK(group.restore(consumer));
  CHECK(group.next_consumer() == 10);
  PendingEntry entry{{1, 0}, ClaimOrder::delivered(5), 5, 1, 9};
  CHECK(group.restore(entry));
  CHECK_FALSE(group.restore(entry));
  entry.id = {2, 0};
  entry.consumer = 3;
  CHECK_FALSE(group.restore(entry));
}

TEST_CASE("how often an entry has died is known for as long as it is pending") {
  ConsumerGroup group = group_of_two();
  REQUIRE(group.apply(record(Kind::give_back, 0, {{{1, 0}, 0}, {{2, 0}, 0}, {{3, 0}, 0}})));
  REQUIRE(group.apply(record(Kind::died, 0, {{{1, 0}, 1}, {{2, 0}, 4}})));
  CHECK(group.deaths_of({2, 0}) == 4);
  CHECK(group.deaths_of({3, 0}) == 0);
  REQUIRE(group.apply(record(Kind::deliver, 1, {{{1, 0}, 1}}, 100)));
  REQUIRE(group.apply(record(Kind::deliver, 2, {{{2, 0}, 1}}, 100)));
  CHECK(group.deaths_of({2, 0}) == 4);
  REQUIRE(group.apply(record(Kind::release, 0, {{{1, 0}, 0}})));
  REQUIRE(group.apply(record(Kind::drop_consumer, 2)));
  CHECK(group.deaths().empty());
  CHECK_FALSE(group.apply(record(Kind::died, 0, {{{1, 0}, 1}})));
}

}  // namespace respublica
