// Health checks: many clients ping every few seconds, and give up a connection whose pong is late.

#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

constexpr int kPublishers = 2;
constexpr int kBatch = 1000;
constexpr std::size_t kPatterns = 16;
constexpr int kPings = 50;
/// Batches that others may have served before a pong comes. A fair broker serves a few.
constexpr long kPatience = 1000;

/// Clients that publish as much as they can, and a listener that hears each message many times.
class Load {
 public:
  explicit Load(int port) : listener_(port) {
    for (std::size_t i = 0; i < kPatterns; ++i) listener_.call({"PSUBSCRIBE", "busy" + std::string(i, '*')});
    draining_ = std::thread([this] { drain(); });
    for (int i = 0; i < kPublishers; ++i) publishers_.emplace_back([this, port] { publish(port); });
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() {
    over_.store(true);
    for (std::thread& publisher : publishers_) publisher.join();
    listener_.end_sending();
    draining_.join();
  }

  /// Waits until another batch is answered: the load goes on. Returns how many were answered so far.
  long next() {
    served_.wait(served_.load());
    return served_.load();
  }
  /// How many batches were answered.
  long served() const { return served_.load(); }

 private:
  void publish(int port) {
    RawClient client(port);
    const std::string answer = ":" + std::to_string(kPatterns) + "\r\n";
    std::string batch;
    for (int i = 0; i < kBatch; ++i) batch += request({"PUBLISH", "busy", "x"});
    while (!over_.load()) {
      client.send(batch);
      client.read_bytes(kBatch * answer.size());
      ++served_;
      served_.notify_all();
    }
  }

  void drain() {
    char bytes[65536];
    while (::recv(listener_.descriptor(), bytes, sizeof(bytes), 0) > 0) {
    }
  }

  RawClient listener_;
  std::atomic<bool> over_{false};
  std::atomic<long> served_{0};
  std::thread draining_;
  std::vector<std::thread> publishers_;
};

}  // namespace

TEST_CASE("a subscriber's PING is answered while others keep the broker busy with messages") {
  const std::string threads = GENERATE("1", "2");
  RunningServer server({"--io-threads", threads, "--client-output-buffer-limit", "pubsub 0 0 0"});
  RawClient resp2(server.port());
  resp2.call({"SUBSCRIBE", "quiet"});
  RawClient resp3(server.port());
  resp3.call({"HELLO", "3"});
  resp3.call({"SUBSCRIBE", "quiet"});
  Load load(server.port());
  for (int i = 0; i < kPings; ++i) {
    const std::string text = std::to_string(i);
    const long before = load.next();
    REQUIRE(resp2.call({"PING", text}) == request({"pong", text}));
    REQUIRE(resp3.call({"PING", text}) == bulk(text));
    CHECK(load.served() - before < kPatience);
  }
}

}  // namespace respublica::test
