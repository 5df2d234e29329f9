#pragma once
// How much of the log a command may need, before it is decided.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "broker/durable_command.h"
#include "broker/entry_departure.h"
#include "broker/group_rule.h"
#include "broker/group_table.h"
#include "broker/stream_batch.h"
#include "broker/stream_table.h"
#include "broker/waiting_reads.h"

namespace respublica {

/// At least what the command by itself adds to a frame: what it says, without a look at any stream.
std::uint64_t command_bytes(const DurableCommand& command);

/// At least what commands add to a frame, by the streams and groups as they are. Each command must be added in its
/// turn: what earlier ones append the later ones may deliver.
///
/// Thread: the sequencer.
class FrameBound {
 public:
  FrameBound(const StreamTable& streams, StreamBatch& batch, const WaitingReads& waiting)
      : streams_(streams), batch_(batch), groups_(batch.groups()), waiting_(waiting) {}

  /// What it adds.
  std::uint64_t add(const DurableCommand& command);

 private:
  std::uint64_t of(const DurableCommand& command, const AppendEntry& append);
  std::uint64_t of(const DurableCommand& command, const DeleteEntries& remove);
  std::uint64_t of(const DurableCommand& command, const TrimStream& trim);
  std::uint64_t of(const DurableCommand& command, const LimitStream& limit);
  std::uint64_t of(const DurableCommand& command, const ExpireEntries& expire);
  std::uint64_t of(const DurableCommand& command, const ReadGroup& read);
  std::uint64_t of(const DurableCommand& command, const ClaimIdle& claim);
  std::uint64_t of(const DurableCommand& command, const ReleaseEntries& release);
  std::uint64_t of(const DurableCommand& command, const SweepGroup& sweep);
  std::uint64_t of(const DurableCommand& command, const MoveLetters& move);
  std::uint64_t of(const DurableCommand& command, const DropConsumer& drop);
  std::uint64_t of(const DurableCommand& command, const DropSilent& drop);
  std::uint64_t of(const DurableCommand& command, const AcknowledgeAndDelete& acknowledge);
  std::uint64_t of(const DurableCommand& command, const DeleteReferenced& remove);
  template <typename Other>
  std::uint64_t of(const DurableCommand&, const Other&) {
    return 0;
  }
  /// Of a trimming that looks at what groups have.
  std::uint64_t trim_bytes(const std::string& channel, References references);
  /// Of dead letters of these entries.
  std::uint64_t letter_bytes(const Stream& stream, const GroupRule& rule, const std::vector<StreamId>& ids);
  /// Of a dead letter of an entry of so many bytes.
  static std::uint64_t letter_bytes(const std::string& channel, const GroupRule& rule, std::uint64_t bytes);
  /// Of what reads that wait for the channel may be given, once they are woken.
  std::uint64_t served_bytes(const std::string& channel);
  /// By the rule of the channel, all reads take what others have pending, too.
  bool have_claims(const std::string& channel) const;
  /// Of what a trim takes off that groups may want.
  std::uint64_t front_bytes(const std::string& channel);
  /// Of timers that are over.
  std::uint64_t due_bytes(const std::string& timers, const SweepGroup& sweep);
  std::uint64_t departure_bytes(const std::string& channel, std::size_t groups, const Result<Departure>& departure);
  std::uint64_t groups_of(const std::string& channel);
  /// Of entries that reads pass over for their keys; once for each channel.
  std::uint64_t parked_bytes(const std::string& channel);

  const StreamTable& streams_;
  StreamBatch& batch_;
  GroupTable& groups_;
  const WaitingReads& waiting_;
  std::uint64_t appended_ = 0;
  std::set<std::string> parked_;
};

}  // namespace respublica
