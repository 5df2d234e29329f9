#pragma once
// What Redis keeps of streams and their consumer groups, and what rules make of it, as simply as can be.

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/durable_command.h"
#include "broker/group_rule.h"

namespace respublica::test {

struct ModelPending {
  /// Empty: nobody has it.
  std::string consumer;
  std::uint64_t delivered_ms = 0;
  std::uint64_t deliveries = 0;
  /// Which one of those that were given back it is; 0 = somebody has it, or it waits.
  std::uint64_t given_back = 0;
  /// Nobody is given it before; 0 = it does not wait.
  std::uint64_t due_ms = 0;
  std::uint64_t first_delivered_ms = 0;
  /// How often it has died in the group and been sent back.
  std::uint64_t deaths = 0;
};

struct ModelConsumer {
  std::uint64_t seen_ms = 0;
  std::optional<std::uint64_t> active_ms;
};

struct ModelGroup {
  StreamId last;
  std::optional<std::uint64_t> read;
  std::map<StreamId, ModelPending> pending;
  std::map<std::string, ModelConsumer> consumers;
  std::uint64_t next_given_back = 1;
};

struct ModelStream {
  std::map<StreamId, std::string> entries;
  StreamId last_id;
  StreamId max_deleted;
  std::uint64_t added = 0;
  std::map<std::string, ModelGroup> groups;
};

/// What the group has counted holds for what it reads next.
bool counts(const ModelStream& stream, const ModelGroup& group);
/// How many entries were added up to the ID, if that can be told.
std::optional<std::uint64_t> estimate(const ModelStream& stream, StreamId id);

/// The number of deliveries of an entry that nobody can process.
inline constexpr std::uint64_t kFatal = std::numeric_limits<std::int64_t>::max();
inline std::uint64_t ms_of(std::chrono::milliseconds duration) { return static_cast<std::uint64_t>(duration.count()); }
void count_delivery(ModelPending& pending);
void give(GivenEntries& given, StreamId id, const std::string& fields);
void give_id(GivenEntries& given, StreamId id);

/// By channel.
using ModelRules = std::map<std::string, GroupRule>;

/// Runs commands, one after the other, on maps. Answers are in words of show().
class GroupModel {
 public:
  explicit GroupModel(ModelRules rules = {}) : rules_(std::move(rules)) {}

  std::string run(const DurableCommand& command, std::uint64_t now_ms);
  /// Does what time does; false when that is nothing.
  bool sweep(std::uint64_t now_ms);
  /// Moves the dead letters that a task would.
  LetterFates move(const std::string& dlq, MoveLetters::Act act, const LetterFilter& filter, std::uint64_t now_ms);
  /// What XINFO STREAM FULL says of the groups.
  GroupDetails details(const std::string& channel) const;

  std::map<std::string, ModelStream>& streams() { return streams_; }
  const std::map<std::string, ModelStream>& streams() const { return streams_; }

 private:
  /// Of an XREADGROUP.
  struct Room {
    std::uint64_t entries = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
    bool any = false;
    /// What was given is to be alone.
    bool full = false;

    bool take(std::uint64_t size);
  };

  DurableOutcome decide(const std::string& channel, const AppendEntry& command);
  DurableOutcome decide(const std::string& channel, const DeleteEntries& command);
  DurableOutcome decide(const std::string& channel, const TrimStream& command);
  DurableOutcome decide(const std::string& channel, const SetStreamId& command);
  DurableOutcome decide(const std::string& channel, const DropStream& command);
  DurableOutcome decide(const std::string& channel, const MakeGroup& command);
  DurableOutcome decide(const std::string& channel, const SetGroup& command);
  DurableOutcome decide(const std::string& channel, const DropGroup& command);
  DurableOutcome decide(const std::string& channel, const MakeConsumer& command);
  DurableOutcome decide(const std::string& channel, const DropConsumer& command);
  DurableOutcome decide(const std::string& channel, const ReadGroup& command);
  DurableOutcome decide(const std::string& channel, const Acknowledge& command);
  DurableOutcome decide(const std::string& channel, const AcknowledgeAndDelete& command);
  DurableOutcome decide(const std::string& channel, const DeleteReferenced& command);
  DurableOutcome decide(const std::string& channel, const ClaimEntries& command);
  DurableOutcome decide(const std::string& channel, const ClaimIdle& command);
  DurableOutcome decide(const std::string& channel, const ReleaseEntries& command);
  DurableOutcome decide(const std::string& channel, const CountPending& command);
  DurableOutcome decide(const std::string& channel, const ListPending& command);
  DurableOutcome decide(const std::string& channel, const ShowGroups& command);
  DurableOutcome decide(const std::string& channel, const ShowConsumers& command);
  DurableOutcome decide(const std::string& channel, const ShowGroupsInFull& command);
  template <typename Other>
  DurableOutcome decide(const std::string&, const Other&) {
    return {};
  }

  ModelStream* stream(const std::string& channel);
  ModelGroup* group(const std::string& channel, const std::string& name);
  ModelConsumer& consumer(ModelGroup& group, const std::string& name) const;
  StreamId next_id(const std::string& channel) const;
  void add(const std::string& channel, StreamId id, std::string fields);
  bool erase(ModelStream& stream, StreamId id);
  EntryFates::Fate erase(ModelStream& stream, StreamId id, References references);
  GivenEntries read_pending(const ModelStream& stream, ModelGroup& group, const ReadGroup& command, StreamId after,
                            Room& room) const;
  GivenEntries claim(const std::string& channel, ModelGroup& group, const ReadGroup& command, std::uint64_t idle_ms,
                     Room& room) const;
  void read_new(const std::string& channel, ModelGroup& group, const ReadGroup& command, Room& room,
                GivenEntries& given) const;
  void own(ModelPending& pending, const std::string& consumer, std::uint64_t delivered_ms) const;
  /// Nobody has it; at once, or in a while.
  void give_back(ModelGroup& group, ModelPending& pending, std::uint64_t delay_ms) const;
  bool idle(const ModelPending& pending, std::uint64_t min_idle_ms) const;

  const GroupRule* rule(const std::string& channel) const;
  /// It is not delivered any more, after so many deliveries; it is so once more, alone.
  bool exhausted(const std::string& channel, std::uint64_t deliveries) const;
  bool last_chance(const std::string& channel, std::uint64_t deliveries) const;
  /// Why an entry dies that is given back; empty: it does not.
  std::string death(const std::string& channel, const ReleaseEntries& command, std::uint64_t deliveries) const;
  std::uint64_t delay(const std::string& channel, const ReleaseEntries& command, std::uint64_t deliveries) const;
  /// It is pending no more, and a letter says why.
  void die(const std::string& channel, const std::string& group_name, StreamId id, const std::string& reason,
           const std::string& detail);
  bool sweep(const std::string& channel, const std::string& group_name);
  enum class Moved : std::uint8_t { skipped, moved, added };
  Moved redrive(const std::map<std::string, std::string>& letter, const std::string& fields, bool is_added);

  ModelRules rules_;
  std::map<std::string, ModelStream> streams_;
  std::uint64_t now_ms_ = 0;
};

}  // namespace respublica::test
