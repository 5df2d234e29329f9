#include "broker/referenced_trim.h"

#include <algorithm>
#include <limits>

#include "broker/group_acknowledgement.h"
#include "broker/stream_batch.h"

namespace respublica {
namespace {

std::uint64_t beyond(const Stream& stream, const TrimRule& rule) {
  if (rule.strategy == TrimRule::Strategy::minid) return stream.length();
  return stream.length() - std::min(stream.length(), rule.max_entries);
}

}  // namespace

Result<std::vector<StreamId>> acknowledged_beyond(GroupEdit& edit, const Stream& stream, const TrimRule& rule) {
  std::vector<StreamId> ids;
  std::uint64_t most = beyond(stream, rule);
  if (rule.precision == TrimRule::Precision::approximate && rule.limit != 0) most = std::min(most, rule.limit);
  if (most == 0) return ids;
  const Result<void> read = edit.batch().reader().forward(stream, {}, [&](const StoredEntry& entry) {
    if (rule.strategy == TrimRule::Strategy::minid && entry.id >= rule.min_id) return false;
    if (!is_referenced(edit, stream, entry.id)) ids.push_back(entry.id);
    return ids.size() < most;
  });
  if (!read) return read.error();
  return ids;
}

Result<void> drop_references_below(GroupEdit& edit, const Stream& stream, StreamId first_kept) {
  StreamGroups* const groups = edit.table().find(stream.number());
  if (groups == nullptr) return {};
  for (auto& [name, group] : groups->all()) {
    std::vector<StreamId> pending;
    group.pending().visit_from({}, [&pending, first_kept](const PendingEntry& entry) {
      if (entry.id >= first_kept) return false;
      pending.push_back(entry.id);
      return true;
    });
    std::vector<StreamId> gone;
    for (const StreamId id : pending) {
      const Result<bool> exists = edit.read(stream, id, nullptr);
      if (!exists) return exists.error();
      if (exists.value()) gone.push_back(id);
    }
    edit.release({&stream, &group}, gone);
  }
  return {};
}

}  // namespace respublica
