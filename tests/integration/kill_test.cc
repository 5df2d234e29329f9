// kill -9 under load: what was acknowledged is there afterwards.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/kill_rounds.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

constexpr int kWriters = 4;
constexpr int kChannelsOfWriter = 3;
constexpr int kPipeline = 16;

/// The entries of one channel in the order in which they were acknowledged, outside the broker: "ID payload".
using Ledger = std::map<std::string, std::vector<std::string>>;

/// Adds entries through one connection until the broker is gone, and writes down what it acknowledged.
class Writer {
 public:
  Writer(int port, int number, int round, std::atomic<long>& acknowledged)
      : number_(number), round_(round), acknowledged_(acknowledged), client_(port) {
    thread_ = std::thread([this] { run(); });
  }

  void join() { thread_.join(); }
  const Ledger& ledger() const { return ledger_; }

 private:
  void run() {
    try {
      for (long batch = 0;; ++batch) add(batch);
    } catch (const std::runtime_error&) {
      // The broker is gone: what was not answered may be there or not.
    }
  }

  void add(long batch) {
    std::string requests;
    std::vector<std::pair<std::string, std::string>> sent;
    for (int i = 0; i < kPipeline; ++i) {
      const std::string channel = "kill." + std::to_string(number_) + '.' + std::to_string(i % kChannelsOfWriter);
      const std::string payload = std::to_string(round_) + '/' + std::to_string(batch * kPipeline + i);
      requests += request({"XADD", channel, "*", "payload", payload});
      sent.emplace_back(channel, payload);
    }
    // Most of the log is dead soon, so that its files are written anew.
    client_.send(requests + request({"XADD", "ballast", "MAXLEN", "2", "*", "payload", std::string(4000, 'x')}));
    for (const auto& [channel, payload] : sent) {
      ledger_[channel].push_back(text_of(client_.read_reply()) + ' ' + payload);
      ++acknowledged_;
    }
    client_.read_reply();
  }

  const int number_;
  const int round_;
  std::atomic<long>& acknowledged_;
  RawClient client_;
  Ledger ledger_;
  std::thread thread_;
};

/// "ID payload" of each entry in a reply of XRANGE.
std::vector<std::string> entries_of(const std::string& reply) {
  std::vector<std::string> entries;
  // ID, "payload", the payload.
  const std::vector<std::string> texts = texts_of(reply);
  for (std::size_t i = 0; i + 2 < texts.size(); i += 3) entries.push_back(texts[i] + ' ' + texts[i + 2]);
  return entries;
}

/// All entries of a channel, some at a time: to look for the end of a reply takes longer than its length.
std::vector<std::string> replay(RawClient& reader, const std::string& channel) {
  std::vector<std::string> all;
  for (std::string first = "-"; true; first = '(' + all.back().substr(0, all.back().find(' '))) {
    const std::vector<std::string> some = entries_of(reader.call({"XRANGE", channel, first, "+", "COUNT", "500"}));
    if (some.empty()) return all;
    all.insert(all.end(), some.begin(), some.end());
  }
}

/// Every acknowledged entry is among `found`, in order; between them may be some whose answer was lost.
bool holds(const std::vector<std::string>& found, const std::vector<std::string>& acknowledged) {
  auto next = found.begin();
  for (const std::string& entry : acknowledged) {
    next = std::find(next, found.end(), entry);
    if (next == found.end()) return false;
    ++next;
  }
  return true;
}

bool grows(const std::vector<std::string>& entries) {
  std::pair<unsigned long long, unsigned long long> last{0, 0};
  for (const std::string& entry : entries) {
    const std::pair<unsigned long long, unsigned long long> id{std::stoull(entry),
                                                               std::stoull(entry.substr(entry.find('-') + 1))};
    if (id <= last) return false;
    last = id;
  }
  return true;
}

}  // namespace

TEST_CASE("no acknowledged entry is lost or altered by kill -9, however often") {
  const TemporaryDirectory directory;
  // Small files of the log: checkpoints are written, and files given back, all the time.
  const std::vector<std::string> arguments = {
      "--dir", directory.path(), "--io-threads", "2", "--auto-aof-rewrite-min-size", "128kb"};
  Ledger ledger;
  for (int round = 0; round < kill_rounds(); ++round) {
    RunningServer server(arguments);
    std::atomic<long> acknowledged{0};
    std::vector<std::unique_ptr<Writer>> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.push_back(std::make_unique<Writer>(server.port(), i, round, acknowledged));
    }
    while (acknowledged < 2000 + 97 * round) std::this_thread::yield();
    server.signal(SIGKILL);
    server.wait();
    for (const auto& writer : writers) {
      writer->join();
      for (const auto& [channel, entries] : writer->ledger()) {
        std::vector<std::string>& all = ledger[channel];
        all.insert(all.end(), entries.begin(), entries.end());
      }
    }
    RunningServer again(arguments);
    RawClient reader(again.port());
    for (const auto& [channel, acknowledged_entries] : ledger) {
      CAPTURE(round, channel);
      const std::vector<std::string> found = replay(reader, channel);
      CHECK(holds(found, acknowledged_entries));
      CHECK(grows(found));
      CHECK((replay(reader, channel) == found));
      CHECK(reader.call({"XLEN", channel}) == ":" + std::to_string(found.size()) + "\r\n");
    }
  }
  // Files of the log were written anew meanwhile.
  const std::filesystem::directory_iterator files(directory.path() / "appendonlydir");
  CHECK(std::ranges::any_of(files, [](const auto& file) { return file.path().extension() == ".compact"; }));
  const Ending verified = run_log_tool({"verify", directory.path_of("appendonlydir")});
  CAPTURE(verified.output);
  CHECK(verified.code == 0);
}

}  // namespace respublica::test
