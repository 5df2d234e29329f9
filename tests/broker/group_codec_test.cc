#include "broker/group_codec.h"

#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using test::SeededRandom;
using Kind = GroupRecord::Kind;

/// Groups that have seen `changes` random records.
StreamGroups random_groups(SeededRandom& random, int changes) {
  StreamGroups groups;
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < changes; ++i) {
    GroupRecord record;
    record.kind = static_cast<Kind>(1 + random.below(9));
    record.group = numbers.empty() ? 0 : numbers[random.below(numbers.size())];
    record.consumer = 1 + random.below(4);
    const std::string name = "name " + std::to_string(i);
    record.name = name;
    record.last_delivered = {random.below(100), random.below(3)};
    if (random.percent(50)) record.entries_read = random.below(1000);
    record.time_ms = random.percent(30) ? 0 : 1000 + random.below(1000);
    std::set<std::uint64_t> ids;
    for (std::uint64_t count = random.below(20); count > 0; --count) ids.insert(random.below(200));
    for (const std::uint64_t id : ids) record.entries.push_back({{id / 3, id % 3}, 1 + random.below(5)});
    if (record.kind == Kind::make && numbers.size() < 4) {
      record.group = groups.next_number();
      numbers.push_back(record.group);
    }
    if (record.kind == Kind::drop && random.percent(90)) continue;
    const auto& all = groups.all();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&record](const auto& each) { return each.second.number() == record.group; });
    if (found == all.end() && record.kind != Kind::make) continue;
    if (record.kind == Kind::make_consumer) record.consumer = found->second.next_consumer();
    if (record.kind == Kind::release || record.kind == Kind::died) {
      std::erase_if(record.entries, [&found](const GroupRecord::Entry& entry) {
        return found->second.pending().find({entry.id.high, entry.id.low}) == nullptr;
      });
    }
    // One that contradicts the others changes nothing: the consumer is not there.
    static_cast<void>(groups.apply(record));
    if (record.kind == Kind::drop) std::erase(numbers, record.group);
  }
  return groups;
}

std::string encoded(const StreamGroups& groups) {
  std::string bytes;
  encode_groups(groups, bytes);
  return bytes;
}

std::string by_claim(const ConsumerGroup& group) {
  std::string shown;
  group.by_claim().for_each([&shown](const ConsumerGroup::Claimable& one) { shown += format_stream_id(one.id) + ' '; });
  return shown;
}

}  // namespace

TEST_CASE("groups are decoded as they were encoded") {
  SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    const StreamGroups groups = random_groups(random, round * 2);
    const std::string bytes = encoded(groups);
    ByteReader in(bytes);
    const std::shared_ptr<StreamGroups> decoded = decode_groups(in);
    REQUIRE(decoded);
    CHECK(in.rest().empty());
    CHECK(decoded->next_number() == groups.next_number());
    REQUIRE(decoded->all().size() == groups.all().size());
    CHECK(encoded(*decoded) == bytes);
    for (const auto& [name, group] : groups.all()) {
      const ConsumerGroup* const other = decoded->find(name);
      REQUIRE(other != nullptr);
      CHECK(other->last_delivered() == group.last_delivered());
      CHECK(other->entries_read() == group.entries_read());
      CHECK(other->next_consumer() == group.next_consumer());
      CHECK(by_claim(*other) == by_claim(group));
      CHECK(other->deaths() == group.deaths());
      REQUIRE(other->consumers().size() == group.consumers().size());
      for (const auto& [consumer_name, consumer] : group.consumers()) {
        const Consumer* const same = other->find_consumer(consumer_name);
        REQUIRE(same != nullptr);
        CHECK(same->number == consumer.number);
        CHECK(same->seen_ms == consumer.seen_ms);
        CHECK(same->active_ms == consumer.active_ms);
        CHECK(same->pending.size() == consumer.pending.size());
      }
    }
  }
}

TEST_CASE("what is given back after a checkpoint goes behind what was given back before") {
  StreamGroups groups;
  GroupRecord record;
  record.kind = Kind::make;
  record.group = 1;
  REQUIRE(groups.apply(record));
  record.kind = Kind::give_back;
  record.entries = {{{9, 0}, 1}, {{5, 0}, 1}};
  REQUIRE(groups.apply(record));
  const std::string bytes = encoded(groups);
  ByteReader in(bytes);
  const std::shared_ptr<StreamGroups> decoded = decode_groups(in);
  REQUIRE(decoded);
  record.entries = {{{1, 0}, 1}};
  REQUIRE(decoded->apply(record));
  CHECK(by_claim(*decoded->find("")) == "9-0 5-0 1-0 ");
}

TEST_CASE("bytes that are no groups are refused, or are other groups") {
  SeededRandom random(6);
  StreamGroups groups;
  while (groups.all().size() < 3) groups = random_groups(random, 60);
  const std::string bytes = encoded(groups);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    CHECK_FALSE(decode_groups(in));
  }
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = bytes;
    for (std::uint64_t count = 1 + random.below(4); count > 0; --count) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    }
    ByteReader in(damaged);
    if (const std::shared_ptr<StreamGroups> other = decode_groups(in)) {
      const std::string again = encoded(*other);
      ByteReader second(again);
      const std::shared_ptr<StreamGroups> same = decode_groups(second);
      REQUIRE(same);
      CHECK(encoded(*same) == again);
    }
  }
}

}  // namespace respublica
