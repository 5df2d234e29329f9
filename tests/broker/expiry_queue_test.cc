#include "broker/expiry_queue.h"

#include "tests/support/catch.h"

namespace respublica {

using Names = std::vector<std::string>;

TEST_CASE("streams go in the order of their times") {
  ExpiryQueue queue;
  queue.set("stays", std::nullopt);
  CHECK_FALSE(queue.next());
  queue.set("c", 30);
  queue.set("a", 10);
  queue.set("b", 20);
  CHECK(queue.next() == 10);
  CHECK(queue.due(9, 10).empty());
  CHECK(queue.due(20, 10) == Names{"a", "b"});
  CHECK(queue.due(100, 2) == Names{"a", "b"});
}

TEST_CASE("a stream has one time, the last that was set") {
  ExpiryQueue queue;
  for (std::uint64_t at = 10; at < 1000; ++at) queue.set("a", at);
  queue.set("b", 500);
  CHECK(queue.due(2000, 10) == Names{"b", "a"});
  queue.set("a", 5);
  CHECK(queue.next() == 5);
  queue.set("a", std::nullopt);
  queue.set("b", std::nullopt);
  CHECK_FALSE(queue.next());
}

}  // namespace respublica
