#pragma once
// A sequencer whose channels have a rule, with time moved by hand.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/group_commands.h"
#include "tests/broker/sequencer_by_hand.h"
#include "tests/support/catch.h"

namespace respublica::test {

/// Time begins at 1000 ms.
struct RuledSequencer : SequencerByHand {
  /// `rule` is as in the setting.
  explicit RuledSequencer(const std::string& rule) { listener.set_rules(rules_of(rule)); }

  DurableOutcome run(DurableCommand command) { return commit({std::move(command)}).front(); }
  std::string answer(DurableCommand command) { return show(run(std::move(command))); }
  std::uint64_t length(const std::string& channel) const {
    const std::shared_ptr<const Stream> stream = sequencer.streams().find(channel);
    return stream == nullptr ? 0 : stream->length();
  }
  /// What waits for its time; it is looked at in steps of `step`, as the thread would wake.
  void pass_in_steps(std::chrono::milliseconds time, std::chrono::milliseconds step) {
    for (std::chrono::milliseconds passed{0}; passed < time; passed += step) pass(step);
  }
  /// Turns until nothing is due.
  void settle() {
    while (sequencer.due() && *sequencer.due() <= clock.steady_now()) sequencer.turn();
  }
  /// Does all that there is to do while time passes, second by second.
  void live(std::chrono::seconds time) {
    for (std::chrono::seconds passed{0}; passed < time; ++passed) {
      pass(std::chrono::seconds(1));
      while (sequencer.side_turn()) sequencer.turn();
      settle();
    }
  }
  /// No rule will have anything to do if nothing comes.
  bool sleeps() {
    // The upkeep of the log begins, and waits for the side thread, which stands still.
    pass(std::chrono::seconds(60));
    settle();
    pass(std::chrono::seconds(1));
    return !sequencer.due().has_value();
  }
  std::string shown(const std::string& channel) { return shown(sequencer, channel); }
  static std::string shown(const Sequencer& of, const std::string& channel) {
    const std::shared_ptr<const Stream> stream = of.streams().find(channel);
    if (stream == nullptr) return "none";
    const LogSource source(*of.log());
    StreamReader reader(source);
    return show(reader, *stream);
  }
  /// The dead letters: "reason id group consumer deliveries value of f", joined by commas; a dash for what is empty.
  std::string letters(const std::string& dlq = "dlq") {
    const std::shared_ptr<const Stream> stream = sequencer.streams().find(dlq);
    std::string text;
    if (stream == nullptr) return text;
    const LogSource source(*sequencer.log());
    StreamReader reader(source);
    REQUIRE(reader.forward(*stream, {}, [&text](const StoredEntry& entry) {
      std::map<std::string, std::string> fields;
      for (const auto& [name, value] : field_list(entry.fields)) fields[name] = value;
      text += text.empty() ? "" : ", ";
      text += fields["dlq.reason"];
      for (const char* name : {"dlq.id", "dlq.group", "dlq.consumer", "dlq.deliveries", "f"}) {
        text += ' ' + (fields[name].empty() ? "-" : fields[name]);
      }
      return true;
    }));
    return text;
  }
};

/// An XADD with reserved fields behind its own one, as the server reads them by the rule.
inline DurableCommand add_timed(std::string channel, std::string_view value, EntryTiming timing) {
  const auto count = static_cast<std::size_t>(timing.ttl_ms.has_value()) + timing.deliver_at_ms.has_value() +
                     timing.deliver_in_ms.has_value();
  FieldsWriter fields(1 + count);
  fields.add("f", value);
  if (timing.ttl_ms) fields.add(kTtlField, std::to_string(*timing.ttl_ms));
  if (timing.deliver_at_ms) fields.add(kDeliverAtField, std::to_string(*timing.deliver_at_ms));
  if (timing.deliver_in_ms) fields.add(kDeliverInField, std::to_string(*timing.deliver_in_ms));
  AppendEntry append;
  append.fields = fields.take();
  append.timing = timing;
  append.live = AppendEntry::Live::deliver;
  return {std::move(channel), std::move(append)};
}

}  // namespace respublica::test
