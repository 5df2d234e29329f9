#include "broker/retention_plan.h"

#include <algorithm>

namespace respublica {
namespace {

/// A segment that keeps no more than this part of a whole one is small...
constexpr std::uint64_t kSmallPart = 8;
/// ...and so many of them one behind the other become one.
constexpr std::size_t kManySmall = 8;

/// Without the header, and the space that is left in a plain one's last page.
std::uint64_t content_bytes(const MessageLog::SegmentInfo& segment) {
  return segment.file_bytes - std::min(segment.file_bytes, kSegmentHeaderBytes);
}

bool is_sparse(const SegmentLoad& load, const CompactionHistory& history) {
  const std::uint64_t before = history.kept_then(load.segment).value_or(content_bytes(load.segment));
  return load.kept * 2 < before;
}

}  // namespace

SegmentUse::SegmentUse(const std::vector<MessageLog::SegmentInfo>& segments) {
  loads_.reserve(segments.size());
  for (const MessageLog::SegmentInfo& segment : segments) loads_.push_back({segment, 0});
  if (!segments.empty()) needed_from_ = segments.back().end;
}

void SegmentUse::add(const StreamWindows& windows) {
  if (windows.empty() || loads_.empty()) return;
  needed_from_ = std::min(needed_from_, windows[0].begin);
  for (std::size_t i = 0; i < windows.size(); ++i) add(windows[i]);
}

std::size_t SegmentUse::index_of(LogPosition position) const {
  const auto next = std::ranges::upper_bound(loads_, position, {}, [](const auto& each) { return each.segment.base; });
  return next == loads_.begin() ? 0 : static_cast<std::size_t>(next - loads_.begin()) - 1;
}

void SegmentUse::add(const StreamWindow& window) {
  if (window.live == 0) return;
  // The records of deleted entries stay: others lead over them.
  const std::uint64_t records = window.live + (window.deleted ? window.deleted->size() : 0);
  const std::uint64_t each = window.bytes / window.live;
  const std::size_t last = index_of(window.last);
  const std::size_t first = window.begin >= loads_[last].segment.base ? last : index_of(window.begin);
  if (first == last || records == 1) {
    loads_[last].kept += each * records;
    return;
  }
  // Where those between the first one and the last one stand is not known.
  for (std::uint64_t i = 0; i < records; ++i) loads_[first + (last - first) * i / (records - 1)].kept += each;
}

void CompactionHistory::add(CompactionRange range, std::uint64_t kept) {
  std::erase_if(entries_, [range](const Entry& entry) { return entry.range == range; });
  entries_.push_back({range, kept});
}

std::optional<std::uint64_t> CompactionHistory::kept_then(const MessageLog::SegmentInfo& segment) const {
  const CompactionRange range{segment.base, segment.end};
  const auto found = std::ranges::find(entries_, range, &Entry::range);
  return found == entries_.end() ? std::nullopt : std::optional(found->kept);
}

void CompactionHistory::keep_only(std::span<const SegmentLoad> loads) {
  std::erase_if(entries_, [loads](const Entry& entry) {
    return std::ranges::none_of(loads, [&entry](const SegmentLoad& load) {
      return CompactionRange{load.segment.base, load.segment.end} == entry.range;
    });
  });
}

std::optional<CompactionRange> choose_compaction(std::span<const SegmentLoad> loads, const CompactionHistory& history,
                                                 LogPosition limit, std::uint64_t segment_bytes) {
  std::size_t begin = 0;
  std::uint64_t kept = 0;
  bool any_sparse = false;
  for (std::size_t i = 0; i <= loads.size(); ++i) {
    const bool in_reach = i < loads.size() && loads[i].segment.end <= limit;
    const bool sparse = in_reach && is_sparse(loads[i], history);
    const bool fits = sparse || (in_reach && content_bytes(loads[i].segment) <= segment_bytes / kSmallPart);
    if (!fits || kept + loads[i].kept > segment_bytes) {
      const bool worth = any_sparse || i - begin >= kManySmall;
      if (worth) return CompactionRange{loads[begin].segment.base, loads[i - 1].segment.end};
      if (!in_reach) break;
      begin = fits ? i : i + 1;
      kept = 0;
      any_sparse = false;
    }
    if (fits) {
      kept += loads[i].kept;
      any_sparse = any_sparse || sparse;
    }
  }
  return std::nullopt;
}

bool is_worth_rewriting(std::span<const SegmentLoad> loads, std::uint64_t kept_bytes) {
  if (loads.size() >= kManySmall) return true;
  std::uint64_t file_bytes = 0;
  for (const SegmentLoad& load : loads) file_bytes += load.segment.file_bytes;
  return kept_bytes <= file_bytes / 4 * 3;
}

}  // namespace respublica
