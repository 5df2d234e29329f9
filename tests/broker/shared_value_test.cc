#include "broker/shared_value.h"

#include <string>

#include "tests/support/catch.h"

namespace respublica::test {

TEST_CASE("a shared value is one pointer wide, and none at first") {
  CHECK(sizeof(SharedValue<std::string>) == sizeof(void*));
  const SharedValue<std::string> none;
  CHECK_FALSE(none);
}

TEST_CASE("copies share a value until one of them takes another") {
  SharedValue<std::string> first(std::string("value"));
  SharedValue<std::string> second = first;
  CHECK(&*first == &*second);
  second.replace(*second).append("s");
  CHECK(*first == "value");
  CHECK(*second == "values");
  CHECK(second->size() == 6);
  second.reset();
  CHECK_FALSE(second);
  CHECK(*first == "value");
}

}  // namespace respublica::test
