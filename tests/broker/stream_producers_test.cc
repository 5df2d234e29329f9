#include "broker/stream_producers.h"

#include <string>

#include "broker/producer_codec.h"
#include "broker/producer_table.h"
#include "tests/broker/allocation_counter.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using Kind = ProducerRecord::Kind;

constexpr IdempotenceLimits kTenSeconds{10, 3};

ProducerRecord limit(std::uint64_t duration_s, std::uint64_t most, std::uint64_t channel = 0) {
  ProducerRecord record;
  record.channel = {channel};
  record.kind = Kind::limit;
  record.duration_s = duration_s;
  record.most = most;
  return record;
}

/// Added at `ms`; the ID of the entry is a thousand seconds ahead.
ProducerRecord track(std::string_view producer, std::string_view iid, std::uint64_t ms, std::uint64_t channel = 0) {
  const IdempotentId id = named_id(producer, iid);
  ProducerRecord record;
  record.channel = {channel};
  record.kind = Kind::track;
  record.producer = id.producer;
  record.iid = id.iid;
  record.entry = {ms + 1'000'000, 5};
  record.ahead_ms = 1'000'000;
  return record;
}

bool tracks(const StreamProducers& producers, std::string_view producer, std::string_view iid, std::uint64_t ms) {
  return producers.find(named_id(producer, iid), ms) != nullptr;
}

std::string encoded(const StreamProducers& producers) {
  std::string bytes;
  encode_producers(producers, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("an ID is tracked for as long as the limit says, whatever the ID of its entry") {
  StreamProducers producers(kTenSeconds);
  REQUIRE(producers.apply(track("p", "1", 5000)));
  REQUIRE(tracks(producers, "p", "1", 14'999));
  CHECK(producers.find(named_id("p", "1"), 14'999)->id == StreamId{1'005'000, 5});
  CHECK_FALSE(tracks(producers, "p", "1", 15'000));
  CHECK_FALSE(tracks(producers, "q", "1", 5000));
  CHECK_FALSE(tracks(producers, "p", "2", 5000));
  // It may come again, and is another one.
  REQUIRE(producers.apply(track("p", "1", 15'000)));
  CHECK(tracks(producers, "p", "1", 24'999));
  CHECK(producers.added() == 2);
}

TEST_CASE("of each producer the newest IDs are tracked") {
  StreamProducers producers(kTenSeconds);
  for (const char* const iid : {"1", "2", "3", "4"}) REQUIRE(producers.apply(track("p", iid, 5000)));
  REQUIRE(producers.apply(track("q", "1", 5000)));
  CHECK_FALSE(tracks(producers, "p", "1", 5000));
  for (const char* const iid : {"2", "3", "4"}) CHECK(tracks(producers, "p", iid, 5000));
  CHECK(tracks(producers, "q", "1", 5000));
  CHECK(producers.count(5000).producers == 2);
  CHECK(producers.count(5000).ids == 4);
  CHECK(producers.added() == 5);
}

TEST_CASE("with new limits nothing is tracked, and counts go on") {
  StreamProducers producers(kTenSeconds);
  REQUIRE(producers.apply(track("p", "1", 5000)));
  producers.count_duplicate();
  REQUIRE(producers.apply(limit(10, 4)));
  CHECK(producers.limits() == IdempotenceLimits{10, 4});
  CHECK_FALSE(tracks(producers, "p", "1", 5000));
  CHECK(producers.count(5000).producers == 0);
  CHECK(producers.added() == 1);
  CHECK(producers.duplicates() == 1);
}

TEST_CASE("records that contradict those before them are told of") {
  StreamProducers producers(kTenSeconds);
  REQUIRE(producers.apply(track("p", "1", 5000)));
  CHECK_FALSE(producers.apply(track("p", "1", 5001)));
  CHECK_FALSE(producers.apply(track("p", "2", 4999)));
  using Limits = std::pair<std::uint64_t, std::uint64_t>;
  for (const auto& [duration_s, most] : {Limits{0, 1}, Limits{1, 0}, Limits{86'401, 1}, Limits{1, 10'001}}) {
    CHECK_FALSE(StreamProducers(kTenSeconds).apply(limit(duration_s, most)));
  }
  ProducerTable table;
  CHECK_FALSE(table.apply(track("p", "1", 5000, 7)));
  REQUIRE(table.apply(limit(10, 3, 7)));
  CHECK(table.apply(track("p", "1", 5000, 7)));
}

TEST_CASE("producers that have been silent for long take no memory") {
  ProducerTable table;
  for (std::uint64_t channel = 0; channel < 100; ++channel) {
    REQUIRE(table.apply(limit(1 + channel % 2 * 9, 100, channel)));
    for (const char* const iid : {"1", "2", "3"}) REQUIRE(table.apply(track("p", iid, 5000, channel)));
  }
  REQUIRE(table.apply(track("p", "4", 14'000, 1)));
  table.drop({3});
  const auto held = [&table] {
    std::size_t ids = 0;
    for (std::uint64_t channel = 0; channel < 100; ++channel) {
      const StreamProducers* const producers = table.find({channel});
      if (producers == nullptr) continue;
      producers->for_each([&ids](const Fingerprint&, const TrackedIds& of_one) { ids += of_one.size(); });
    }
    return ids;
  };
  CHECK(held() == 298);
  table.forget_expired(5999, 1000);
  CHECK(held() == 298);
  // At once only so many.
  table.forget_expired(6000, 10);
  CHECK(held() < 298);
  CHECK(held() > 280);
  table.forget_expired(6000, 1000);
  CHECK(held() == 148);
  table.forget_expired(15'000, 1000);
  // Of the one that sent something later.
  CHECK(held() == 4);
  CHECK(table.find({1})->count(15'000).ids == 1);
  table.forget_expired(24'000, 1000);
  CHECK(held() == 0);
  // And again.
  REQUIRE(table.apply(track("p", "1", 24'000, 0)));
  CHECK(held() == 1);
  table.forget_expired(25'000, 1000);
  CHECK(held() == 0);
}

TEST_CASE("producers are decoded as they were encoded") {
  test::SeededRandom random(6);
  for (int round = 0; round < 100; ++round) {
    StreamProducers producers({1 + static_cast<std::uint32_t>(random.below(20)), 5});
    std::uint64_t ms = 5000;
    for (int i = 0; i < round * 2; ++i) {
      ms += random.below(500);
      // One that is tracked already changes nothing.
      const std::string name = std::to_string(random.below(4));
      const std::string iid = std::to_string(random.below(30));
      if (tracks(producers, name, iid, ms)) {
        producers.count_duplicate();
      } else {
        REQUIRE(producers.apply(track(name, iid, ms)));
      }
    }
    const std::string bytes = encoded(producers);
    ByteReader in(bytes);
    const std::shared_ptr<StreamProducers> decoded = decode_producers(in);
    REQUIRE(decoded);
    CHECK(in.rest().empty());
    CHECK(encoded(*decoded) == bytes);
    CHECK(decoded->limits() == producers.limits());
    CHECK(decoded->added() == producers.added());
    CHECK(decoded->duplicates() == producers.duplicates());
    CHECK(decoded->due() == producers.due());
    CHECK(encoded(*copy_of(producers)) == bytes);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      ByteReader cut(std::string_view(bytes).substr(0, length));
      CHECK(decode_producers(cut) == nullptr);
    }
  }
}

TEST_CASE("a tracked ID costs at most 100 bytes, and a producer at most 300 more") {
  const auto bytes_of = [](std::size_t producers, std::size_t ids) {
    const std::size_t before = allocated().bytes;
    StreamProducers all({86'400, 10'000});
    for (std::size_t i = 0; i < producers; ++i) {
      for (std::size_t k = 0; k < ids; ++k) REQUIRE(all.apply(track(std::to_string(i), std::to_string(k), 5000 + k)));
      // Times grow.
      if (ids > 1) break;
    }
    return allocated().bytes - before;
  };
  const std::size_t of_id = bytes_of(1, 10'000) / 10'000;
  const std::size_t of_producer = bytes_of(10'000, 1) / 10'000;
  INFO(of_id << " bytes an ID, " << of_producer << " bytes a producer of one");
  CHECK(of_id <= 100);
  CHECK(of_producer <= 100 + 300);
}

}  // namespace respublica
