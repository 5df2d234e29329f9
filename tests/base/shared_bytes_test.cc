#include "base/shared_bytes.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("copies of a handle share one block and the last one frees it") {
  SharedBytes first = SharedBytes::copy_of("payload");
  CHECK(first.unique());
  SharedBytes second = first;
  CHECK_FALSE(first.unique());
  CHECK(first.data() == second.data());
  CHECK(second.view() == "payload");
  first = SharedBytes();
  CHECK(second.unique());
  CHECK(second.view() == "payload");
}

TEST_CASE("an allocated block is empty until its size is set") {
  SharedBytes block = SharedBytes::allocate(8);
  CHECK(block.size() == 0);
  CHECK(block.capacity() == 8);
  block.data()[0] = 'x';
  block.set_size(1);
  CHECK(block.view() == "x");
}

}  // namespace respublica
