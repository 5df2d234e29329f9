#include "broker/frame_bound.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "broker/dead_letters.h"
#include "broker/group_release.h"
#include "broker/group_sweep.h"
#include "broker/letter_moves.h"

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
  return command_bytes(command) + std::visit(by_state, command.change);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const AppendEntry& append) {
  ++appended_;
  const std::uint64_t trim = append.trim ? trim_bytes(command.channel, append.references) : 0;
  return trim + waiting_.count(command.channel) * (3 * kRecordBytes + kDeliveryBytes);
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
  for (const ReadGroup::Place& place : read.places) {
    const std::shared_ptr<const Stream> stream = streams_.find(place.channel);
    std::uint64_t most = appended_;
    const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), read.group);
    if (group != nullptr) {
      if (place.after || read.claim_idle_ms) most += group->pending().size();
      if (!place.after) most += stream->windows().count_from(group->last_delivered());
    }
    entries += read.count == 0 ? most : std::min(most, read.count);
  }
  return entries * (kIdBytes + kDeliveryBytes);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const ClaimIdle& claim) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), claim.group);
  const std::uint64_t pending = appended_ + (group == nullptr ? 0 : group->pending().size());
  return std::min(claim.count, pending) * (kIdBytes + kDeliveryBytes);
}

std::uint64_t FrameBound::of(const DurableCommand& command, const ReleaseEntries& release) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const GroupRule* const rule = batch_.rule_of(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), release.group);
  if (group == nullptr || rule == nullptr) return 0;
  return letter_bytes(*stream, *rule, may_die(*group, *rule, release));
}

std::uint64_t FrameBound::of(const DurableCommand& command, const SweepGroup& sweep) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const GroupRule* const rule = batch_.rule_of(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), sweep.group);
  const std::uint64_t delays = kSweptAtOnce * kDeliveryBytes;
  if (group == nullptr || rule == nullptr) return delays;
  return delays + letter_bytes(*stream, *rule, dying(*group, *rule, sweep));
}

std::uint64_t FrameBound::of(const DurableCommand&, const MoveLetters& move) {
  if (move.is_dry_run) return 0;
  // Those that wait are given what is pending again: each entry once in each of their groups.
  const std::uint64_t served = std::min<std::uint64_t>(waiting_.size(), kServedAtOnce);
  const std::uint64_t letter = kMoveBytes + (move.to ? move.to->size() : 0) + served * kDeliveryBytes;
  return move.bytes + move.ids.size() * letter + waiting_.size() * 3 * kRecordBytes;
}

std::uint64_t FrameBound::of(const DurableCommand& command, const DropConsumer& drop) {
  const std::shared_ptr<const Stream> stream = streams_.find(command.channel);
  const ConsumerGroup* const group = stream == nullptr ? nullptr : groups_.find(stream->number(), drop.group);
  const Consumer* const consumer = group == nullptr ? nullptr : group->find_consumer(drop.consumer);
  return consumer == nullptr ? 0 : kRecordBytes + (consumer->pending.size() + appended_) * kDeliveryBytes;
}

std::uint64_t FrameBound::letter_bytes(const Stream& stream, const GroupRule& rule, const std::vector<StreamId>& ids) {
  std::uint64_t bytes = 0;
  for (const StreamId id : ids) {
    bytes += kLetterBytes + 3 * (stream.name().size() + rule.dlq.size()) + kMostDetail;
    // What cannot be read is refused later on.
    static_cast<void>(batch_.reader().forward(stream, {id, id}, [&bytes](const StoredEntry& entry) {
      bytes += entry.bytes;
      return false;
    }));
  }
  return bytes;
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
