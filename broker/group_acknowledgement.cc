#include "broker/group_acknowledgement.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "broker/stream_batch.h"

namespace respublica {
namespace {

using Fate = EntryFates::Fate;

/// Those of `ids` that the group has pending, each once, ascending.
std::vector<StreamId> pending_of(const ConsumerGroup& group, const std::vector<StreamId>& ids) {
  std::vector<StreamId> pending;
  std::ranges::copy_if(ids, std::back_inserter(pending),
                       [&group](StreamId id) { return group.pending().find(id) != nullptr; });
  std::ranges::sort(pending);
  pending.erase(std::unique(pending.begin(), pending.end()), pending.end());
  return pending;
}

/// Deletes the entry as `references` says. An error when the log cannot be read.
Result<Fate> delete_entry(GroupEdit& edit, const Stream& stream, StreamId id, References references) {
  if (references == References::acknowledged && is_referenced(edit, stream, id)) return Fate::kept;
  if (references == References::drop) drop_references(edit, stream, {id});
  const Result<std::uint64_t> erased = edit.batch().erase(stream, {id});
  if (!erased) return erased.error();
  return erased.value() == 0 ? Fate::not_there : Fate::deleted;
}

}  // namespace

void drop_references(GroupEdit& edit, const Stream& stream, const std::vector<StreamId>& ids) {
  StreamGroups* const groups = edit.table().find(stream.number());
  if (groups == nullptr) return;
  for (auto& [name, group] : groups->all()) edit.release({&stream, &group}, pending_of(group, ids));
}

bool is_referenced(GroupEdit& edit, const Stream& stream, StreamId id) {
  const StreamGroups* const groups = edit.table().find(stream.number());
  return groups != nullptr && std::ranges::any_of(groups->all(), [id](const auto& one) {
           const ConsumerGroup& group = one.second;
           return group.last_delivered() < id || group.pending().find(id) != nullptr;
         });
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const Acknowledge& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  if (place.group == nullptr) return {};
  const std::vector<StreamId> ids = pending_of(*place.group, command.ids);
  edit.release(place, ids);
  return counted(ids.size());
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const AcknowledgeAndDelete& command) {
  const GroupEdit::Place place = edit.find(channel, command.group);
  EntryFates fates;
  for (const StreamId id : command.ids) {
    if (place.group == nullptr || place.group->pending().find(id) == nullptr) {
      fates.fates.push_back(Fate::not_there);
      continue;
    }
    edit.release(place, {id});
    // The batch may have changed the stream.
    const Result<Fate> fate = delete_entry(edit, *edit.batch().find(channel), id, command.references);
    if (!fate) return refused(Refusal::log_unreadable, fate.error().message);
    // Acknowledged it was in any case.
    fates.fates.push_back(fate.value() == Fate::not_there ? Fate::deleted : fate.value());
  }
  return answer_of(std::move(fates));
}

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DeleteReferenced& command) {
  EntryFates fates;
  for (const StreamId id : command.ids) {
    const Stream* const stream = edit.batch().find(channel);
    Result<bool> exists = false;
    if (stream != nullptr) exists = edit.read(*stream, id, nullptr);
    if (!exists) return refused(Refusal::log_unreadable, exists.error().message);
    if (!exists.value()) {
      fates.fates.push_back(Fate::not_there);
      continue;
    }
    const Result<Fate> fate = delete_entry(edit, *stream, id, command.references);
    if (!fate) return refused(Refusal::log_unreadable, fate.error().message);
    fates.fates.push_back(fate.value());
  }
  return answer_of(std::move(fates));
}

}  // namespace respublica
