#include "tools/bench/load_run.h"

#include "tests/bench/faulty_server.h"
#include "tests/support/catch.h"
#include "tools/bench/bench_error.h"

namespace respublica::bench {

namespace {

constexpr std::uint64_t kMessages = 1000;

LoadShape small_shape() {
  LoadShape shape;
  shape.publishers = 2;
  shape.subscribers = 3;
  shape.pipeline = 4;
  return shape;
}

/// Why a run of small_shape() against a server with this fault ended; empty if it did not fail.
std::string failure_with(Fault fault) {
  FaultyServer server(fault);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  try {
    LoadRun run(small_shape(), target, progress_line);
    run.run_messages(kMessages);
    run.check_one_order();
    return "";
  } catch (const BenchError& error) {
    return error.what();
  }
}

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a run counts every message and every delivery") {
  FaultyServer server(Fault::none);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape = small_shape();
  shape.threads = 2;
  LoadRun run(shape, target, progress_line);
  for (int phase = 0; phase < 2; ++phase) {
    const PhaseResult result = run.run_messages(kMessages);
    CHECK(result.published == kMessages);
    CHECK(result.delivered == kMessages * shape.subscribers);
    CHECK_FALSE(result.server);
  }
  run.check_one_order();
}

TEST_CASE("entries that XADDs write are counted by their IDs") {
  FaultyServer server(Fault::none);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape = small_shape();
  shape.write = WriteCommand::xadd;
  shape.subscribers = 0;
  LoadRun run(shape, target, progress_line);
  CHECK(run.run_messages(kMessages).published == kMessages);
}

TEST_CASE("several channels with different numbers of subscribers are counted right") {
  FaultyServer server(Fault::none);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape = small_shape();
  shape.channels = 2;
  LoadRun run(shape, target, progress_line);
  const PhaseResult result = run.run_messages(kMessages);
  CHECK(result.published == kMessages);
  CHECK(result.delivered == kMessages / 2 * 3);
}

TEST_CASE("in an open loop every delivery has a latency") {
  FaultyServer server(Fault::none);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape = small_shape();
  shape.rate = 20'000;
  LoadRun run(shape, target, progress_line);
  const PhaseResult result = run.run_messages(kMessages);
  CHECK(result.delivered == kMessages * shape.subscribers);
  CHECK(run.latencies().count() == result.delivered);
  CHECK(run.latencies().percentile(50) > 0);
  // The last message is not meant to be sent earlier than the rate says.
  CHECK(result.seconds >= static_cast<double>(kMessages - 2) / shape.rate);
  run.reset_latencies();
  CHECK(run.latencies().count() == 0);
}

TEST_CASE("a server without faults is not complained about") { CHECK(failure_with(Fault::none).empty()); }

TEST_CASE("one lost message of a thousand ends the run") {
  CHECK(mentions(failure_with(Fault::lost), "subscriber 0: message lost or reordered"));
}

TEST_CASE("a repeated message ends the run") {
  CHECK(mentions(failure_with(Fault::repeated), "subscriber 0: message repeated or reordered"));
}

TEST_CASE("two messages of one publisher in the wrong order end the run") {
  CHECK(mentions(failure_with(Fault::swapped), "subscriber 0: message lost or reordered"));
}

TEST_CASE("a changed payload ends the run") {
  CHECK(mentions(failure_with(Fault::changed), "subscriber 0: not the expected message"));
}

TEST_CASE("a closed subscriber ends the run") {
  CHECK(mentions(failure_with(Fault::closed), "subscriber 0: the server closed the connection"));
}

TEST_CASE("a wrong number of receivers ends the run") {
  CHECK(mentions(failure_with(Fault::wrong_count), "PUBLISH must answer \":3\\r\\n\""));
}

TEST_CASE("subscribers that hear the publishers in different orders are found at the end") {
  CHECK(mentions(failure_with(Fault::other_order), "heard channel:000000 in another order"));
}

TEST_CASE("a refused connection says where") {
  Endpoint nowhere;
  {
    const FaultyServer gone(Fault::none);
    nowhere = gone.endpoint();
  }
  Target target(nowhere, std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  std::string reason;
  try {
    const LoadRun run(small_shape(), target, progress_line);
  } catch (const BenchError& error) {
    reason = error.what();
  }
  CHECK(reason == "cannot connect to " + nowhere.name() + ": Connection refused");
}

}  // namespace respublica::bench
