#include "server/stats_history.h"

#include <chrono>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using std::chrono::milliseconds;

const SteadyTime kStart{std::chrono::hours(1)};

StatsHistory::Sample at(milliseconds after, std::uint64_t commands) {
  return {kStart + after, commands, commands * 10, commands * 100};
}

TEST_CASE("without a sample there are no rates") {
  const StatsHistory history;
  CHECK(history.rates(at(milliseconds(0), 50)).commands == 0);
}

TEST_CASE("rates are per second since a sample that is at least a second old") {
  StatsHistory history;
  history.add_sample(at(milliseconds(0), 0));
  history.add_sample(at(milliseconds(1000), 500));
  history.add_sample(at(milliseconds(1900), 9000));
  const StatsRates rates = history.rates(at(milliseconds(2000), 1500));
  CHECK(rates.commands == 1000);
  CHECK(rates.input_bytes == 10000);
  CHECK(rates.output_bytes == 100000);
}

TEST_CASE("right after the start, rates are since the first sample") {
  StatsHistory history;
  history.add_sample(at(milliseconds(0), 100));
  CHECK(history.rates(at(milliseconds(500), 200)).commands == 200);
  CHECK(history.rates(at(milliseconds(0), 200)).commands == 0);
}

TEST_CASE("an hour of silence shows as a low rate, not as an old one") {
  StatsHistory history;
  history.add_sample(at(milliseconds(0), 0));
  history.add_sample(at(milliseconds(1000), 1000000));
  CHECK(history.rates(at(milliseconds(3601000), 1000000)).commands == 0);
}

TEST_CASE("a reset sets every counter to zero, and later ones count from there") {
  std::vector<std::unique_ptr<IoCounters>> counters;
  counters.push_back(std::make_unique<IoCounters>(2));
  counters.push_back(std::make_unique<IoCounters>(2));
  counters[0]->net_input_bytes.add(100);
  counters[1]->net_input_bytes.add(11);
  counters[1]->per_command[1].record(2, 5000);
  counters[0]->per_command[1].failed_calls.add();

  StatsHistory history;
  StatsTotals totals = history.since_reset(sum_counters(counters, 2));
  CHECK(totals.net_input_bytes == 111);
  CHECK(totals.per_command[1].calls == 2);
  CHECK(totals.per_command[1].failed_calls == 1);
  CHECK_FALSE(totals.per_command[0].called());

  history.reset(sum_counters(counters, 2));
  totals = history.since_reset(sum_counters(counters, 2));
  CHECK(totals.net_input_bytes == 0);
  CHECK_FALSE(totals.per_command[1].called());

  counters[0]->net_input_bytes.add(5);
  counters[0]->per_command[0].record(1, 700);
  totals = history.since_reset(sum_counters(counters, 2));
  CHECK(totals.net_input_bytes == 5);
  CHECK(totals.per_command[0].calls == 1);
  CHECK(totals.per_command[0].nanoseconds == 700);
}

TEST_CASE("the peak of memory stays when memory is given back") {
  StatsHistory history;
  CHECK(history.note_memory(100) == 100);
  CHECK(history.note_memory(300) == 300);
  CHECK(history.note_memory(200) == 300);
}

}  // namespace
}  // namespace respublica
