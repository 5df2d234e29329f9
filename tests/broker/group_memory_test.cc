// What pending entries cost, and what it costs to write them to a checkpoint. respublica-bench group-pending measures a
// million of them.

#include <ctime>
#include <string>

#include "broker/group_codec.h"
#include "tests/broker/allocation_counter.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using Kind = GroupRecord::Kind;

constexpr std::size_t kPending = 200'000;
constexpr std::size_t kConsumers = 10;
constexpr std::size_t kAtOnce = 100;
constexpr std::size_t kMostBytes = 100;

/// Ten consumers, who are given a hundred entries each in turn.
StreamGroups full_groups() {
  StreamGroups groups;
  GroupRecord record;
  record.kind = Kind::make;
  record.group = 1;
  record.name = "g";
  REQUIRE(groups.apply(record));
  record.kind = Kind::make_consumer;
  for (record.consumer = 1; record.consumer <= kConsumers; ++record.consumer) {
    const std::string name = "consumer " + std::to_string(record.consumer);
    record.name = name;
    REQUIRE(groups.apply(record));
  }
  record.kind = Kind::deliver;
  for (std::size_t i = 0; i < kPending; i += kAtOnce) {
    record.consumer = 1 + i / kAtOnce % kConsumers;
    record.time_ms = 1'700'000'000'000 + i / 50;
    record.entries.clear();
    for (std::size_t k = i; k < i + kAtOnce; ++k) record.entries.push_back({{1'700'000'000'000 + k / 20, k % 20}, 1});
    REQUIRE(groups.apply(record));
  }
  return groups;
}

void change(StreamGroups& groups, Kind kind, std::size_t k, std::uint64_t time_ms = 0) {
  GroupRecord record;
  record.kind = kind;
  record.group = 1;
  record.consumer = 1 + k % kConsumers;
  record.time_ms = time_ms;
  record.entries = {{{1'700'000'000'000 + k / 20, k % 20}, 1}};
  REQUIRE(groups.apply(record));
}

}  // namespace

TEST_CASE("a pending entry costs at most 100 bytes, however it came to be pending") {
  const std::size_t before = allocated().bytes;
  StreamGroups groups = full_groups();
  const std::size_t full = (allocated().bytes - before) / kPending;
  CHECK(full <= kMostBytes);
  // Delivered again in any order.
  test::SeededRandom random(1);
  for (std::size_t i = 0; i < kPending / 5; ++i) {
    change(groups, Kind::deliver, random.below(kPending), 1'700'000'100'000 + i / 10);
  }
  const std::size_t mixed = (allocated().bytes - before) / kPending;
  CHECK(mixed <= kMostBytes);

  // Of the processor: the machine may be busy.
  const auto ms_since = [](std::clock_t begin) { return (std::clock() - begin) * 1000 / CLOCKS_PER_SEC; };
  std::string bytes;
  const std::clock_t begin = std::clock();
  encode_groups(groups, bytes);
  const auto encoding_ms = ms_since(begin);
  ByteReader in(bytes);
  const std::clock_t encoded = std::clock();
  const std::shared_ptr<StreamGroups> decoded = decode_groups(in);
  REQUIRE(decoded);
  WARN(kPending << " pending entries: " << full << " B each, " << mixed << " B mixed; in a checkpoint "
                << bytes.size() / kPending << " B each, encoded in " << encoding_ms << " ms, decoded in "
                << ms_since(encoded) << " ms");
}

TEST_CASE("entries that are acknowledged give back what they cost") {
  const std::size_t before = allocated().bytes;
  StreamGroups groups = full_groups();
  const std::size_t full = allocated().bytes - before;
  // All but every fiftieth.
  for (std::size_t k = 0; k < kPending; ++k) {
    if (k % 50 != 0) change(groups, Kind::release, k);
  }
  CHECK(groups.all().begin()->second.pending().size() == kPending / 50);
  CHECK(allocated().bytes - before < full / 10);
  for (std::size_t k = 0; k < kPending; k += 50) change(groups, Kind::release, k);
  CHECK(allocated().bytes - before < 20'000);
}

}  // namespace respublica
