#include "broker/waiting_reads.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

using namespace respublica;

namespace {

using Which = WaitingReads::Which;
using Numbers = std::vector<WaitingReads::Number>;

WaitingReads::Read read(const std::string& group, const std::string& consumer, const std::vector<std::string>& channels,
                        std::optional<std::uint64_t> claim_idle_ms = std::nullopt,
                        std::optional<SteadyTime> deadline = std::nullopt) {
  ReadGroup command;
  command.group = group;
  command.consumer = consumer;
  command.claim_idle_ms = claim_idle_ms;
  for (const std::string& channel : channels) command.places.push_back({channel, std::nullopt});
  return {{{}, std::move(command)}, nullptr, std::make_shared<ReadWait>(deadline)};
}

Numbers walk(const WaitingReads& reads, const std::string& channel, const std::string& group, Which which) {
  Numbers numbers;
  WaitingReads::Number from = 0;
  while (const auto number = reads.next(channel, group, from, which)) {
    numbers.push_back(*number);
    from = *number + 1;
  }
  return numbers;
}

}  // namespace

TEST_CASE("reads that wait are found by channel and group, the longest waiting first") {
  WaitingReads reads;
  reads.add(read("g", "one", {"a", "b"}));
  reads.add(read("h", "two", {"a"}));
  reads.add(read("g", "three", {"a"}, 5));
  reads.add(read("g", "four", {"b"}));
  CHECK(reads.groups("a") == std::vector<std::string>{"g", "h"});
  CHECK(reads.groups("c").empty());
  CHECK(reads.find("a", "g") == Numbers{0, 2});
  CHECK(reads.find("b", "h").empty());
  CHECK(walk(reads, "a", "g", Which::all) == Numbers{0, 2});
  CHECK(walk(reads, "a", "g", Which::claiming) == Numbers{2});
  CHECK(walk(reads, "b", "g", Which::all) == Numbers{0, 3});
  CHECK(walk(reads, "a", "h", Which::claiming).empty());
}

TEST_CASE("a read that is taken waits in none of its channels, and what they cost goes with it") {
  WaitingReads reads;
  // A channel may be named twice.
  reads.add(read("g", "one", {"a", "b", "a"}, 5));
  reads.add(read("g", "twelve", {"a"}));
  CHECK(reads.size("a").reads == 2);
  CHECK(reads.size("a").name_bytes == 9);
  CHECK(reads.size("b").name_bytes == 3);
  CHECK(std::get<ReadGroup>(reads.take(0).command.change).consumer == "one");
  CHECK(reads.size("a").reads == 1);
  CHECK(reads.size("a").name_bytes == 6);
  CHECK(reads.size("b").reads == 0);
  CHECK(reads.groups("b").empty());
  CHECK(walk(reads, "a", "g", Which::claiming).empty());
  reads.take(1);
  CHECK(reads.groups("a").empty());
  CHECK(reads.size() == 0);
}

TEST_CASE("reads are over at their deadline, or when they are given up") {
  WaitingReads reads;
  const SteadyTime begin{};
  const auto at = [begin](int seconds) { return begin + std::chrono::seconds(seconds); };
  reads.add(read("g", "late", {"a"}, std::nullopt, at(9)));
  reads.add(read("g", "early", {"a"}, std::nullopt, at(5)));
  reads.add(read("g", "patient", {"a"}));
  WaitingReads::Read leaving = read("g", "leaving", {"a"});
  const std::shared_ptr<ReadWait> wait = leaving.wait;
  reads.add(std::move(leaving));
  CHECK(reads.due() == at(5));
  CHECK(reads.take_over(at(4), {}).empty());
  const std::vector<WaitingReads::Read> over = reads.take_over(at(5), {wait, std::make_shared<ReadWait>(at(1))});
  REQUIRE(over.size() == 2);
  CHECK(std::get<ReadGroup>(over[0].command.change).consumer == "leaving");
  CHECK(std::get<ReadGroup>(over[1].command.change).consumer == "early");
  CHECK(reads.due() == at(9));
  CHECK(walk(reads, "a", "g", Which::all) == Numbers{0, 2});
}
