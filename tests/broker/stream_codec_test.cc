#include "broker/stream_codec.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using test::SeededRandom;

/// A stream that has seen `changes` random changes.
Stream random_stream(SeededRandom& random, int changes) {
  Stream stream("channel " + std::to_string(random.below(1000)), {random.below(1 << 20)});
  std::uint64_t position = 0;
  std::vector<StreamId> live;
  for (int i = 0; i < changes; ++i) {
    position += 40 + random.below(random.percent(5) ? 100'000 : 200);
    if (random.percent(80)) {
      const StreamId id{stream.last_id().ms + 1 + random.below(5), random.below(3)};
      const AppendRecord record{stream.number(), to_entry_key(id), stream.windows().back_from({position}), "fields"};
      REQUIRE(stream.apply(record, {position}));
      live.push_back(id);
    } else if (random.percent(70) && !live.empty()) {
      const auto chosen = live.begin() + static_cast<std::ptrdiff_t>(random.below(live.size()));
      REQUIRE(stream.apply(DeleteRecord{stream.number(), {to_entry_key(*chosen)}}));
      live.erase(chosen);
    } else if (!live.empty()) {
      const auto kept = live.begin() + static_cast<std::ptrdiff_t>(random.below(live.size()));
      const auto removed = static_cast<std::uint64_t>(kept - live.begin());
      REQUIRE(stream.apply(TrimRecord{stream.number(), to_entry_key(*kept), removed, random.below(100)}));
      live.erase(live.begin(), kept);
    }
  }
  if (random.percent(30)) REQUIRE(stream.apply(ExpiryRecord{stream.number(), 1 + random.below(1 << 30)}));
  return stream;
}

std::string encoded(const Stream& stream) {
  std::string bytes;
  encode_stream(stream, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a stream is decoded as it was encoded") {
  SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    const Stream stream = random_stream(random, round * 5);
    const std::string bytes = encoded(stream);
    ByteReader in(bytes);
    const std::shared_ptr<Stream> decoded = decode_stream(in);
    REQUIRE(decoded);
    CHECK(in.rest().empty());
    CHECK(decoded->name() == stream.name());
    CHECK(decoded->number() == stream.number());
    CHECK(decoded->length() == stream.length());
    CHECK(decoded->last_id() == stream.last_id());
    CHECK(decoded->max_deleted_id() == stream.max_deleted_id());
    CHECK(decoded->entries_added() == stream.entries_added());
    CHECK(decoded->floor() == stream.floor());
    CHECK(decoded->expires_ms() == stream.expires_ms());
    CHECK(decoded->windows().bytes() == stream.windows().bytes());
    // The windows, too: they are all that is left.
    CHECK(encoded(*decoded) == bytes);
  }
}

TEST_CASE("bytes that are no stream are refused, or are another stream") {
  SeededRandom random(6);
  const Stream stream = random_stream(random, 40);
  const std::string bytes = encoded(stream);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    CHECK_FALSE(decode_stream(in));
  }
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = bytes;
    for (std::uint64_t count = 1 + random.below(4); count > 0; --count) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    }
    ByteReader in(damaged);
    if (const std::shared_ptr<Stream> other = decode_stream(in)) {
      const std::string again = encoded(*other);
      ByteReader second(again);
      CHECK(decode_stream(second));
    }
  }
}

}  // namespace respublica
