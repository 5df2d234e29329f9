#include "broker/log_tail.h"

#include <algorithm>
#include <string>

#include "tests/support/catch.h"

using namespace respublica;

namespace {

/// What is read there, or "none".
std::string read(const LogTail& tail, std::uint64_t position, std::size_t bytes) {
  std::string into(bytes, '?');
  return tail.read({position}, into) ? into : "none";
}

}  // namespace

TEST_CASE("the end of the log is read from memory, over the bounds of what was added") {
  LogTail tail;
  CHECK(read(tail, 100, 1) == "none");
  tail.add({100}, "abc");
  tail.add({103}, "defg");
  CHECK(read(tail, 100, 7) == "abcdefg");
  CHECK(read(tail, 102, 2) == "cd");
  CHECK(read(tail, 99, 2) == "none");
  CHECK(read(tail, 106, 2) == "none");
  CHECK(read(tail, 108, 1) == "none");
}

TEST_CASE("what stands elsewhere in the log begins the tail anew") {
  LogTail tail;
  tail.add({100}, "abc");
  tail.add({200}, "xyz");
  CHECK(read(tail, 100, 3) == "none");
  CHECK(read(tail, 103, 1) == "none");
  CHECK(read(tail, 200, 3) == "xyz");
}

TEST_CASE("the tail keeps what it says and no more than twice that, in whatever pieces it comes") {
  constexpr std::size_t kKept = LogTail::kKeptBytes;
  const std::size_t piece = GENERATE(1U, 7U, 300U, 8191U, 8192U, 8193U, 50'000U);
  LogTail tail;
  std::string log;
  while (log.size() < 100'000) {
    std::string bytes(piece, ' ');
    for (std::size_t i = 0; i < piece; ++i) bytes[i] = static_cast<char>('a' + (log.size() + i) % 23);
    tail.add({log.size()}, bytes);
    log += bytes;
    const std::size_t kept = std::min(kKept, log.size());
    const std::string expected = log.substr(log.size() - kept);
    if (read(tail, log.size() - kept, kept) != expected) FAIL("wrong at " << log.size());
    if (log.size() > 2 * kKept) REQUIRE(read(tail, log.size() - 2 * kKept - 1, 1) == "none");
  }
}
