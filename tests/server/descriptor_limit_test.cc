#include "server/descriptor_limit.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("the broker's own descriptors grow with io threads and addresses") {
  Settings settings;
  settings.io_threads = 1;
  settings.bind = {};
  CHECK(own_descriptors(settings) == 35);
  settings.io_threads = 8;
  settings.bind = {"127.0.0.1", "-::1"};
  CHECK(own_descriptors(settings) == 72);
}

TEST_CASE("below a limit smaller than the broker's own descriptors no client fits") {
  Settings settings;
  settings.io_threads = 2;
  settings.bind = {"*"};
  CHECK(clients_below(0, settings) == 0);
  CHECK(clients_below(3, settings) == 0);
  CHECK(clients_below(40, settings) == 0);
  CHECK(clients_below(41, settings) == 1);
  CHECK(clients_below(1040, settings) == 1000);
}

}  // namespace respublica
