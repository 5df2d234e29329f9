#pragma once
// One file of the log, and how it comes into being.

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/extent_table.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "storage/segment_format.h"

namespace respublica {

/// What a compact segment has instead of frames.
struct CompactPart {
  CompactHeader header;
  ExtentTable extents;
};

/// An open segment. A plain one has all its frames, and is open-ended while it is written to. A compact one covers what
/// some plain ones had, and keeps only a part of it, each byte at its old position.
///
/// Thread: read(), end() any; all else its owner's.
struct Segment {
  static constexpr LogPosition kOpenEnd{std::numeric_limits<std::uint64_t>::max()};

  SegmentHeader header;
  std::string name;
  std::unique_ptr<LogFile> file;
  /// None in a plain segment.
  std::optional<CompactPart> compact;

  /// The first position behind; kOpenEnd in the segment that is written to.
  LogPosition end() const { return {end_.load(std::memory_order_acquire)}; }
  /// Nothing is written from `end` on.
  void close(LogPosition end) { end_.store(end.value, std::memory_order_release); }

  /// Where in the file of a plain segment a position is that is in it.
  std::uint64_t offset_of(LogPosition position) const { return kSegmentHeaderBytes + (position - header.base); }
  /// Of the file of a segment that ends there.
  std::uint64_t file_bytes(LogPosition end) const { return compact ? compact->header.file_bytes() : offset_of(end); }

  /// Reads from `position`, which is in this segment, to its end at most; returns how many bytes. They are zeros where
  /// a compact segment keeps nothing.
  Result<std::size_t> read(LogPosition position, std::span<char> into) const;

 private:
  std::atomic<std::uint64_t> end_ = kOpenEnd.value;
};

/// All segments of a log at one time, sorted by position.
using Segments = std::vector<std::shared_ptr<const Segment>>;

/// The one that has the position; nullptr when there is none.
const Segment* find_segment(const Segments& segments, LogPosition position);

/// Those that cover exactly the positions from `base` to `end`; empty when there are none that do.
std::span<const std::shared_ptr<const Segment>> segments_between(const Segments& segments, LogPosition base,
                                                                 LogPosition end);

/// The name that a file has until it is complete: what has such a name when the log is opened is rubbish.
std::string unfinished_name(const std::string& segment_name);
/// Whether it is such a name, of a plain or a compact segment.
bool is_unfinished_segment_name(std::string_view name);

/// Makes an empty file under a name that an attempt before may have left a file with.
Result<std::unique_ptr<LogFile>> create_unfinished(FileSystem& files, const std::string& unfinished);
/// The header of a segment that is made now.
SegmentHeader new_segment_header(LogPosition base);

/// Makes the file of a plain segment under its unfinished name: header written, `bytes` set aside, synced. On error
/// there is no such file, as far as it could be removed.
Result<std::unique_ptr<Segment>> prepare_segment(FileSystem& files, LogPosition base, std::uint64_t bytes);

}  // namespace respublica
