#pragma once
// A consumer group whose entries fail, where a rule holds.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica::test {

/// Entries 1-0 to 4-0 of s, and a group g; entries may be delivered three times, and consumers have 100 ms.
struct Failing : Batches {
  Failing() {
    for (int i = 1; i <= 4; ++i) commit(add("s", std::to_string(i) + "-0", "v" + std::to_string(i)));
    commit(make_group());
    rule.max_deliveries = 3;
    rule.ack_wait = std::chrono::milliseconds(100);
    rule.backoff = {std::chrono::milliseconds(10), std::chrono::milliseconds(50)};
    set_rule();
  }

  void set_rule() {
    auto rules = std::make_shared<DurableRules>();
    DurableRule of_all;
    of_all.pattern = "*";
    of_all.groups = rule;
    rules->add(of_all);
    batch->set_rules(rules);
  }
  std::uint64_t sweep(std::uint64_t now_ms) { return commit({"s", SweepGroup{"g", {}, now_ms}}, now_ms).count; }
  std::string read(const std::string& consumer, std::uint64_t now_ms, std::uint64_t count = 0) {
    return show(commit(read_new(consumer, count), now_ms));
  }
  std::string pending(std::uint64_t now_ms) { return show(commit(list_pending(), now_ms)); }
  /// Delivers 1-0 to c until only its last delivery is left.
  void deliver_twice() {
    read("c", 1000, 1);
    commit(claim("c", "1-0"), 1000);
  }
  /// The fields of the last entry of a channel of dead letters, or of another.
  std::map<std::string, std::string> letter(const std::string& dlq = "dlq") {
    std::map<std::string, std::string> fields;
    const std::shared_ptr<const Stream> stream = streams.find(dlq);
    if (stream == nullptr) return fields;
    const LogSource source(*log);
    StreamReader reader(source);
    REQUIRE(reader.backward(*stream, {}, [&fields](const StoredEntry& entry) {
      for (const auto& [name, value] : field_list(entry.fields)) fields[name] = value;
      return false;
    }));
    return fields;
  }
  std::uint64_t letters() { return streams.find("dlq") == nullptr ? 0 : streams.find("dlq")->length(); }

  GroupRule rule;
};

inline DurableCommand fail(std::string ids, ReleaseEntries::Mode mode = ReleaseEntries::Mode::fail,
                           std::string reason = {}) {
  ReleaseEntries command;
  command.group = "g";
  command.ids = ids_of(ids);
  command.mode = mode;
  command.reason = std::move(reason);
  return {"s", std::move(command)};
}

}  // namespace respublica::test
