#include "broker/sorted_chunks.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using test::SeededRandom;

struct Value {
  std::uint32_t key = 0;
  std::uint32_t content = 0;
};
struct KeyOf {
  std::uint32_t operator()(const Value& value) const { return value.key; }
};
using Chunks = SortedChunks<Value, KeyOf>;
using Model = std::map<std::uint32_t, std::uint32_t>;

/// All from `first` on.
std::vector<std::pair<std::uint32_t, std::uint32_t>> from(const Chunks& chunks, std::uint32_t first) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
  chunks.visit_from(first, [&all](const Value& value) {
    all.emplace_back(value.key, value.content);
    return true;
  });
  return all;
}

void compare(const Chunks& chunks, const Model& model, std::uint32_t first) {
  REQUIRE(chunks.size() == model.size());
  REQUIRE(chunks.empty() == model.empty());
  REQUIRE(from(chunks, first) ==
          std::vector<std::pair<std::uint32_t, std::uint32_t>>(model.lower_bound(first), model.end()));
  std::size_t count = 0;
  chunks.for_each([&](const Value&) { ++count; });
  REQUIRE(count == model.size());
  if (model.empty()) return;
  REQUIRE(chunks.front().key == model.begin()->first);
  REQUIRE(chunks.back().key == model.rbegin()->first);
}

}  // namespace

TEST_CASE("sorted chunks are as a map, whatever is done to them") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    Chunks chunks;
    Model model;
    const std::uint32_t keys = seed % 2 == 0 ? 300 : 5000;
    std::uint32_t next = keys;
    for (int i = 0; i < 6000; ++i) {
      // Phases in which it grows, and in which it shrinks.
      const std::uint64_t adds = i / 1500 % 2 == 0 ? 70 : 30;
      const std::uint32_t key = random.percent(30) ? next++ : static_cast<std::uint32_t>(random.below(keys));
      if (random.percent(adds)) {
        const Value value{key, static_cast<std::uint32_t>(random.below(1000))};
        REQUIRE(chunks.insert(value) == model.emplace(value.key, value.content).second);
      } else if (random.percent(50) && !model.empty()) {
        const std::uint32_t first = model.begin()->first;
        REQUIRE(chunks.erase(first));
        model.erase(first);
      } else {
        REQUIRE(chunks.erase(key) == (model.erase(key) == 1));
      }
      if (Value* const found = chunks.find(key)) {
        REQUIRE(model.at(key) == found->content);
        found->content = model[key] = static_cast<std::uint32_t>(i);
      } else {
        REQUIRE_FALSE(model.contains(key));
      }
      if (i % 50 == 0) compare(chunks, model, static_cast<std::uint32_t>(random.below(keys)));
    }
    while (!model.empty()) {
      REQUIRE(chunks.erase(model.rbegin()->first));
      model.erase(std::prev(model.end()));
    }
    compare(chunks, model, 0);
  }
}

TEST_CASE("a visit ends when it is told to") {
  Chunks chunks;
  for (std::uint32_t key = 0; key < 1000; key += 2) REQUIRE(chunks.insert({key, 0}));
  std::vector<std::uint32_t> seen;
  chunks.visit_from(501, [&seen](const Value& value) {
    seen.push_back(value.key);
    return seen.size() < 3;
  });
  CHECK(seen == std::vector<std::uint32_t>{502, 504, 506});
  CHECK(from(chunks, 999).empty());
}

}  // namespace respublica
