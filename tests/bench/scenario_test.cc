#include "tools/bench/scenario.h"

#include <algorithm>
#include <set>

#include "tests/support/catch.h"
#include "tools/bench/bench_error.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

namespace {

/// Why the changes are refused; empty if they are not.
std::string complaint(std::string_view scenario, const ScenarioChanges& changes) {
  try {
    changed(find_scenario(scenario), changes);
    return "";
  } catch (const BenchError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("every scenario has a name of its own and is found by it") {
  std::set<std::string> names;
  for (const Scenario& scenario : all_scenarios()) {
    CHECK(names.insert(scenario.name).second);
    CHECK(find_scenario(scenario.name).summary == scenario.summary);
  }
  CHECK_THROWS_AS(find_scenario("no-such"), BenchError);
}

TEST_CASE("changes replace the defaults, and nothing else does") {
  ScenarioChanges changes;
  changes.payload = 100;
  changes.subscribers = 7;
  const Scenario scenario = changed(find_scenario("fanout-100-64"), changes);
  CHECK(scenario.shape.payload == 100);
  CHECK(scenario.shape.subscribers == 7);
  CHECK(scenario.shape.pipeline == 64);
  CHECK(scenario.shape.publishers == 1);
}

TEST_CASE("parameters that make no sense are refused with the rule") {
  ScenarioChanges small;
  small.payload = kStampSize - 1;
  CHECK(complaint("publish-nosub", small) == "publish-nosub: --payload must be at least 24 (the stamp)");
  ScenarioChanges none;
  none.publishers = 0;
  CHECK(complaint("publish-nosub", none).find("must be at least 1") != std::string::npos);
  ScenarioChanges wide;
  wide.channels = 101;
  CHECK(complaint("fanout-100-64", wide) == "fanout-100-64: --subscribers must be at least --channels");
}

TEST_CASE("every durable scenario says when the server syncs, and only what no peer has is not compared") {
  for (const Scenario& scenario : all_scenarios()) {
    const bool durable = scenario.kind == ScenarioKind::durable_load || !scenario.compares();
    const auto& arguments = scenario.server_arguments;
    CHECK((!durable || std::find(arguments.begin(), arguments.end(), "--appendfsync") != arguments.end()));
    CHECK((!durable || scenario.has_load()));
    CHECK((scenario.compares() || scenario.name == "durable-fanout-100"));
  }
}

TEST_CASE("subscribers are dealt out to the channels in turns") {
  LoadShape shape;
  shape.subscribers = 10;
  shape.channels = 4;
  CHECK(shape.receivers(0) == 3);
  CHECK(shape.receivers(1) == 3);
  CHECK(shape.receivers(2) == 2);
  CHECK(shape.receivers(3) == 2);
}

}  // namespace respublica::bench
