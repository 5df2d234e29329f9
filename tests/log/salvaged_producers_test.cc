#include "tools/log/salvaged_producers.h"

#include <string>

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using Kind = ProducerRecord::Kind;
using logtool::SalvagedProducers;

ProducerRecord limit(std::uint64_t duration_s, std::uint64_t most) {
  ProducerRecord record;
  record.kind = Kind::limit;
  record.duration_s = duration_s;
  record.most = most;
  return record;
}

ProducerRecord track(std::string_view producer, std::string_view iid, std::uint64_t ms) {
  const IdempotentId id = named_id(producer, iid);
  ProducerRecord record;
  record.kind = Kind::track;
  record.producer = id.producer;
  record.iid = id.iid;
  record.entry = {ms + 7, 1};
  record.ahead_ms = 7;
  return record;
}

}  // namespace

TEST_CASE("whole records make the same producers again") {
  SalvagedProducers salvaged;
  CHECK(salvaged.records({5}).empty());
  salvaged.take(limit(10, 2));
  for (const char* const iid : {"1", "2", "3"}) salvaged.take(track("p", iid, 1000));
  salvaged.take(track("q", "1", 2000));
  StreamProducers again({1, 1});
  for (const ProducerRecord& record : salvaged.records({5})) CHECK(again.apply(record));
  CHECK(again.limits() == IdempotenceLimits{10, 2});
  CHECK(again.find(named_id("p", "1"), 2000) == nullptr);
  REQUIRE(again.find(named_id("p", "3"), 10'999) != nullptr);
  CHECK(again.find(named_id("p", "3"), 2000)->id == StreamId{1007, 1});
  CHECK(again.find(named_id("p", "3"), 11'000) == nullptr);
  CHECK(again.find(named_id("q", "1"), 11'000) != nullptr);
}

TEST_CASE("salvaged producers begin with those of a checkpoint") {
  StreamProducers known({10, 2});
  REQUIRE(known.apply(track("p", "1", 1000)));
  SalvagedProducers salvaged(&known);
  salvaged.take(track("p", "2", 1000));
  CHECK(salvaged.records({5}).size() == 3);
}

TEST_CASE("producers whose limits are lost have the usual ones") {
  SalvagedProducers salvaged;
  salvaged.take(track("p", "1", 1000));
  const auto records = salvaged.records({5});
  REQUIRE(records.size() == 2);
  CHECK(records[0].duration_s == 100);
  CHECK(records[0].most == 100);
}

}  // namespace respublica::test
