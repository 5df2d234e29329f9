#include "tools/bench/target.h"

#include "tests/support/catch.h"
#include "tools/bench/bench_error.h"

namespace respublica::bench {

namespace {

template <typename Need>
std::string complaint(Need need) {
  try {
    need();
    return "";
  } catch (const BenchError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a scenario is refused what the bench does not know of a server") {
  const Target foreign(Endpoint{}, std::nullopt);
  CHECK(complaint([&] { foreign.need_pid("s"); }) == "s needs the server's process: give --pid");
  CHECK(complaint([&] { foreign.need_process("s"); }) ==
        "s needs a server that the bench starts: give --server or --compare");
  CHECK(Target(Endpoint{}, pid_t{7}).need_pid("s") == 7);
}

}  // namespace respublica::bench
