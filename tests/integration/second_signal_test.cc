// Who sends a second signal will not wait.

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// Has the broker wait for a subscriber that never reads.
void queue_without_end(const RunningServer& server, RawClient& subscriber) {
  subscriber.call({"SUBSCRIBE", "news"});
  RawClient publisher(server.port());
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) REQUIRE(publisher.call({"PUBLISH", "news", block}) == ":1\r\n");
}

const std::vector<std::string> kPatient = {"--io-threads",       "2",   "--client-output-buffer-limit", "pubsub 0 0 0",
                                           "--shutdown-timeout", "3600"};

}  // namespace

TEST_CASE("a second signal ends the broker at once, whoever still has to read") {
  const int second = GENERATE(SIGTERM, SIGINT);
  RunningServer server(kPatient);
  RawClient subscriber = RawClient::with_small_buffer(server.port());
  queue_without_end(server, subscriber);
  server.signal(SIGTERM);
  server.await_output("shutting down");
  server.signal(second);
  const Ending ending = server.wait();
  CHECK(ending.code == EXIT_FAILURE);
  CHECK(ending.output.find("bye") == std::string::npos);
}

TEST_CASE("after the first signal SIGHUP still opens the log file anew only") {
  RunningServer server(kPatient);
  RawClient subscriber = RawClient::with_small_buffer(server.port());
  queue_without_end(server, subscriber);
  server.signal(SIGTERM);
  server.await_output("shutting down");
  server.signal(SIGHUP);
  server.signal(SIGINT);
  CHECK(server.wait().code == EXIT_FAILURE);
}

}  // namespace respublica::test
