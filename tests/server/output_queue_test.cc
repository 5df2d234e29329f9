#include "server/output_queue.h"

#include <array>
#include <string>

#include "tests/support/catch.h"

namespace respublica {
namespace {

std::string contents(const OutputQueue& queue) {
  std::array<iovec, 64> vectors;
  const std::size_t filled = queue.gather(vectors);
  std::string bytes;
  for (std::size_t i = 0; i < filled; ++i)
    bytes.append(static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len);
  return bytes;
}

}  // namespace

TEST_CASE("copied bytes come out in the order in which they went in") {
  OutputQueue queue;
  queue.append_copy("one ");
  queue.append_copy("two ");
  queue.append_copy("three");
  CHECK(queue.size() == 13);
  CHECK(queue.slices() == 1);
  CHECK(contents(queue) == "one two three");
}

TEST_CASE("shared and copied bytes keep their order") {
  OutputQueue queue;
  const SharedBytes block = SharedBytes::copy_of("[shared]");
  queue.append_copy("a");
  queue.append_shared(block);
  queue.append_copy("b");
  queue.append_shared(block);
  CHECK(contents(queue) == "a[shared]b[shared]");
  CHECK(queue.size() == 18);
}

TEST_CASE("a queued shared block is not copied") {
  OutputQueue queue;
  const SharedBytes block = SharedBytes::copy_of(std::string(1024, 'x'));
  for (int i = 0; i < 1000; ++i) queue.append_shared(block);
  CHECK(queue.size() == 1024 * 1000);
  CHECK(queue.own_bytes() <= 24 * 1000);
}

TEST_CASE("own bytes are those of the queue's own blocks, wherever they stand") {
  OutputQueue queue;
  const SharedBytes block = SharedBytes::copy_of(std::string(1'000'000, 'x'));
  queue.append_copy(std::string(10'000, 'a'));
  queue.append_shared(block);
  CHECK(queue.own_bytes() >= 10'000);
  CHECK(queue.own_bytes() < 40'000);
  queue.append_copy("b");
  CHECK(queue.own_bytes() >= 10'001);
  CHECK(queue.own_bytes() < 40'000);
  queue.consume(10'000);
  CHECK(queue.own_bytes() < 20'000);
  queue.consume(1'000'000);
  CHECK(queue.own_bytes() >= 1);
  CHECK(queue.size() == 1);
  queue.consume(1);
  CHECK(queue.own_bytes() == 0);
}

TEST_CASE("an output queue is small, since each idle session has one") { CHECK(sizeof(OutputQueue) <= 40); }

TEST_CASE("consuming any number of bytes leaves the rest") {
  const std::string small(700, 's');
  const std::string large(3000, 'l');
  std::string expected;
  OutputQueue queue;
  for (int i = 0; i < 5; ++i) {
    queue.append_copy(small);
    queue.append_shared(SharedBytes::copy_of(large));
    expected += small + large;
  }
  std::size_t step = 1;
  while (!expected.empty()) {
    const std::size_t bytes = std::min(step, expected.size());
    queue.consume(bytes);
    expected.erase(0, bytes);
    REQUIRE(queue.size() == expected.size());
    REQUIRE(contents(queue) == expected);
    step = step * 2 + 1;
  }
  CHECK(queue.empty());
  CHECK(queue.own_bytes() == 0);
}

TEST_CASE("an emptied queue releases the blocks it shared") {
  SharedBytes block = SharedBytes::copy_of("payload");
  OutputQueue queue;
  queue.append_shared(block);
  queue.append_shared(block);
  CHECK_FALSE(block.unique());
  queue.consume(14);
  CHECK(block.unique());
  queue.append_shared(block);
  queue.clear();
  CHECK(block.unique());
}

TEST_CASE("a copy larger than one block is split and comes out whole") {
  OutputQueue queue;
  std::string bytes;
  for (int i = 0; i < 100000; ++i) bytes += static_cast<char>('a' + i % 26);
  queue.append_copy(bytes);
  CHECK(queue.slices() > 1);
  CHECK(contents(queue) == bytes);
}

TEST_CASE("bytes copied after a partial consume are appended behind the rest") {
  OutputQueue queue;
  queue.append_copy("abcdef");
  queue.consume(4);
  queue.append_copy("gh");
  CHECK(contents(queue) == "efgh");
}

}  // namespace respublica
