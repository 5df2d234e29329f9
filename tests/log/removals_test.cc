#include "tools/log/removals.h"

#include "tests/support/catch.h"

using namespace respublica;
using respublica::logtool::Removals;

TEST_CASE("an entry is deleted by its ID when it stands before the deletion") {
  Removals removals;
  removals.remove({5, 1}, {100});
  CHECK(removals.covers({5, 1}, {50}));
  CHECK_FALSE(removals.covers({5, 1}, {150}));
  CHECK_FALSE(removals.covers({5, 2}, {50}));
}

TEST_CASE("trimming takes off all that is below and before") {
  Removals removals;
  removals.remove({2, 0}, {50});
  removals.remove_below({5, 0}, {100});
  removals.remove_below({3, 0}, {200});
  CHECK(removals.covers({4, 9}, {99}));
  CHECK(removals.covers({2, 0}, {10}));
  CHECK_FALSE(removals.covers({5, 0}, {99}));
  CHECK_FALSE(removals.covers({4, 9}, {150}));
  CHECK(removals.covers({2, 9}, {150}));
  removals.remove_below({9, 0}, {300});
  CHECK(removals.covers({8, 0}, {250}));
}

TEST_CASE("going back takes off all that is above and before") {
  Removals removals;
  removals.remove({7, 0}, {50});
  removals.remove_from({5, 0}, {100});
  CHECK(removals.covers({5, 0}, {99}));
  CHECK(removals.covers({7, 0}, {10}));
  CHECK_FALSE(removals.covers({4, 9}, {99}));
  CHECK_FALSE(removals.covers({5, 0}, {101}));
  removals.remove_from({2, 0}, {200});
  CHECK(removals.covers({5, 0}, {101}));
}
