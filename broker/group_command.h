#pragma once
// What is asked of consumer groups, and what they answer: values without any protocol in them.
// https://redis.io/docs/latest/commands/?group=stream

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/claim_order.h"
#include "broker/letter_command.h"
#include "broker/read_caps.h"
#include "broker/stream_id.h"
#include "broker/stream_request.h"

namespace respublica {

/// What is done where the stream that is to be changed is not there.
enum class MissingStream : std::uint8_t { make, refuse };

/// XGROUP CREATE.
struct MakeGroup {
  std::string group;
  /// It reads what comes behind this; none = behind the last ID there is (`$`).
  std::optional<StreamId> after;
  std::optional<std::uint64_t> entries_read;
  MissingStream missing = MissingStream::refuse;
};

/// XGROUP SETID.
struct SetGroup {
  std::string group;
  /// As in MakeGroup.
  std::optional<StreamId> after;
  std::optional<std::uint64_t> entries_read;
};

/// XGROUP DESTROY.
struct DropGroup {
  std::string group;
};

/// XGROUP CREATECONSUMER.
struct MakeConsumer {
  std::string group;
  std::string consumer;
};

/// XGROUP DELCONSUMER.
struct DropConsumer {
  std::string group;
  std::string consumer;
};

/// XREADGROUP. Its streams are those of `places`; DurableCommand::channel is empty.
struct ReadGroup {
  struct Place {
    std::string channel;
    /// What the consumer has pending behind this ID; none = what no consumer has been given yet (`>`).
    std::optional<StreamId> after;
  };
  enum class Pending : std::uint8_t {
    /// New entries are pending until they are acknowledged.
    yes,
    /// NOACK.
    no,
  };

  std::string group;
  std::string consumer;
  std::vector<Place> places;
  /// Of each stream; 0 = all there are.
  std::uint64_t count = 0;
  /// Of all streams together. At least one entry is given however large it is.
  ReadCaps caps;
  Pending pending = Pending::yes;
  /// CLAIM: entries that have been idle for so many milliseconds come before new ones.
  std::optional<std::uint64_t> claim_idle_ms;
  /// Of a virtual channel: a look for new entries, in a piece of the log from there on (VirtualLooks). None: no new
  /// ones are looked for.
  std::optional<StreamId> look_from;
};

/// XACK.
struct Acknowledge {
  std::string group;
  std::vector<StreamId> ids;
};

/// What becomes of the references that groups have to an entry that goes: KEEPREF, DELREF, ACKED.
enum class References : std::uint8_t {
  keep,
  /// The entry is pending no more in any group.
  drop,
  /// The entry goes only when every group has acknowledged it.
  acknowledged,
};

/// XACKDEL.
struct AcknowledgeAndDelete {
  std::string group;
  std::vector<StreamId> ids;
  References references = References::keep;
};

/// XDELEX.
struct DeleteReferenced {
  std::vector<StreamId> ids;
  References references = References::keep;
};

/// XCLAIM.
struct ClaimEntries {
  std::string group;
  std::string consumer;
  std::vector<StreamId> ids;
  std::uint64_t min_idle_ms = 0;
  /// IDLE: so many milliseconds before now; TIME: milliseconds since 1970, in the future as little as now. Neither =
  /// now.
  std::optional<std::uint64_t> idle_ms;
  std::optional<std::uint64_t> time_ms;
  /// RETRYCOUNT.
  std::optional<std::uint64_t> deliveries;
  /// LASTID.
  std::optional<StreamId> last_id;
  /// Entries that are pending with nobody become pending.
  bool force = false;
  /// JUSTID: without fields, and it counts as no delivery.
  bool just_ids = false;
};

/// XAUTOCLAIM.
struct ClaimIdle {
  std::string group;
  std::string consumer;
  std::uint64_t min_idle_ms = 0;
  StreamId from;
  std::uint64_t count = 100;
  bool just_ids = false;
};

/// XNACK, DLQ MOVE.
struct ReleaseEntries {
  enum class Mode : std::uint8_t {
    /// The delivery does not count.
    silent,
    fail,
    /// No consumer can process it.
    fatal,
    /// An operator takes it to the dead letters, whatever the rule says, and where there is no rule, too.
    dead,
  };

  std::string group;
  std::vector<StreamId> ids;
  Mode mode = Mode::fail;
  /// RETRYCOUNT: takes the place of what the mode makes of the count.
  std::optional<std::uint64_t> deliveries;
  /// Entries that are pending with nobody become pending, too.
  bool force = false;
  /// DELAY: nobody is given them before so many milliseconds have passed.
  std::optional<std::uint64_t> delay_ms;
  /// REASON: for the dead letter.
  std::string reason;
};

/// Looks at what is due by `now_ms`, milliseconds since 1970, from the entry at `from` on.
struct SweepGroup {
  std::string group;
  ClaimOrder from;
  std::uint64_t now_ms = 0;
};

/// Consumers that asked for something last by `seen_by_ms`, milliseconds since 1970, go, as XGROUP DELCONSUMER has it.
struct DropSilent {
  struct Waiting {
    std::string group;
    std::string consumer;
  };
  std::uint64_t seen_by_ms = 0;
  /// Those that wait for entries stay.
  std::vector<Waiting> waiting;
};

/// XPENDING key group.
struct CountPending {
  std::string group;
};

/// XPENDING key group [IDLE ms] start end count [consumer].
struct ListPending {
  std::string group;
  std::uint64_t min_idle_ms = 0;
  IdRange range;
  std::uint64_t count = 0;
  std::optional<std::string> consumer;
};

/// XINFO GROUPS.
struct ShowGroups {};

/// XINFO CONSUMERS.
struct ShowConsumers {
  std::string group;
};

/// The groups of XINFO STREAM ... FULL, of each at most `count` pending entries (0 = all).
struct ShowGroupsInFull {
  std::uint64_t count = 10;
};

/// Entries that a consumer is given.
struct GivenEntries {
  struct Entry {
    StreamId id;
    /// Where in `fields` its own begin, for FieldsReader; none when the entry is gone, or was not asked for (JUSTID).
    std::optional<std::size_t> begin;
    std::size_t bytes = 0;
    /// With ReadGroup::claim_idle_ms: milliseconds since the delivery before this one, and how many there were.
    std::uint64_t idle_ms = 0;
    std::uint64_t deliveries = 0;
  };

  std::vector<Entry> entries;
  std::string fields;

  std::string_view fields_of(const Entry& entry) const {
    return std::string_view(fields).substr(*entry.begin, entry.bytes);
  }
};

/// What XREADGROUP gives, stream by stream; streams without anything new are left out.
struct GroupReading {
  struct Channel {
    std::string name;
    GivenEntries given;
    /// The entries say how they were delivered before: ReadGroup::claim_idle_ms was set, and they are no history.
    bool claiming = false;
  };
  std::vector<Channel> channels;
};

/// What XCLAIM and XAUTOCLAIM give.
struct ClaimedEntries {
  GivenEntries given;
  bool just_ids = false;
  /// XAUTOCLAIM: where the next call begins, 0-0 = at the beginning; and what was pending but is gone from the stream.
  StreamId next;
  std::vector<StreamId> gone;
};

struct PendingSummary {
  std::uint64_t count = 0;
  StreamId first;
  StreamId last;
  /// Those who have any, by name.
  std::vector<std::pair<std::string, std::uint64_t>> consumers;
};

struct PendingDetail {
  StreamId id;
  /// Empty: nobody has it (XNACK).
  std::string consumer;
  /// None: nobody has it.
  std::optional<std::uint64_t> idle_ms;
  std::uint64_t deliveries = 0;
};

struct PendingDetails {
  std::vector<PendingDetail> entries;
};

struct ConsumerDetail {
  std::string name;
  std::uint64_t pending = 0;
  /// Milliseconds since 1970 at which it asked for something last.
  std::uint64_t seen_ms = 0;
  /// The same, when it was given something last; none = never.
  std::optional<std::uint64_t> active_ms;
  /// In full: the first of its pending entries, `delivered_ms` milliseconds since 1970.
  struct Pending {
    StreamId id;
    std::uint64_t delivered_ms = 0;
    std::uint64_t deliveries = 0;
  };
  std::vector<Pending> entries;
};

struct GroupDetail {
  std::string name;
  std::uint64_t consumers = 0;
  std::uint64_t pending = 0;
  StreamId last_delivered;
  std::optional<std::uint64_t> entries_read;
  /// Entries that are still to be delivered; none = not known.
  std::optional<std::uint64_t> lag;
  /// In full: the first pending entries, and all consumers.
  struct Pending {
    StreamId id;
    std::string consumer;
    std::uint64_t delivered_ms = 0;
    std::uint64_t deliveries = 0;
  };
  std::vector<Pending> entries;
  std::vector<ConsumerDetail> members;
};

struct GroupDetails {
  std::vector<GroupDetail> groups;
};

/// XINFO CONSUMERS; `now_ms` is what idle times count from.
struct ConsumerDetails {
  std::vector<ConsumerDetail> consumers;
  std::uint64_t now_ms = 0;
};

/// What became of each ID of XACKDEL and XDELEX, as Redis numbers it.
struct EntryFates {
  enum class Fate : std::int8_t { not_there = -1, deleted = 1, kept = 2 };
  std::vector<Fate> fates;
};

/// The group, or its stream, that a command names is not there.
struct MissingGroup {
  std::string channel;
  std::string group;
};

using GroupAnswer = std::variant<GroupReading, ClaimedEntries, PendingSummary, PendingDetails, GroupDetails,
                                 ConsumerDetails, EntryFates, LetterFates, MissingGroup>;

}  // namespace respublica
