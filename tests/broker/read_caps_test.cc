#include "broker/read_caps.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("a budget without caps takes everything") {
  ReadBudget budget({});
  CHECK_FALSE(budget.taken_any());
  for (int i = 0; i < 1000; ++i) CHECK(budget.take(1ULL << 60));
  CHECK(budget.taken_any());
}

TEST_CASE("a budget takes so many entries and so many bytes") {
  ReadBudget entries({2, 0});
  CHECK(entries.take(5));
  CHECK(entries.take(5));
  CHECK_FALSE(entries.take(0));
  ReadBudget bytes({0, 10});
  CHECK(bytes.take(4));
  CHECK_FALSE(bytes.take(7));
  CHECK(bytes.take(6));
  CHECK_FALSE(bytes.take(0));
}

TEST_CASE("the first entry is never too large") {
  ReadBudget budget({5, 10});
  CHECK(budget.take(11));
  CHECK_FALSE(budget.take(1));
}

}  // namespace respublica
