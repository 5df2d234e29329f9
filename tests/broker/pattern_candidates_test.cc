#include "broker/pattern_candidates.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/broker/allocation_counter.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

Topic::Pointer make_pattern(const std::string& name) { return Topic::create(SubscriptionKind::pattern, 0, name); }

/// As many different patterns without four literal bytes in their middle.
std::vector<Topic::Pointer> make_patterns_without_fours(std::size_t count) {
  std::vector<Topic::Pointer> patterns;
  for (std::size_t number = 0; number < count; ++number) {
    std::string name = "*";
    for (std::size_t rest = number + 1; rest > 0; rest /= 26) name += {static_cast<char>('a' + rest % 26), '?'};
    patterns.push_back(make_pattern(name + "*"));
  }
  return patterns;
}

std::size_t count_matches(const PatternCandidates& candidates, std::string_view channel) {
  std::vector<IndexedPattern> matches;
  candidates.match(channel, matches);
  return matches.size();
}

}  // namespace

TEST_CASE("one more pattern that cannot be divided by its middle costs nothing for those that are there") {
  const std::vector<Topic::Pointer> patterns = make_patterns_without_fours(2000);
  PatternCandidates candidates;
  const std::size_t calls = allocated().calls;
  for (std::size_t i = 0; i < patterns.size(); ++i) candidates.insert({i, patterns[i].get()});
  CHECK(allocated().calls - calls < patterns.size());
  CHECK(count_matches(candidates, "_b__") == 1);
  for (const Topic::Pointer& pattern : patterns) candidates.erase(*pattern);
  CHECK(candidates.empty());
}

TEST_CASE("patterns with and without four literal bytes in their middle come and go in any order") {
  const std::vector<Topic::Pointer> without = make_patterns_without_fours(20);
  std::vector<Topic::Pointer> with;
  for (int i = 0; i < 20; ++i) with.push_back(make_pattern("*.ID-" + std::to_string(i) + ".*"));
  PatternCandidates candidates;
  std::uint64_t order = 0;
  for (int round = 0; round < 3; ++round) {
    for (const Topic::Pointer& each : without) candidates.insert({order++, each.get()});
    for (const Topic::Pointer& each : with) candidates.insert({order++, each.get()});
    CHECK(count_matches(candidates, "_.ID-7._") == 1);
    for (const Topic::Pointer& each : with) candidates.erase(*each);
    CHECK(count_matches(candidates, "_.ID-7._") == 0);
    for (std::size_t i = 0; i < 14; ++i) candidates.erase(*without[i]);
    for (const Topic::Pointer& each : with) candidates.insert({order++, each.get()});
    CHECK(count_matches(candidates, "_.ID-7._") == 1);
    for (std::size_t i = 14; i < without.size(); ++i) candidates.erase(*without[i]);
    for (const Topic::Pointer& each : with) candidates.erase(*each);
    CHECK(candidates.empty());
  }
}

}  // namespace respublica
