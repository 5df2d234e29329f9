#include "broker/frame_bound.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "broker/dead_letters.h"
#include "broker/entry_timers.h"
#include "broker/group_delivery.h"
#include "broker/group_release.h"
#include "broker/group_sweep.h"
#include "broker/letter_moves.h"
#include "broker/silent_consumers.h"
#include "broker/virtual_channel.h"

namespace respublica {
namespace {

/// More than any record takes beside its name, its fields and its IDs; twice, for the trimming that may follow it.
constexpr std::uint64_t kRecordBytes = 256;
constexpr std::uint64_t kIdBytes = 20;
/// An ID, and how often it was delivered.
constexpr std::uint64_t kDeliveryBytes = 30;
/// Groups of one channel that are waited for, when their number is not known.
constexpr std::uint64_t kServedAtOnce = 256;

std::uint64_t bytes_beside(const AppendEntry& command) {
  return command.fields.size() + (command.idempotent ? kRecordBytes : 0);
}
std::uint64_t bytes_beside(const DeleteEntries& command) { return command.ids.size() * kIdBytes; }
std::uint64_t bytes_beside(const MakeGroup& command) { return command.group.size(); }
std::uint64_t bytes_beside(const MakeConsumer& command) { return command.consumer.size(); }
std::uint64_t bytes_beside(const ReadGroup& command) {
  return command.places.size() * (3 * kRecordBytes + command.consumer.size());
}
std::uint64_t bytes_beside(const Acknowledge& command) { return command.ids.size() * kIdBytes; }
std::uint64_t bytes_beside(const ClaimEntries& command) {
  return kRecordBytes + command.consumer.size() + command.ids.size() * (kIdBytes + kDeliveryBytes);
}
std::uint64_t bytes_beside(const ClaimIdle& command) { return kRecordBytes + command.consumer.size(); }
std::uint64_t bytes_beside(const ReleaseEntries& command) { return command.ids.size() * kDeliveryBytes; }
template <typename Other>
std::uint64_t bytes_beside(const Other&) {
  return 0;
}

}  // namespace

std::uint64_t command_bytes(const DurableCommand& command) {
  const auto beside = [](const auto& change) { return bytes_beside(change); };
  return kRecordBytes + command.channel.size() + std::visit(beside, command.change);
}

std::uint64_t FrameBound::add(const DurableCommand& command) {
  const auto by_state = [this, &command](const auto& change) { return of(command, change); };
  return command_bytes(command) + parked_bytes(command.channel) + std::visit(by_state, command.change);
}

std::uint64_t FrameBound::parked_bytes(const std::string& channel) {
  const GroupRule* const rule = batch_.rule_of(channel);
  if (rule == nullptr || rule->order_by.empty() || !parked_.insert(channel).second) return 0;
  // Those that wait look again when something changes.
  const std::uint64_t reads = 1 + waiting_.size(channel).reads;
  return groups_of(channel) * kMostParked * kDeliveryBytes + reads * 3 * kRecordBytes;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const AppendEntry& append) {
  ++appended_;
  const std::uint64_t trim = append.trim ? trim_bytes(command.channel, append.references) : 0;
  std::uint64_t timed = 0;
  // The stream and the group of its timer may have to be made.
  if (append.timing != EntryTiming()) timed = 4 * (kRecordBytes + command.channel.size());
  if (const GroupRule* const rule = append.is_unheard ? batch_.rule_of(command.channel) : nullptr) {
    timed += letter_bytes(command.channel, *rule, append.fields.size());
  }
  return trim + timed + served_bytes(command.channel);
}

std::uint64_t FrameBound::served_bytes(const std::string& channel) {
  const WaitingReads::Size waiting = waiting_.size(channel);
  std::uint64_t bytes = waiting.reads * (3 * kRecordBytes + kDeliveryBytes) + waiting.name_bytes;
  const auto which = have_claims(channel) ? WaitingReads::Which::all : WaitingReads::Which::claiming;
  waiting_.visit(channel, which, [this, &bytes](WaitingReads::Number number) {
    const DurableCommand& command = waiting_.command(number);
    bytes += of(command, std::get<ReadGroup>(command.change));
  });
  return bytes;
}

bool FrameBound::have_claims(const std::string& channel) const {
  const GroupRule* const rule = batch_.rule_of(channel);
  return rule != nullptr && (rule->redeliver || !rule->order_by.empty());
}

std::uint64_t FrameBound::of(const DurableCommand& command, const LimitStream&) {
  const GroupRule* const rule = batch_.rule_of(command.channel);
  return rule != nullptr && rule->dlq_trimmed ? front_bytes(command.channel) : 0;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const ExpireEntries&) {
  return front_bytes(command.channel);
}

std::uint64_t FrameBound::front_bytes(const std::string& channel) {
  const std::shared_ptr<const Stream> stream = streams_.find(channel);
  const std::size_t groups = groups_of(channel);
  if (groups == 0) return 0;
  return departure_bytes(channel, groups, departure_of_front(batch_.reader(), *stream, groups, kMaxStreamId));
}

std::uint64_t FrameBound::due_bytes(const std::string& timers, const SweepGroup& sweep) {
  const std::string channel = timed_channel(timers);
  const std::shared_ptr<const Stream> waiting = streams_.find(timers);
  const std::shared_ptr<const Stream> stream = streams_.find(channel);
  const ConsumerGroup* const group = waiting == nullptr ? nullptr : groups_.find(waiting->number(), sweep.group);
  if (group == nullptr || stream == nullptr) return kLettersAtOnce * kIdBytes;
  const std::size_t groups = channel == timers ? 0 : groups_of(channel);
  return departure_bytes(channel, std::max<std::size_t>(groups, 1),
                         departure_of(batch_.reader(), *stream, groups, due_ids(*group, sweep.now_ms)));
}

std::uint64_t FrameBound::departure_bytes(const std::string& channel, std::size_t groups,
                                          const Result<Departure>& departure) {
  const GroupRule usual;
  const GroupRule* const rule = batch_.rule_of(channel);
  std::uint64_t bytes = kLettersAtOnce * kIdBytes;
  // What cannot be read is refused later on.
  if (!departure) return bytes;
  for (const GivenEntries::Entry& entry : departure.value().entries.entries) {
    bytes += kRecordBytes + groups * letter_bytes(channel, rule == nullptr ? usual : *rule, entry.bytes);
  }
  return bytes + groups * kRecordBytes;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const DeleteEntries& remove) {
  // How often the entries of dead letters have died.
  return batch_.is_dlq(command.channel) ? remove.ids.size() * kRecordBytes / 4 : 0;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const TrimStream& trim) {
  return trim_bytes(command.channel, trim.references);
}

std::uint64_t FrameBound::trim_bytes(const std::string& channel, References references) {
  if (references == References::keep) return 0;
  const std::shared_ptr<const Stream> stream = streams_.find(channel);
  StreamGroups* const groups = stream == nullptr ? nullptr : groups_.find(stream->number());
  if (groups == nullptr) return 0;
  std::uint64_t ids = stream->length() + appended_;
  for (const auto& [name, group] : groups->all()) ids += group.pending().size();
  return ids * kIdBytes + groups->all().size() * kRecordBytes;
}

std::uint64_t FrameBound::of(const DurableCommand&, const ReadGroup& read) {
  std::uint64_t entries = 0;
  std::uint64_t parked = 0;
  for (const ReadGroup::Place& place : read.places) {
    parked += parked_bytes(place.channel);
    const std::shared_ptr<const Stream> stream = streams_.find(place.channel);
    std::uint64_t most = appended_;
    const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), read.group);
    if (group != nullptr) {
      if (place.after || read.claim_idle_ms || have_claims(place.channel)) most += group->pending().size();
      if (!place.after) most += stream->windows().count_from(group->last_delivered());
    }
    if (read.look_from) most += kMostOfLook;
    entries += read.count == 0 ? most : std::min(most, read.count);
  }
  return parked + entries * (kIdBytes + kDeliveryBytes);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const ClaimIdle& claim) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), claim.group);
  const std::uint64_t pending = appended_ + (group == nullptr ? 0 : group->pending().size());
  return std::min(claim.count, pending) * (kIdBytes + kDeliveryBytes);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const ReleaseEntries& release) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const GroupRule* const rule = dying_by(batch_.rule_of(command.channel), release);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), release.group);
  if (group == nullptr) return 0;
  const std::uint64_t served = served_bytes(command.channel);
  return served + (rule == nullptr ? 0 : letter_bytes(*stream, *rule, may_die(*group, *rule, release)));
}

std::uint64_t FrameBound::of(const DurableCommand& command, const SweepGroup& sweep) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  if (is_timers(command.channel)) return due_bytes(command.channel, sweep);
  const GroupRule* const rule = batch_.rule_of(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), sweep.group);
  const std::uint64_t delays = kSweptAtOnce * kDeliveryBytes;
  if (group == nullptr || rule == nullptr) return delays;
  return delays + letter_bytes(*stream, *rule, dying(*group, *rule, sweep)) + served_bytes(command.channel);
}

std::uint64_t FrameBound::of(const DurableCommand&, const MoveLetters& move) {
  if (move.is_dry_run) return 0;
  // Those that wait are given what is pending again: each entry once in each of their groups.
  const std::uint64_t served = std::min<std::uint64_t>(waiting_.size(), kServedAtOnce);
  const std::uint64_t letter = kMoveBytes + (move.to ? 2 * move.to->size() : 0) + served * kDeliveryBytes;
  return move.bytes + move.ids.size() * letter + waiting_.size() * 3 * kRecordBytes;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const DropConsumer& drop) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), drop.group);
  const Consumer* const consumer = group == nullptr ? nullptr : group->find_consumer(drop.consumer);
  if (consumer == nullptr) return 0;
  return kRecordBytes + (consumer->pending.size() + appended_) * kDeliveryBytes + served_bytes(command.channel);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const DropSilent& drop) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  StreamGroups* const groups = stream == nullptr ? nullptr : groups_.find(stream->number());
  if (groups == nullptr) return 0;
  std::uint64_t bytes = 0;
  for (const SilentConsumer& one : silent_of(*groups, drop)) {
    bytes += 2 * kRecordBytes + one.consumer->pending.size() * kDeliveryBytes;
  }
  return bytes + served_bytes(command.channel);
}

std::uint64_t FrameBound::letter_bytes(const Stream& stream, const GroupRule& rule, const std::vector<StreamId>& ids) {
  std::uint64_t bytes = 0;
  for (const StreamId id : ids) {
    std::uint64_t entry_bytes = 0;
    // What cannot be read is refused later on.
    static_cast<void>(batch_.reader().forward(stream, {id, id}, [&entry_bytes](const StoredEntry& entry) {
      entry_bytes = entry.bytes;
      return false;
    }));
    bytes += letter_bytes(stream.name(), rule, entry_bytes);
  }
  return bytes;
}

std::uint64_t FrameBound::letter_bytes(const std::string& channel, const GroupRule& rule, std::uint64_t bytes) {
  return kLetterBytes + 3 * (channel.size() + rule.dlq.size()) + kMostDetail + bytes;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const AcknowledgeAndDelete& acknowledge) {
  return acknowledge.ids.size() * (groups_of(command.channel) + 3) * (kRecordBytes / 4);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const DeleteReferenced& remove) {
  return remove.ids.size() * (groups_of(command.channel) + 2) * (kRecordBytes / 4);
}

std::uint64_t FrameBound::groups_of(const std::string& channel) {
  const std::shared_ptr<const Stream> stream = streams_.find(channel);
  const StreamGroups* const groups = stream == nullptr ? nullptr : groups_.find(stream->number());
  return groups == nullptr ? 0 : groups->all().size();
}

}  // namespace respublica
