#include "tools/bench/scenario_results.h"

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

Metrics run(double cost, double throughput) {
  return {{"cost", "ns", cost, Better::lower},
          {"throughput", "/s", throughput, Better::higher},
          {"load", "%", 50, Better::neither}};
}

}  // namespace

TEST_CASE("the spread of values has their median, smallest and largest") {
  CHECK(spread_of({3, 1, 2}).median == 2);
  CHECK(spread_of({4, 1, 2, 3}).median == 2.5);
  CHECK(spread_of({7}).median == 7);
  const Spread spread = spread_of({5, 9, 1});
  CHECK(spread.min == 1);
  CHECK(spread.max == 9);
}

TEST_CASE("the ratio is the median of the runs' own ratios, above 1 where we are better") {
  // The second run was disturbed: both servers took ten times as long.
  const ScenarioResults results{
      "s", {run(100, 10), run(1000, 1), run(100, 10)}, {run(200, 5), run(3000, 0.5), run(250, 4)}};
  const auto summaries = summarise(results);
  REQUIRE(summaries.size() == 3);
  CHECK(summaries[0].ratio->median == 2.5);
  CHECK(summaries[0].ratio->min == 2);
  CHECK(summaries[0].ratio->max == 3);
  CHECK(summaries[1].ratio->median == 2);
  CHECK(summaries[1].ratio->max == 2.5);
  CHECK(summaries[0].ours.median == 100);
  CHECK(summaries[0].peer->median == 250);
}

TEST_CASE("there is no ratio without a peer, where nothing is better, or for nothing") {
  CHECK_FALSE(summarise({"s", {run(1, 1)}, {}})[0].ratio);
  CHECK_FALSE(summarise({"s", {run(1, 1)}, {}})[0].peer);
  CHECK_FALSE(summarise({"s", {run(1, 1)}, {run(1, 1)}})[2].ratio);
  CHECK_FALSE(summarise({"s", {run(0, 1)}, {run(1, 1)}})[0].ratio);
  CHECK_FALSE(summarise({"s", {run(-2, 1)}, {run(1, 1)}})[0].ratio);
}

}  // namespace respublica::bench
