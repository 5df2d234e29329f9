#include "tools/log/salvaged_groups.h"

#include "broker/group_codec.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using logtool::SalvagedGroups;
using Kind = GroupRecord::Kind;

GroupRecord record(Kind kind, std::uint64_t group, std::uint64_t consumer = 0, std::string_view name = "",
                   std::vector<GroupRecord::Entry> entries = {}, std::uint64_t time_ms = 0) {
  GroupRecord record;
  record.kind = kind;
  record.group = group;
  record.consumer = consumer;
  record.name = name;
  record.entries = std::move(entries);
  record.time_ms = time_ms;
  return record;
}

/// What a broker makes of the salvaged records.
StreamGroups replayed(const SalvagedGroups& salvaged) {
  StreamGroups groups;
  for (const GroupRecord& record : salvaged.records({4})) {
    CHECK(record.channel == ChannelNumber{4});
    CHECK(groups.apply(record));
  }
  return groups;
}

/// "g at 0-0: 1-0 c 100 2": ID, consumer, time, deliveries of each pending entry, in the order of claims.
std::string shown(const SalvagedGroups& salvaged) {
  std::string text;
  const StreamGroups groups = replayed(salvaged);
  for (const auto& [name, group] : groups.all()) {
    text += (text.empty() ? "" : "; ") + name + " at " + format_stream_id(group.last_delivered());
    for (const auto& [consumer_name, consumer] : group.consumers()) text += " +" + consumer_name;
    const ConsumerGroup& of = group;
    group.by_claim().for_each([&text, &of](const ConsumerGroup::Claimable& one) {
      const PendingEntry& entry = *of.pending().find(one.id);
      const Consumer* const consumer = of.find_consumer(entry.consumer);
      text += ", " + format_stream_id(one.id) + ' ' + (consumer == nullptr ? "nobody" : consumer->name) + ' ' +
              (one.order.is_given_back() ? "0" : std::to_string(one.order.ms())) + ' ' +
              std::to_string(entry.deliveries);
    });
  }
  return text;
}

/// A group g with the consumers c and d.
SalvagedGroups group_of_two() {
  SalvagedGroups groups;
  groups.take(record(Kind::make, 1, 0, "g"));
  groups.take(record(Kind::make_consumer, 1, 1, "c", {}, 50));
  groups.take(record(Kind::make_consumer, 1, 2, "d", {}, 60));
  return groups;
}

}  // namespace

TEST_CASE("whole records make the same groups again") {
  SalvagedGroups groups = group_of_two();
  groups.take(record(Kind::deliver, 1, 1, "", {{{1, 0}, 1}, {{2, 0}, 1}, {{3, 0}, 1}, {{4, 0}, 1}}, 100));
  groups.take(record(Kind::deliver, 1, 2, "", {{{2, 0}, 2}}, 300));
  groups.take(record(Kind::give_back, 1, 0, "", {{{4, 0}, 1}, {{3, 0}, 5}}));
  groups.take(record(Kind::give_back, 1, 0, "", {{{5, 0}, 1}}, 70));
  // That of 9-0, which is not pending as far as is known, is passed over.
  groups.take(record(Kind::died, 1, 0, "", {{{2, 0}, 3}, {{9, 0}, 1}}));
  groups.take(record(Kind::drop_consumer, 1, 1));
  groups.take(record(Kind::make_consumer, 1, 3, "e", {}, 70));
  groups.take(record(Kind::deliver, 1, 3, "", {{{6, 0}, 1}}, 400));
  CHECK(shown(groups) == "g at 0-0 +d +e, 4-0 nobody 0 1, 3-0 nobody 0 5, 2-0 d 300 2, 6-0 e 400 1, 5-0 nobody 70 1");
  const StreamGroups again = replayed(groups);
  const ConsumerGroup& group = again.all().at("g");
  CHECK(group.pending().find({2, 0})->first_delivered_ms == 100);
  CHECK(group.find_consumer("d")->seen_ms == 300);
  CHECK(group.deaths() == ConsumerGroup::Deaths{{{2, 0}, 3}});
}

TEST_CASE("salvaged groups begin with those of a checkpoint") {
  SalvagedGroups before = group_of_two();
  before.take(record(Kind::deliver, 1, 1, "", {{{1, 0}, 1}, {{2, 0}, 1}}, 100));
  const StreamGroups known = replayed(before);
  SalvagedGroups groups(&known);
  groups.take(record(Kind::release, 1, 0, "", {{{1, 0}, 0}}));
  CHECK(shown(groups) == "g at 0-0 +c +d, 2-0 c 100 1");
  // What was known stays as it was.
  CHECK(known.all().at("g").pending().size() == 2);
}

TEST_CASE("a group whose name is lost is left out") {
  SalvagedGroups groups = group_of_two();
  groups.take(record(Kind::move, 2));
  groups.take(record(Kind::deliver, 2, 1, "", {{{1, 0}, 1}}));
  CHECK(groups.lost() == 1);
  CHECK(shown(groups) == "g at 0-0 +c +d");
  groups.take(record(Kind::drop, 2));
  CHECK(groups.lost() == 0);
}

TEST_CASE("what a consumer has whose name is lost is pending with nobody") {
  SalvagedGroups groups = group_of_two();
  groups.take(record(Kind::deliver, 1, 7, "", {{{1, 0}, 3}}, 100));
  groups.take(record(Kind::drop_consumer, 1, 7));
  CHECK(shown(groups) == "g at 0-0 +c +d, 1-0 nobody 0 3");
}

TEST_CASE("what is released and was never delivered is passed over") {
  SalvagedGroups groups = group_of_two();
  groups.take(record(Kind::deliver, 1, 1, "", {{{1, 0}, 1}, {{2, 0}, 1}}, 100));
  groups.take(record(Kind::release, 1, 0, "", {{{9, 0}, 0}, {{1, 0}, 0}}));
  CHECK(shown(groups) == "g at 0-0 +c +d, 2-0 c 100 1");
}

TEST_CASE("a name that is given again ends the group and the consumer that had it") {
  SalvagedGroups groups = group_of_two();
  groups.take(record(Kind::deliver, 1, 1, "", {{{1, 0}, 1}}, 100));
  groups.take(record(Kind::make_consumer, 1, 5, "c", {}, 70));
  CHECK(shown(groups) == "g at 0-0 +c +d");
  groups.take(record(Kind::make, 4, 0, "g"));
  CHECK(shown(groups) == "g at 0-0");
}

}  // namespace respublica::test
