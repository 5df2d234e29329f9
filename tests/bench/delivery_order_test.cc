#include "tools/bench/delivery_order.h"

#include "tests/support/catch.h"

namespace respublica::bench {

namespace {

PayloadStamp stamp(std::uint32_t publisher, std::uint64_t sequence) {
  PayloadStamp result;
  result.publisher = publisher;
  result.sequence = sequence;
  return result;
}

}  // namespace

TEST_CASE("publishers may interleave, each in its own order") {
  DeliveryOrder order(0, 1, 2);
  CHECK(order.accept(stamp(1, 0)));
  CHECK(order.accept(stamp(0, 0)));
  CHECK(order.accept(stamp(0, 1)));
  CHECK(order.accept(stamp(1, 1)));
}

TEST_CASE("a gap is a lost message") {
  DeliveryOrder order(0, 1, 1);
  CHECK(order.accept(stamp(0, 0)));
  CHECK_FALSE(order.accept(stamp(0, 2)));
  CHECK(order.describe(stamp(0, 2)).message ==
        "message lost or reordered: publisher 0 has to be at sequence number 1, got 2");
}

TEST_CASE("the same message twice is an error") {
  DeliveryOrder order(0, 1, 1);
  CHECK(order.accept(stamp(0, 0)));
  CHECK_FALSE(order.accept(stamp(0, 0)));
  CHECK(order.describe(stamp(0, 0)).message.find("repeated") != std::string::npos);
}

TEST_CASE("a publisher that does not exist is an error") {
  DeliveryOrder order(0, 1, 2);
  CHECK_FALSE(order.accept(stamp(2, 0)));
  CHECK(order.describe(stamp(2, 0)).message.find("there are only 2") != std::string::npos);
}

TEST_CASE("on one of several channels a publisher's numbers grow by the number of channels") {
  DeliveryOrder order(2, 3, 5);
  CHECK(order.accept(stamp(0, 2)));  // (publisher + sequence) mod 3 == 2
  CHECK(order.accept(stamp(0, 5)));
  CHECK(order.accept(stamp(1, 1)));
  CHECK(order.accept(stamp(2, 0)));
  CHECK(order.accept(stamp(4, 1)));
  CHECK_FALSE(order.accept(stamp(4, 2)));  // a message of another channel
}

TEST_CASE("two subscribers have the same digest only if they heard the same order") {
  DeliveryOrder first(0, 1, 2);
  DeliveryOrder same(0, 1, 2);
  DeliveryOrder other(0, 1, 2);
  for (DeliveryOrder* order : {&first, &same}) {
    CHECK(order->accept(stamp(0, 0)));
    CHECK(order->accept(stamp(1, 0)));
  }
  CHECK(other.accept(stamp(1, 0)));
  CHECK(other.accept(stamp(0, 0)));
  CHECK(first.digest() == same.digest());
  CHECK(first.digest() != other.digest());
}

}  // namespace respublica::bench
