#include "broker/log_times.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("what was written by a time stands before the last place known of it") {
  LogTimes times;
  CHECK(times.written_by(1000) == LogPosition{});
  times.add(10, {100});
  times.add(20, {200});
  times.add(20, {250});
  times.add(40, {400});
  CHECK(times.written_by(9) == LogPosition{});
  CHECK(times.written_by(10) == LogPosition{100});
  CHECK(times.written_by(19) == LogPosition{100});
  CHECK(times.written_by(20) == LogPosition{250});
  CHECK(times.written_by(39) == LogPosition{250});
  CHECK(times.written_by(1000) == LogPosition{400});
}

TEST_CASE("the places that are known are no further apart than a 500th of their age") {
  LogTimes times;
  constexpr std::uint64_t kLast = 3'000'000;
  for (std::uint64_t ms = 1; ms <= kLast; ++ms) times.add(ms, {ms * 10});
  for (std::uint64_t age = 0; age < kLast; age += 777) {
    const std::uint64_t ms = kLast - age;
    const std::uint64_t known = times.written_by(ms).value / 10;
    INFO("age " << age);
    CHECK(known <= ms);
    CHECK(ms - known <= age / 500 + 1);
  }
}

}  // namespace respublica
