#pragma once
// Which segments of the log are worth being removed or rewritten.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "broker/stream_windows.h"
#include "storage/message_log.h"

namespace respublica {

/// A segment, and how much of it a compact one would keep: an estimate.
struct SegmentLoad {
  MessageLog::SegmentInfo segment;
  std::uint64_t kept = 0;
};

/// Adds up what the windows of all streams say of the segments.
///
/// Thread: its owner's.
class SegmentUse {
 public:
  /// All segments of a log, sorted.
  explicit SegmentUse(const std::vector<MessageLog::SegmentInfo>& segments);

  /// Windows of a stream as of any time since the log had these segments.
  void add(const StreamWindows& windows);

  const std::vector<SegmentLoad>& loads() const { return loads_; }
  /// No stream has an entry before this place.
  LogPosition needed_from() const { return needed_from_; }

 private:
  std::size_t index_of(LogPosition position) const;
  void add(const StreamWindow& window);

  std::vector<SegmentLoad> loads_;
  LogPosition needed_from_;
};

/// Segments one behind the other that are to become one.
struct CompactionRange {
  LogPosition base;
  LogPosition end;

  bool operator==(const CompactionRange&) const = default;
};

/// What was rewritten, or could not be, and what the estimate was then: it is not tried again for nothing.
class CompactionHistory {
 public:
  /// What a compact segment would keep is `kept`.
  void add(CompactionRange range, std::uint64_t kept);
  /// The estimate when the segment came to be; none when it was not rewritten since the start.
  std::optional<std::uint64_t> kept_then(const MessageLog::SegmentInfo& segment) const;
  /// Forgets segments that are not there any more.
  void keep_only(std::span<const SegmentLoad> loads);

 private:
  struct Entry {
    CompactionRange range;
    std::uint64_t kept;
  };
  std::vector<Entry> entries_;
};

/// The first segments that it is worth to rewrite as one: those of which less than half is kept, small ones beside
/// them, or many small ones. All end at or before `limit`. What is kept of them is not more than `segment_bytes`.
std::optional<CompactionRange> choose_compaction(std::span<const SegmentLoad> loads, const CompactionHistory& history,
                                                 LogPosition limit, std::uint64_t segment_bytes);

/// Whether it gains anything to rewrite these segments as one that keeps `kept_bytes`: a quarter of their space, or
/// many files that become one.
bool is_worth_rewriting(std::span<const SegmentLoad> loads, std::uint64_t kept_bytes);

}  // namespace respublica
