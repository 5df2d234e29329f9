#pragma once
// What is asked of the sequencer, and what it answers: values without any protocol in them.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "broker/entry_rule.h"
#include "broker/group_command.h"
#include "broker/idempotence.h"
#include "broker/stream_id.h"
#include "broker/stream_request.h"
#include "broker/virtual_channel.h"

namespace respublica {

class StreamTable;

/// PUBLISH on a durable channel, and XADD.
struct AppendEntry {
  enum class Live : std::uint8_t {
    /// Nobody but readers of the stream gets it.
    no,
    /// Subscribers of the channel get it too, once it is on the disk.
    deliver,
  };

  RequestedId id;
  MissingStream missing = MissingStream::make;
  Live live = Live::no;
  std::optional<TrimRule> trim;
  /// Of groups, to entries that `trim` takes off.
  References references = References::keep;
  /// Of the rule that makes the channel durable.
  StreamLimits limits;
  /// Where it is tracked, nothing is added: the ID of the entry that it led to is the answer.
  std::optional<IdempotentId> idempotent;
  /// Of a stream that has none of its own yet.
  IdempotenceLimits idempotence;
  /// Of its reserved fields.
  EntryTiming timing;
  /// Nobody had subscribed to the channel when the command came.
  bool is_unheard = false;
  /// As FieldsWriter makes them.
  std::string fields;
};

/// XDEL.
struct DeleteEntries {
  std::vector<StreamId> ids;
};

/// XTRIM.
struct TrimStream {
  TrimRule rule;
  References references = References::keep;
};

/// What is beyond the limits of the channel's rule goes.
struct LimitStream {
  StreamLimits limits;
};

/// Entries that are older by `now_ms`, milliseconds since 1970, than the channel's rule lets them become go.
struct ExpireEntries {
  std::uint64_t now_ms = 0;
};

/// XSETID.
struct SetStreamId {
  StreamId last_id;
  std::optional<std::uint64_t> entries_added;
  std::optional<StreamId> max_deleted_id;
};

/// DEL, UNLINK, FLUSHALL.
struct DropStream {
  enum class Cause : std::uint8_t {
    deleted,
    /// Nobody is told of the single stream.
    flushed,
  };
  Cause cause = Cause::deleted;
};

/// The options of EXPIRE: all that are set must hold.
struct ExpiryConditions {
  /// NX, XX: the stream would stay, or go at some time.
  bool if_stays = false;
  bool if_goes = false;
  /// GT, LT: it would go earlier, or later; a stream that stays goes later than any time.
  bool if_earlier = false;
  bool if_later = false;

  bool allow(std::optional<std::uint64_t> current_ms, std::uint64_t at_ms) const {
    if (if_stays && current_ms) return false;
    if (if_goes && !current_ms) return false;
    if (if_earlier && (!current_ms || *current_ms >= at_ms)) return false;
    return !if_later || !current_ms || *current_ms > at_ms;
  }
};

/// EXPIRE and its like: the stream goes at `at_ms`, now if that is over.
struct ExpireStream {
  std::uint64_t at_ms = 0;
  ExpiryConditions conditions;
  /// It was not over when the command came, and is not now.
  bool is_ahead = false;
};

/// PERSIST.
struct KeepStream {};

/// The stream goes if its time is over.
struct DropExpired {};

/// XCFGSET: what is not set stays as it is. Where that is another than before, what was tracked is not any more.
struct LimitIdempotence {
  /// As IdempotenceLimits has them.
  std::optional<std::uint32_t> duration_s;
  std::optional<std::uint32_t> most;
  /// Of a stream that has none of its own yet.
  IdempotenceLimits idempotence;
};

/// What XINFO STREAM says of idempotent producers.
struct ShowProducers {
  /// Of a stream that has none of its own yet.
  IdempotenceLimits idempotence;
};

/// Changes nothing: what a command that reads sees at this point of its transaction.
struct ShowStreams {
  /// Empty: all streams.
  std::vector<std::string> names;
};

struct DurableCommand {
  std::string channel;
  std::variant<AppendEntry, DeleteEntries, TrimStream, LimitStream, ExpireEntries, SetStreamId, DropStream,
               ExpireStream, KeepStream, DropExpired, LimitIdempotence, ShowStreams, ShowProducers, MakeGroup, SetGroup,
               DropGroup, MakeConsumer, DropConsumer, ReadGroup, Acknowledge, AcknowledgeAndDelete, DeleteReferenced,
               ClaimEntries, ClaimIdle, ReleaseEntries, SweepGroup, DropSilent, MoveLetters, CountPending, ListPending,
               ShowGroups, ShowConsumers, ShowGroupsInFull>
      change;
};

/// It changes nothing, whatever there is.
inline bool is_look(const DurableCommand& command) {
  if (const auto* const move = std::get_if<MoveLetters>(&command.change)) return move->is_dry_run;
  const auto is = [](const auto& change) {
    using Change = std::decay_t<decltype(change)>;
    return std::is_same_v<Change, ShowStreams> || std::is_same_v<Change, ShowProducers> ||
           std::is_same_v<Change, CountPending> || std::is_same_v<Change, ListPending> ||
           std::is_same_v<Change, ShowGroups> || std::is_same_v<Change, ShowConsumers> ||
           std::is_same_v<Change, ShowGroupsInFull>;
  };
  return std::visit(is, command.change);
}

/// Hands entries to a consumer: if that is lost with the power, they are handed out again.
inline bool is_delivery(const DurableCommand& command) {
  return std::holds_alternative<ReadGroup>(command.change) || std::holds_alternative<ClaimEntries>(command.change) ||
         std::holds_alternative<ClaimIdle>(command.change);
}

/// What it changes must be on the disk before it is answered, where the policy says so.
inline bool needs_promise(const DurableCommand& command) { return !is_look(command) && !is_delivery(command); }

/// To decide it takes little time, whatever there is in the stream.
inline bool is_quick(const DurableCommand& command) {
  constexpr std::uint64_t kEntries = 256;
  if (const auto* const append = std::get_if<AppendEntry>(&command.change)) return !append->trim;
  if (const auto* const read = std::get_if<ReadGroup>(&command.change)) {
    const auto is_virtual = [](const ReadGroup::Place& place) { return VirtualChannel::is_name(place.channel); };
    if (std::ranges::any_of(read->places, is_virtual)) return false;
    return read->count != 0 && read->count <= kEntries / read->places.size();
  }
  return std::holds_alternative<Acknowledge>(command.change);
}

/// It may make a stream: without a log, all others change nothing.
inline bool may_make_stream(const DurableCommand& command) {
  if (const auto* const append = std::get_if<AppendEntry>(&command.change)) {
    return append->missing == MissingStream::make;
  }
  const auto* const group = std::get_if<MakeGroup>(&command.change);
  return group != nullptr && (group->missing == MissingStream::make || VirtualChannel::is_name(command.channel));
}

/// Why the sequencer changed nothing.
enum class Refusal : std::uint8_t {
  none,
  /// The ID is not above the last one.
  id_too_small,
  /// There is no ID above the last one.
  ids_exhausted,
  /// The stream that the command needs does not exist.
  no_such_stream,
  /// The group does not exist, or its stream: DurableOutcome::groups has a MissingGroup.
  no_such_group,
  /// XGROUP CREATE of a group that exists.
  group_exists,
  /// XSETID below the greatest ID that was deleted.
  last_id_below_deleted,
  /// XSETID below an entry that is there.
  last_id_too_small,
  entries_added_too_small,
  /// The log has no room: DurableOutcome::detail says what the system said.
  disk_full,
  /// The log cannot be opened, or not made ready: DurableOutcome::detail says why.
  log_unavailable,
  /// The log cannot be read where the decision needs it.
  log_unreadable,
  /// The commands that were to be done together are more than one frame takes.
  too_large,
  /// A stream that was watched has changed.
  watched_changed,
};

/// What the answer to ShowProducers says.
struct ProducerDetails {
  IdempotenceLimits limits;
  std::uint64_t producers = 0;
  std::uint64_t ids = 0;
  /// Since the stream was made.
  std::uint64_t added = 0;
  std::uint64_t duplicates = 0;
};

/// What became of one command.
struct DurableOutcome {
  Refusal refusal = Refusal::none;
  /// AppendEntry: the ID of the new entry; none when the stream is missing and was not to be made. ExpireEntries: that
  /// of the oldest entry that is left. ReadGroup with a look: where the log ended, if the look has come so far.
  std::optional<StreamId> id;
  /// AppendEntry: nothing was added, the entry came before.
  bool duplicate = false;
  /// AppendEntry: subscribers that it was delivered to. All else: entries or streams that went or changed.
  std::uint64_t count = 0;
  /// ShowStreams: those of the streams that exist.
  std::shared_ptr<const StreamTable> shown;
  /// What commands of consumer groups answer beside `count`.
  std::shared_ptr<const GroupAnswer> groups;
  std::shared_ptr<const ProducerDetails> producers;
  std::string detail;
};

inline DurableOutcome refused(Refusal refusal, std::string detail = {}) {
  DurableOutcome outcome;
  outcome.refusal = refusal;
  outcome.detail = std::move(detail);
  return outcome;
}

inline DurableOutcome counted(std::uint64_t count) {
  DurableOutcome outcome;
  outcome.count = count;
  return outcome;
}

/// A ReadGroup that found nothing: it may wait for more.
inline bool is_nothing(const DurableOutcome& outcome) {
  if (outcome.refusal != Refusal::none || outcome.groups == nullptr) return false;
  const auto* const reading = std::get_if<GroupReading>(outcome.groups.get());
  return reading != nullptr && reading->channels.empty();
}

}  // namespace respublica
