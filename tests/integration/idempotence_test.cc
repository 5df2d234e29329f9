// Idempotent producers: what is sent again is there once.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

constexpr int kRounds = 6;
constexpr int kMessages = 60;

std::vector<std::string> on(const TemporaryDirectory& directory) {
  // Small files of the log: checkpoints are written all the time.
  return {"--dir", directory.path(),         "--durable", "orders.*", "--auto-aof-rewrite-min-size",
          "128kb", "--stream-idmp-duration", "3600"};
}

void kill_hard(RunningServer& server) {
  server.signal(SIGKILL);
  server.wait();
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A field of a reply to XINFO in RESP2: a number.
std::string number_field(const std::string& reply, const std::string& name) {
  const std::string before = bulk(name) + ':';
  const std::size_t at = reply.find(before);
  if (at == std::string::npos) return "none";
  const std::size_t begin = at + before.size();
  return reply.substr(begin, reply.find("\r\n", begin) - begin);
}

/// Sends a message three times; returns the ID that is always the same. An error when the broker goes meanwhile.
std::string send_thrice(RawClient& client, const std::string& channel, int number) {
  const std::string iid = std::to_string(number);
  const std::string add = request({"XADD", channel, "IDMP", "producer", iid, "*", "number", iid});
  client.send(add + add + add);
  const std::string id = text_of(client.read_reply());
  for (int i = 0; i < 2; ++i) {
    if (text_of(client.read_reply()) != id) throw std::logic_error("another ID for the same message");
  }
  return id;
}

/// Ends the broker hard when so many messages have been answered, or at its own end.
class Killer {
 public:
  Killer(RunningServer& server, int after) : thread_([this, &server, after] { run(server, after); }) {}
  ~Killer() {
    is_over_ = true;
    thread_.join();
  }
  Killer(const Killer&) = delete;
  Killer& operator=(const Killer&) = delete;

  void count_answer() { ++answers_; }

 private:
  void run(RunningServer& server, int after) {
    while (answers_ < after && !is_over_) std::this_thread::yield();
    server.signal(SIGKILL);
  }

  std::atomic<int> answers_{0};
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

}  // namespace

TEST_CASE("a producer that sends every message three times, across restarts, adds each once") {
  const TemporaryDirectory directory;
  const std::string channel = "orders.new";
  std::map<int, std::string> answered;
  int next = 0;
  for (int round = 0; round < kRounds; ++round) {
    RunningServer server(on(directory));
    const int last = (round + 1) * kMessages;
    {
      // It hits anywhere behind that: messages that were not answered come again in the next round.
      Killer killer(server, 10 + 13 * round);
      try {
        RawClient client(server.port());
        // Some of those that were answered before the last end, too.
        for (int number = std::max(0, next - 20); number < last; ++number) {
          const std::string id = send_thrice(client, channel, number);
          const auto [known, is_new] = answered.try_emplace(number, id);
          CHECK(known->second == id);
          if (is_new) next = number + 1;
          killer.count_answer();
          client.call({"XADD", "ballast", "MAXLEN", "2", "*", "payload", std::string(4000, 'x')});
        }
      } catch (const std::runtime_error&) {
        // The broker is gone.
      }
    }
    server.wait();
  }
  RunningServer server(on(directory));
  RawClient client(server.port());
  for (int number = std::max(0, next - 20); number < kRounds * kMessages; ++number) {
    const std::string id = send_thrice(client, channel, number);
    CHECK(answered.try_emplace(number, id).first->second == id);
  }
  CHECK(client.call({"XLEN", channel}) == ":" + std::to_string(kRounds * kMessages) + "\r\n");
  for (const auto& [number, id] : answered) {
    const std::string entry = client.call({"XRANGE", channel, id, id});
    CHECK(contains(entry, bulk("number") + bulk(std::to_string(number))));
  }
  kill_hard(server);
  const Ending verified = run_log_tool({"verify", directory.path_of("appendonlydir")});
  CAPTURE(verified.output);
  CHECK(verified.code == 0);
}

TEST_CASE("subscribers and readers and groups hear of a message once") {
  const TemporaryDirectory directory;
  RunningServer server(on(directory));
  RawClient client(server.port());
  client.call({"CONFIG", "SET", "notify-keyspace-events", "Kt"});
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "orders.new", "__keyspace@0__:orders.new"});
  subscriber.read_reply();
  const std::string first = client.call({"XADD", "orders.new", "IDMPAUTO", "p", "*", "payload", "one"});
  CHECK(client.call({"XADD", "orders.new", "IDMPAUTO", "p", "*", "payload", "one"}) == first);
  client.call({"XGROUP", "CREATE", "orders.new", "g", "$"});
  RawClient waiting(server.port());
  waiting.send(request({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "orders.new", ">"}));
  RawClient reading(server.port());
  reading.send(request({"XREAD", "BLOCK", "0", "STREAMS", "orders.new", "$"}));
  await_info(client, "blocked_clients", 2);
  CHECK(client.call({"XADD", "orders.new", "IDMPAUTO", "p", "*", "payload", "one"}) == first);
  CHECK(info(client, "blocked_clients") == 2);
  CHECK(client.call({"XADD", "orders.new", "IDMPAUTO", "p", "*", "payload", "two"}) != first);
  CHECK(contains(waiting.read_reply(), "two"));
  CHECK(contains(reading.read_reply(), "two"));
  std::string heard;
  // Two messages and their events, and those of the group and of its consumer.
  for (int i = 0; i < 6; ++i) heard += subscriber.read_reply();
  const std::string event = message("__keyspace@0__:orders.new", "xadd");
  const auto count = [&heard](const std::string& part) {
    int times = 0;
    for (std::size_t at = heard.find(part); at != std::string::npos; at = heard.find(part, at + 1)) ++times;
    return times;
  };
  CHECK(count(message("orders.new", "one")) == 1);
  CHECK(count(message("orders.new", "two")) == 1);
  CHECK(count(event) == 2);
}

TEST_CASE("in a transaction and in a pipeline a message is added once") {
  // The log is in memory.
  RunningServer server({"--appendonly", "no"});
  RawClient client(server.port());
  client.call({"MULTI"});
  for (int i = 0; i < 2; ++i) client.call({"XADD", "s", "IDMP", "p", "1", "*", "f", "v"});
  client.call({"DEL", "s"});
  for (int i = 0; i < 2; ++i) client.call({"XADD", "s", "IDMP", "p", "1", "*", "f", "v"});
  client.call({"EXEC"});
  CHECK(client.call({"XLEN", "s"}) == ":1\r\n");
  const std::string add = request({"XADD", "s", "IDMPAUTO", "p", "*", "a", "1", "b", "2"});
  const std::string turned = request({"XADD", "s", "IDMPAUTO", "p", "*", "b", "2", "a", "1"});
  client.send(add + turned + request({"XADD", "s", "*", "c", "3"}) + add);
  const std::string id = client.read_reply();
  CHECK(client.read_reply() == id);
  CHECK(client.read_reply() != id);
  CHECK(client.read_reply() == id);
  CHECK(client.call({"XLEN", "s"}) == ":3\r\n");
  client.call({"FLUSHALL"});
  CHECK(client.call({"XADD", "s", "NOMKSTREAM", "IDMP", "p", "1", "*", "f", "v"}) == "$-1\r\n");
  client.call({"XADD", "s", "IDMP", "p", "1", "*", "f", "v"});
  CHECK(client.call({"XLEN", "s"}) == ":1\r\n");
}

TEST_CASE("XINFO STREAM tells those who understand it of idempotent producers") {
  RunningServer server({"--appendonly", "no", "--stream-idmp-maxsize", "7"});
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) client.call({"XADD", "s", "IDMP", "p", "1", "*", "f", "v"});
  client.call({"XADD", "s", "IDMP", "q", "1", "*", "f", "v"});
  client.call({"XADD", "plain", "*", "f", "v"});
  CHECK(client.call({"XINFO", "STREAM", "s"}).starts_with("*20\r\n"));
  client.call({"CLIENT", "SETINFO", "lib-name", "redis-py"});
  client.call({"CLIENT", "SETINFO", "lib-ver", "8.1.0"});
  const std::string shown = client.call({"XINFO", "STREAM", "s"});
  CHECK(shown.starts_with("*32\r\n"));
  CHECK(number_field(shown, "idmp-duration") == "100");
  CHECK(number_field(shown, "idmp-maxsize") == "7");
  CHECK(number_field(shown, "pids-tracked") == "2");
  CHECK(number_field(shown, "iids-tracked") == "2");
  CHECK(number_field(shown, "iids-added") == "2");
  CHECK(number_field(shown, "iids-duplicates") == "1");
  client.call({"CONFIG", "SET", "stream-idmp-maxsize", "9", "stream-idmp-duration", "5"});
  const std::string full = client.call({"XINFO", "STREAM", "s", "FULL"});
  CHECK(full.starts_with("*30\r\n"));
  CHECK(number_field(full, "idmp-maxsize") == "7");
  const std::string plain = client.call({"XINFO", "STREAM", "plain"});
  CHECK(number_field(plain, "idmp-maxsize") == "9");
  CHECK(number_field(plain, "idmp-duration") == "5");
  CHECK(client.call({"XCFGSET", "s", "IDMP-DURATION", "6"}) == "+OK\r\n");
  const std::string limited = client.call({"XINFO", "STREAM", "s"});
  CHECK(number_field(limited, "idmp-duration") == "6");
  CHECK(number_field(limited, "iids-tracked") == "0");
  CHECK(client.call({"XCFGSET", "none", "IDMP-DURATION", "6"}) == "-ERR no such key\r\n");
  CHECK(client.call({"XCFGSET", "s"}) == "-ERR At least one parameter must be specified\r\n");
}

TEST_CASE("XREAD reads no more of all streams together than it was told") {
  RunningServer server({"--appendonly", "no"});
  RawClient client(server.port());
  for (const char* const stream : {"a", "b"}) {
    for (const char* const id : {"1-0", "2-0", "3-0"}) client.call({"XADD", stream, id, "f", std::string(100, 'x')});
  }
  const auto entries = [](const std::string& reply) {
    std::size_t count = 0;
    for (std::size_t at = reply.find("-0\r\n"); at != std::string::npos; at = reply.find("-0\r\n", at + 1)) ++count;
    return count;
  };
  CHECK(entries(client.call({"XREAD", "STREAMS", "a", "b", "0", "0"})) == 6);
  CHECK(entries(client.call({"XREAD", "MAXCOUNT", "4", "STREAMS", "a", "b", "0", "0"})) == 4);
  CHECK(entries(client.call({"XREAD", "COUNT", "2", "MAXCOUNT", "3", "STREAMS", "a", "b", "0", "0"})) == 3);
  // A stream of which nothing is read is left out.
  CHECK(client.call({"XREAD", "MAXCOUNT", "2", "STREAMS", "a", "b", "0", "0"}).starts_with("*1\r\n"));
  CHECK(entries(client.call({"XREAD", "MAXSIZE", "1", "STREAMS", "a", "b", "0", "0"})) == 1);
  CHECK(entries(client.call({"XREAD", "MAXSIZE", "250", "STREAMS", "a", "b", "0", "0"})) == 2);
  CHECK(entries(client.call({"XREAD", "MAXCOUNT", "1", "STREAMS", "a", "b", "3", "0"})) == 1);
  CHECK(entries(client.call({"XREAD", "MAXCOUNT", "2", "STREAMS", "$all", "0"})) == 2);
}

}  // namespace respublica::test
