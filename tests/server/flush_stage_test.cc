#include "server/flush_stage.h"

#include <cstdint>
#include <map>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Numbers = std::vector<std::uint64_t>;

/// Sessions that remember who was flushed.
struct Sessions {
  FlushStage stage;
  std::map<std::uint64_t, FlushDue> due;
  Numbers flushed;

  void add(std::uint64_t number, FlushDue what) { stage.add(number, due[number], what); }

  Numbers run(std::size_t bound = FlushStage::kAllFlushes) {
    flushed.clear();
    stage.run(bound, [this](std::uint64_t number) { return flush(number); });
    return flushed;
  }

  Numbers run_awaited() {
    flushed.clear();
    const bool flushed_any = stage.run_awaited([this](std::uint64_t number) { return flush(number); });
    CHECK(flushed_any == !flushed.empty());
    return flushed;
  }

  bool flush(std::uint64_t number) {
    const auto found = due.find(number);
    if (found == due.end() || found->second == FlushDue::nothing) return false;
    found->second = FlushDue::nothing;
    flushed.push_back(number);
    return true;
  }
};

TEST_CASE("replies are flushed before messages") {
  Sessions sessions;
  for (const std::uint64_t subscriber : Numbers{1, 2, 3}) sessions.add(subscriber, FlushDue::messages);
  sessions.add(4, FlushDue::reply);
  CHECK(sessions.run() == Numbers{4, 1, 2, 3});
  CHECK(sessions.stage.empty());
}

TEST_CASE("awaited replies may be flushed alone, and are first among all") {
  Sessions sessions;
  sessions.add(1, FlushDue::messages);
  sessions.add(2, FlushDue::reply);
  sessions.add(3, FlushDue::awaited_reply);
  CHECK(sessions.stage.has_messages());
  CHECK(sessions.run_awaited() == Numbers{3});
  CHECK(sessions.run_awaited().empty());
  sessions.add(4, FlushDue::awaited_reply);
  sessions.add(1, FlushDue::awaited_reply);
  CHECK(sessions.run() == Numbers{4, 1, 2});
  CHECK(sessions.stage.empty());
}

TEST_CASE("a stage with an awaited reply is not empty") {
  Sessions sessions;
  sessions.add(1, FlushDue::awaited_reply);
  CHECK_FALSE(sessions.stage.empty());
  CHECK_FALSE(sessions.stage.has_messages());
}

TEST_CASE("a session is flushed once, whatever was added how often") {
  Sessions sessions;
  sessions.add(1, FlushDue::messages);
  sessions.add(2, FlushDue::messages);
  sessions.add(2, FlushDue::messages);
  sessions.add(2, FlushDue::reply);
  sessions.add(2, FlushDue::messages);
  CHECK(sessions.run() == Numbers{2, 1});
  CHECK(sessions.run().empty());
}

TEST_CASE("messages are flushed in the order in which they were added, some at a time") {
  Sessions sessions;
  for (const std::uint64_t subscriber : Numbers{1, 2, 3, 4, 5}) sessions.add(subscriber, FlushDue::messages);
  CHECK(sessions.run(2) == Numbers{1, 2});
  for (const std::uint64_t subscriber : Numbers{1, 2, 3, 4, 5}) sessions.add(subscriber, FlushDue::messages);
  sessions.add(6, FlushDue::reply);
  CHECK(sessions.run(2) == Numbers{6, 3, 4});
  CHECK_FALSE(sessions.stage.empty());
  CHECK(sessions.run(2) == Numbers{5, 1});
  CHECK(sessions.run(2) == Numbers{2});
  CHECK(sessions.stage.empty());
}

TEST_CASE("all replies are flushed, however small the bound") {
  Sessions sessions;
  for (const std::uint64_t client : Numbers{1, 2, 3}) sessions.add(client, FlushDue::reply);
  sessions.add(4, FlushDue::messages);
  CHECK(sessions.run(0) == Numbers{1, 2, 3});
  CHECK(sessions.run(1) == Numbers{4});
}

TEST_CASE("sessions that have gone do not count") {
  Sessions sessions;
  for (const std::uint64_t subscriber : Numbers{1, 2, 3}) sessions.add(subscriber, FlushDue::messages);
  sessions.due.erase(1);
  sessions.due.erase(2);
  CHECK(sessions.run(1) == Numbers{3});
  CHECK(sessions.stage.empty());
}

}  // namespace
}  // namespace respublica
