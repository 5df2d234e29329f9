#include "server/stats_totals.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("totals since an earlier moment are the difference") {
  StatsTotals earlier;
  earlier.commands_processed = 3;
  earlier.per_command.resize(1);
  earlier.per_command[0].calls = 2;
  StatsTotals now = earlier;
  now.commands_processed += 4;
  now.per_command[0].calls += 5;
  now.per_command[0].latency[7] = 1;
  const StatsTotals since = now.since(earlier);
  CHECK(since.commands_processed == 4);
  CHECK(since.per_command[0].calls == 5);
  CHECK(since.per_command[0].latency[7] == 1);
}

TEST_CASE("totals that were added up before a concurrent CONFIG RESETSTAT count nothing since") {
  StatsTotals before;
  before.net_output_bytes = 10;
  before.per_command.resize(1);
  before.per_command[0].calls = 1;
  before.per_command[0].latency[3] = 1;
  StatsTotals reset = before;
  reset.net_output_bytes = 11;
  reset.per_command[0].calls = 2;
  reset.per_command[0].latency[3] = 2;
  reset.per_command[0].nanoseconds = 100;
  const StatsTotals since = before.since(reset);
  CHECK(since.net_output_bytes == 0);
  CHECK(since.per_command[0].calls == 0);
  CHECK(since.per_command[0].latency[3] == 0);
  CHECK(since.per_command[0].nanoseconds == 0);
}

}  // namespace respublica
