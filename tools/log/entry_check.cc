#include "tools/log/entry_check.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "broker/group_codec.h"
#include "broker/producer_codec.h"

namespace respublica::logtool {
namespace {

/// One whose streams may be changed.
Checkpoint copy_of(const Checkpoint& checkpoint) {
  Checkpoint copy;
  copy.header = checkpoint.header;
  copy.file_bytes = checkpoint.file_bytes;
  for (const Checkpoint::Entry& entry : checkpoint.streams) {
    Checkpoint::Entry& copied = copy.streams.emplace_back();
    copied.stream = std::make_shared<Stream>(*entry.stream);
    if (entry.groups != nullptr) copied.groups = copy_of(*entry.groups);
    if (entry.producers != nullptr) copied.producers = copy_of(*entry.producers);
    copied.as_of = entry.as_of;
  }
  return copy;
}

}  // namespace

EntryCheck::EntryCheck(const Checkpoint& checkpoint, const KnownStreams& known)
    : known_(known), replay_(copy_of(checkpoint)) {
  for (const auto& [number, entry] : known.streams()) {
    const StreamWindows& windows = entry.stream->windows();
    if (!windows.empty()) newest_[number] = windows[windows.size() - 1].begin;
  }
}

std::optional<std::string> EntryCheck::take(const Record& record, const RecordPlace& place) {
  if (!is_complete_) return std::nullopt;
  if (record.kind == Record::Kind::append) {
    const AppendRecord& append = record.append;
    if (const StreamWindow* const window = known_.live_window(append, place)) {
      ++found_[window->begin.value];
    } else if (known_.standing(record, place) == KnownStreams::Standing::news) {
      LogPosition& newest = newest_[append.channel];
      if (append.back == 0) newest = place.position;
      ++found_[newest.value];
    }
  }
  if (place.position < known_.position()) return std::nullopt;
  const auto applied = replay_.apply(record, place.position);
  if (applied) return std::nullopt;
  is_complete_ = false;
  return applied.error().message;
}

void EntryCheck::lose_records(LogPosition end) {
  if (end > known_.position()) is_complete_ = false;
}

std::vector<EntryCheck::Missing> EntryCheck::missing() {
  std::vector<Missing> all;
  if (!is_complete_) return all;
  for (const std::shared_ptr<const Stream>& stream : replay_.take_streams()) {
    Missing missing{stream->number(), stream->length(), 0, {}, {}};
    const StreamWindows& windows = stream->windows();
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const StreamWindow& window = windows[i];
      const auto found = found_.find(window.begin.value);
      const std::uint64_t there = found == found_.end() ? 0 : found->second;
      if (there >= window.live) continue;
      if (missing.entries == 0) missing.begin = window.begin;
      missing.entries += window.live - there;
      missing.end = window.last;
    }
    if (missing.entries > 0) all.push_back(missing);
  }
  std::ranges::sort(all, {}, &Missing::channel);
  return all;
}

}  // namespace respublica::logtool
