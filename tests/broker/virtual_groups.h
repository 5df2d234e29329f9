#pragma once
// A sequencer that a test moves by hand, and readings of virtual channels.

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/durable_commands.h"
#include "tests/broker/group_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/support/catch.h"

namespace respublica::test {

using AtEnd = ReadWait::AtEnd;

inline DurableCommand make(std::string channel, std::optional<StreamId> after = StreamId{}) {
  return {std::move(channel), MakeGroup{"g", after, std::nullopt, MissingStream::refuse}};
}

inline ReadGroup reading(std::string channel, std::string consumer, std::optional<StreamId> after = std::nullopt) {
  ReadGroup read;
  read.group = "g";
  read.consumer = std::move(consumer);
  read.places = {{std::move(channel), after}};
  return read;
}

/// "order:1/1-0=v": channel, ID there and value of the entries; "gone" for those that are; "nothing" for none at all.
inline std::string shown(const GivenEntries& given) {
  std::string text;
  for (const GivenEntries::Entry& entry : given.entries) {
    if (!text.empty()) text += ' ';
    if (!entry.begin) {
      text += "gone";
      continue;
    }
    FieldsReader fields(given.fields_of(entry));
    REQUIRE(fields.count() == 3);
    const FieldsReader::Field channel = fields.next();
    const FieldsReader::Field id = fields.next();
    CHECK(channel.name == "$channel");
    CHECK(id.name == "$id");
    text += std::string(channel.value) + '/' + std::string(id.value) + '=' + std::string(fields.next().value);
  }
  return text.empty() ? "nothing" : text;
}

/// A reading, and what it was given.
struct Reading {
  bool is_done() const { return outcomes.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
  DurableOutcome end() {
    REQUIRE(is_done());
    return std::move(outcomes.get().front());
  }

  std::shared_ptr<ReadWait> wait;
  Outcomes outcomes;
};

/// A sequencer without a thread, on a disk that outlives it.
struct VirtualGroups {
  VirtualGroups() { start(); }

  void start() {
    sequencer.reset();
    UpkeepLimits upkeep;
    upkeep.checkpoint_bytes = checkpoint_bytes;
    sequencer = std::make_unique<Sequencer>(opener(disk), LogOptions{segment_bytes}, clock, listener, upkeep,
                                            RetentionLimits{std::chrono::milliseconds(1), 1ULL << 30});
    REQUIRE(sequencer->open());
    sequencer->start_by_hand(Sequencer::CommitsHere::yes);
  }

  std::vector<DurableOutcome> commit(std::vector<DurableCommand> commands) {
    Outcomes outcomes = submit(*sequencer, std::move(commands));
    turn();
    return outcomes.get();
  }
  DurableOutcome commit(DurableCommand command) {
    std::vector<DurableCommand> commands;
    commands.push_back(std::move(command));
    return std::move(commit(std::move(commands)).front());
  }
  void turn() { sequencer->turn(); }
  /// Turns as long as there is something to do at once.
  void settle() {
    while (sequencer->due() && *sequencer->due() <= clock.steady_now()) turn();
  }

  Reading submit_reading(ReadGroup read, AtEnd at_end) {
    const auto promise = std::make_shared<std::promise<std::vector<DurableOutcome>>>();
    Reading reading{std::make_shared<ReadWait>(std::nullopt, at_end), promise->get_future()};
    Sequencer::Work work;
    work.commands.push_back({{}, std::move(read)});
    work.done = [promise](std::vector<DurableOutcome> outcomes) { promise->set_value(std::move(outcomes)); };
    work.wait = reading.wait;
    sequencer->submit(std::move(work));
    return reading;
  }
  /// XREADGROUP without BLOCK, in words.
  std::string read(ReadGroup read) {
    Reading reading = submit_reading(std::move(read), AtEnd::ends);
    turn();
    settle();
    return show_reading(reading.end());
  }
  std::string read_new(std::string consumer, std::uint64_t count = 0) {
    ReadGroup read = reading("$ce:order", std::move(consumer));
    read.count = count;
    return this->read(std::move(read));
  }
  std::string read_pending(std::string consumer) {
    return read(reading("$ce:order", std::move(consumer), kMinStreamId));
  }

  std::string show_reading(const DurableOutcome& outcome) {
    if (outcome.refusal == Refusal::no_such_group) return "no group";
    REQUIRE(outcome.refusal == Refusal::none);
    const std::vector<GroupReading::Channel>& channels = std::get<GroupReading>(*outcome.groups).channels;
    if (channels.empty()) return "nothing";
    REQUIRE(channels.size() == 1);
    const GivenEntries& given = channels[0].given;
    ids.clear();
    for (const GivenEntries::Entry& entry : given.entries) ids.push_back(entry.id);
    return shown(given);
  }
  GroupDetail group(const std::string& channel = "$ce:order") {
    const DurableOutcome outcome = commit({channel, ShowGroups{}});
    return std::get<GroupDetails>(*outcome.groups).groups.at(0);
  }

  /// Fills and frees segments until the first one is gone, or written anew.
  void turn_over_segments() {
    const LogPosition first = sequencer->log()->begin();
    const auto is_over = [this, first] {
      const MessageLog::SegmentInfo front = sequencer->log()->segments().front();
      return front.base != first || front.kind == MessageLog::SegmentInfo::Kind::compact;
    };
    for (int i = 0; i < 1000 && !is_over(); ++i) {
      commit({add("noise", "*", std::string(8000, 'x'), maxlen(1))});
      clock.pass(std::chrono::milliseconds(10));
      turn();
      while (sequencer->side_turn()) turn();
    }
    REQUIRE(is_over());
  }

  std::uint64_t segment_bytes = LogOptions().segment_bytes;
  std::uint64_t checkpoint_bytes = UpkeepLimits().checkpoint_bytes;
  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  HandClock clock;
  QuietListener listener;
  std::unique_ptr<Sequencer> sequencer;
  /// Of the entries that were given last.
  std::vector<StreamId> ids;
};

}  // namespace respublica::test
