#include "storage/entry_window.h"

#include "tests/support/catch.h"

using namespace respublica;

TEST_CASE("a window ends far from its beginning, but not before it has a few entries") {
  constexpr LogPosition kBegin{1000};
  CHECK_FALSE(begins_window(kBegin + (kWindowBytes - 1), kBegin, kMinWindowEntries));
  CHECK(begins_window(kBegin + kWindowBytes, kBegin, kMinWindowEntries));
  CHECK_FALSE(begins_window(kBegin + 10 * kWindowBytes, kBegin, kMinWindowEntries - 1));
}

TEST_CASE("a window ends with as many entries as it takes") {
  CHECK_FALSE(begins_window({100}, {0}, kMaxWindowEntries - 1));
  CHECK(begins_window({100}, {0}, kMaxWindowEntries));
}
