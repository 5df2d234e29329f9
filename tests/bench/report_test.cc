#include "tools/bench/report.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

const ReportHeading kHeading{"respublica", "redis-server", "respublica_version:1", "redis_version:7", "bench \"x\"", 2};

ScenarioResults results() {
  const auto run = [](double value) { return Metrics{{"server CPU/PUBLISH", "ns", value, Better::lower}}; };
  return {"fanout", {run(1000), run(1200)}, {run(12'345), run(2400)}};
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the table shows median, smallest and largest of both servers and the ratio") {
  const std::string table = table_of(kHeading, results());
  CHECK(contains(table, "7,372 [2,400..12,345]"));
  CHECK(contains(table, "1,100 [1,000..1,200]"));
  CHECK(contains(table, "7.17x [2.00..12.35]"));
}

TEST_CASE("the overview has one line for each scenario") {
  const std::string overview = overview_of(kHeading, {results(), results()});
  CHECK(contains(overview, "server CPU/PUBLISH, ns"));
  CHECK(contains(overview, "7.17x\n"));
  CHECK(std::count(overview.begin(), overview.end(), '\n') == 4);
}

TEST_CASE("a scenario that the peer has no part in keeps its columns in the overview") {
  ScenarioResults alone = results();
  alone.peer.clear();
  const std::string overview = overview_of(kHeading, {results(), alone});
  const std::size_t last = overview.rfind("1,100");
  CHECK(last - overview.rfind('\n', last) == overview.find("1,100") - overview.rfind('\n', overview.find("1,100")));
}

TEST_CASE("without a peer there is no ratio and no second column") {
  ReportHeading heading = kHeading;
  heading.peer_name.clear();
  ScenarioResults alone = results();
  alone.peer.clear();
  CHECK_FALSE(contains(table_of(heading, alone), "redis-server"));
  CHECK_FALSE(contains(overview_of(heading, {alone}), "ratio"));
  CHECK_FALSE(contains(json_of(heading, {alone}), "peer"));
}

TEST_CASE("the JSON has every run's value and escapes its strings") {
  const std::string json = json_of(kHeading, {results()});
  CHECK(contains(json, R"("command": "bench \"x\"")"));
  CHECK(contains(json, R"("our_runs": [1000, 1200])"));
  CHECK(contains(json, R"("peer_runs": [12345, 2400])"));
  CHECK(contains(json, R"("ours": {"median": 1100, "min": 1000, "max": 1200})"));
  CHECK(contains(json, R"("name": "redis-server", "version": "redis_version:7")"));
}

}  // namespace respublica::bench
