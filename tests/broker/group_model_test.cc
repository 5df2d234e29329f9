// What the broker does with consumer groups, against a simple model, without rules.

#include <string>

#include "tests/broker/group_simulation.h"
#include "tests/support/catch.h"
#include "tests/support/seed_range.h"

namespace respublica {

using namespace test;

TEST_CASE("whatever is done with groups, they are as Redis has them, and a start finds what was answered") {
  const SeedRange seeds(2000);
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    const std::string problem = GroupSimulation(seed, Rules::none).run();
    if (!problem.empty()) FAIL(SeedRange::again(seed) << ": " << problem);
  }
}

}  // namespace respublica
