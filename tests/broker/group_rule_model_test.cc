// What the broker does with consumer groups, against a simple model, where rules say what becomes of entries that fail.

#include <string>

#include "tests/broker/group_simulation.h"
#include "tests/support/catch.h"
#include "tests/support/seed_range.h"

namespace respublica {

using namespace test;

TEST_CASE("whatever is done with groups, their rules hold, and a start finds each entry and each dead letter once") {
  const SeedRange seeds(2000);
  GroupSimulation::Counts all;
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    GroupSimulation simulation(seed, Rules::some);
    const std::string problem = simulation.run();
    if (!problem.empty()) FAIL(SeedRange::again(seed) << ": " << problem);
    all.add(simulation.counts());
  }
  if (seeds.count() < 100) return;
  CHECK(all.rejected > 0);
  CHECK(all.swept > 0);
  CHECK(all.redriven > 0);
  CHECK(all.added_again > 0);
  CHECK(all.discarded > 0);
  CHECK(all.recovered > 0);
}

TEST_CASE("a seed of groups that failed fails again") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    GroupSimulation one(seed, Rules::some);
    GroupSimulation other(seed, Rules::some);
    one.run();
    other.run();
    CHECK(one.operations() == other.operations());
  }
}

}  // namespace respublica
