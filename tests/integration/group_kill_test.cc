// Work that is shared by consumers of a group while the broker and the consumers are killed.

#include <atomic>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/kill_rounds.h"
#include "tests/support/ledger_worker.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

constexpr int kConsumers = 3;
constexpr int kDeliveries = 3;
/// One event of so many cannot be processed.
constexpr long kPoisonEach = 100;

bool is_poison(long event) { return event % kPoisonEach == kPoisonEach - 1; }

/// What everybody who works on the events has seen, by the numbers of the events. It is outside the broker.
struct Ledger {
  /// XADD was answered.
  std::set<long> added;
  /// XACK counted it; how often.
  std::map<long, int> acknowledged;
  /// XACK was sent, and its answer was lost with the broker.
  std::set<long> perhaps_acknowledged;
  /// How often consumers were given it.
  std::map<long, int> given;

  void add(const Ledger& other) {
    added.insert(other.added.begin(), other.added.end());
    for (const auto& [event, times] : other.acknowledged) acknowledged[event] += times;
    perhaps_acknowledged.insert(other.perhaps_acknowledged.begin(), other.perhaps_acknowledged.end());
    for (const auto& [event, times] : other.given) given[event] += times;
  }
};

using Worker = LedgerWorker<Ledger>;

struct Event {
  std::string id;
  long number;
};

/// The new events in an answer to XREADGROUP, whose one field is the number.
std::vector<Event> events_of(const std::string& reply) {
  std::vector<Event> events;
  // The channel; then ID, "n" and the number of each.
  const std::vector<std::string> texts = texts_of(reply);
  for (std::size_t i = 1; i + 2 < texts.size(); i += 3) events.push_back({texts[i], std::stol(texts[i + 2])});
  return events;
}

enum class Poison { fails, is_cured };

void acknowledge(RawClient& client, const Event& event, Ledger& ledger) {
  ledger.perhaps_acknowledged.insert(event.number);
  if (client.call({"XACK", "orders.new", "g", event.id}) == ":1\r\n") ++ledger.acknowledged[event.number];
  ledger.perhaps_acknowledged.erase(event.number);
}

/// A consumer that is killed after some events, which it leaves pending, and comes back under another name.
void consume(int port, std::uint64_t seed, const std::atomic<bool>& stop, Poison poison, Ledger& ledger) {
  SeededRandom random(seed);
  while (!stop) {
    RawClient client(port);
    const std::string name = "consumer-" + std::to_string(random.below(1000));
    for (std::uint64_t lives = 5 + random.below(100); lives > 0 && !stop; --lives) {
      const std::string reply =
          client.call({"XREADGROUP", "GROUP", "g", name, "COUNT", "5", "BLOCK", "20", "STREAMS", "orders.new", ">"});
      const std::vector<Event> events = events_of(reply);
      for (const Event& event : events) ++ledger.given[event.number];
      // Some of what it was given is lost with it.
      if (lives == 1 && poison == Poison::fails) break;
      for (const Event& event : events) {
        if (poison == Poison::is_cured || !is_poison(event.number)) acknowledge(client, event, ledger);
      }
    }
  }
}

void produce(int port, std::atomic<long>& next, Ledger& ledger) {
  RawClient client(port);
  for (;;) {
    const long event = next++;
    client.call({"XADD", "orders.new", "*", "n", std::to_string(event)});
    ledger.added.insert(event);
  }
}

/// A field of a dead letter, whose texts are its ID and then names and values.
std::string value_of(const std::vector<std::string>& letter, const std::string& name) {
  for (std::size_t i = 1; i + 1 < letter.size(); i += 2) {
    if (letter[i] == name) return letter[i + 1];
  }
  return "";
}

/// The dead letters, each as its texts.
std::vector<std::vector<std::string>> dead_letters(RawClient& client) {
  std::vector<std::vector<std::string>> letters;
  for (std::string first = "-"; true; first = '(' + letters.back().front()) {
    const std::vector<std::string> texts = texts_of(client.call({"XRANGE", "dlq", first, "+", "COUNT", "1"}));
    if (texts.empty()) return letters;
    letters.push_back(texts);
  }
}

bool nothing_is_left(RawClient& client) {
  if (!client.call({"XPENDING", "orders.new", "g"}).starts_with("*4\r\n:0\r\n")) return false;
  return client.call({"XINFO", "GROUPS", "orders.new"}).ends_with("lag\r\n:0\r\n");
}

/// Consumers work until nothing is left.
void consume_the_rest(int port, Poison poison, Ledger& ledger) {
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<Worker>> consumers;
  for (std::uint64_t i = 0; i < kConsumers; ++i) {
    consumers.push_back(
        std::make_unique<Worker>([port, i, &stop, poison](Ledger& own) { consume(port, i, stop, poison, own); }));
  }
  RawClient client(port);
  while (!nothing_is_left(client)) std::this_thread::yield();
  stop = true;
  for (const auto& consumer : consumers) ledger.add(consumer->join());
}

/// All that was added is in one place: acknowledged once, or a dead letter with its reason.
void check_places(const Ledger& ledger, const std::vector<std::vector<std::string>>& letters) {
  std::set<long> dead;
  for (const std::vector<std::string>& letter : letters) {
    CAPTURE(letter);
    CHECK(value_of(letter, "dlq.reason") == "max-deliveries");
    CHECK(value_of(letter, "dlq.deliveries") == std::to_string(kDeliveries));
    CHECK(value_of(letter, "dlq.channel") == "orders.new");
    const long event = std::stol(value_of(letter, "n"));
    CHECK(dead.insert(event).second);
    CHECK_FALSE(ledger.acknowledged.contains(event));
  }
  for (const long event : ledger.added) {
    CAPTURE(event);
    const bool is_done = ledger.acknowledged.contains(event) || ledger.perhaps_acknowledged.contains(event);
    CHECK((is_done || dead.contains(event)));
    if (is_poison(event)) CHECK(dead.contains(event));
  }
  for (const auto& [event, times] : ledger.acknowledged) {
    CAPTURE(event);
    CHECK(times == 1);
  }
  for (const auto& [event, times] : ledger.given) {
    CAPTURE(event);
    CHECK(times <= kDeliveries);
  }
}

/// Gives all dead letters back to their group, with commands that every client has.
void redrive(RawClient& client, const std::vector<std::vector<std::string>>& letters) {
  for (const std::vector<std::string>& letter : letters) {
    client.call({"MULTI"});
    client.call(
        {"XNACK", "orders.new", "g", "SILENT", "IDS", "1", value_of(letter, "dlq.id"), "RETRYCOUNT", "0", "FORCE"});
    client.call({"XDEL", "dlq", letter.front()});
    CHECK(client.call({"EXEC"}) == "*2\r\n:1\r\n:1\r\n");
  }
}

}  // namespace

TEST_CASE("shared work: nothing is lost, in two places, or dead without a reason, whoever is killed") {
  const TemporaryDirectory directory;
  const std::vector<std::string> arguments = {
      "--dir", directory.path(), "--durable",
      "orders.* max-deliveries " + std::to_string(kDeliveries) + " ack-wait 50ms redeliver yes",
      // Small files of the log: checkpoints are written, and files given back, all the time.
      "--auto-aof-rewrite-min-size", "128kb"};
  Ledger ledger;
  std::atomic<long> next{0};
  {
    RunningServer server(arguments);
    RawClient(server.port()).call({"XGROUP", "CREATE", "orders.new", "g", "0", "MKSTREAM"});
  }
  for (int round = 0; round < kill_rounds(); ++round) {
    RunningServer server(arguments);
    const std::atomic<bool> never{false};
    std::vector<std::unique_ptr<Worker>> workers;
    workers.push_back(
        std::make_unique<Worker>([port = server.port(), &next](Ledger& own) { produce(port, next, own); }));
    for (int i = 0; i < kConsumers; ++i) {
      const auto seed = static_cast<std::uint64_t>(round * kConsumers + i);
      workers.push_back(std::make_unique<Worker>(
          [port = server.port(), seed, &never](Ledger& own) { consume(port, seed, never, Poison::fails, own); }));
    }
    const long enough = next + 300 + 31 * (round % 10);
    while (next < enough) std::this_thread::yield();
    server.signal(SIGKILL);
    server.wait();
    for (const auto& worker : workers) ledger.add(worker->join());
  }
  RunningServer server(arguments);
  RawClient client(server.port());
  consume_the_rest(server.port(), Poison::fails, ledger);
  const std::vector<std::vector<std::string>> letters = dead_letters(client);
  check_places(ledger, letters);
  REQUIRE_FALSE(letters.empty());

  // The fault is mended: what was dead is processed.
  redrive(client, letters);
  CHECK(client.call({"XLEN", "dlq"}) == ":0\r\n");
  Ledger after;
  consume_the_rest(server.port(), Poison::is_cured, after);
  for (const std::vector<std::string>& letter : letters) {
    const long event = std::stol(value_of(letter, "n"));
    CAPTURE(event);
    CHECK(after.acknowledged[event] == 1);
  }
  CHECK(client.call({"XLEN", "dlq"}) == ":0\r\n");
}

}  // namespace respublica::test
