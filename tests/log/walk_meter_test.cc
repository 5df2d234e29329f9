#include "tools/log/walk_meter.h"

#include "tests/support/catch.h"

using respublica::logtool::meter_text;

TEST_CASE("a meter shows how far, how fast and how long still") {
  CHECK(meter_text(1 << 20, 4 << 20, 1) == "[#####...............]  25%, 1.0 MiB of 4.0 MiB, 1.0 MiB/s, 3 s left");
  CHECK(meter_text(8 << 20, 4 << 20, 2) == "[####################] 100%, 8.0 MiB of 4.0 MiB, 4.0 MiB/s, 0 s left");
  CHECK(meter_text(0, 0, 0) == "[####################] 100%, 0 bytes of 0 bytes, 0 bytes/s, 0 s left");
  CHECK(meter_text(0, 10, 0).starts_with("[....................]   0%"));
}
