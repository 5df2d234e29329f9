#pragma once
// The append-only log of a broker: frames in segment files, written by one thread, read by all.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "storage/compact_segment.h"
#include "storage/file_system.h"
#include "storage/frame_builder.h"
#include "storage/log_position.h"
#include "storage/recovery.h"
#include "storage/segment.h"

namespace respublica {

struct LogOptions {
  static constexpr std::uint64_t kMinSegmentBytes = 64 * 1024;
  static constexpr std::uint64_t kMaxSegmentBytes = 1ULL << 30;
  /// A segment file is set aside at this size, and is larger only when one frame is. Range: kMinSegmentBytes to
  /// kMaxSegmentBytes.
  std::uint64_t segment_bytes = 64ULL << 20;
  /// What is written at once, all or nothing, is not larger. Range: up to 3 GiB.
  std::uint64_t max_frame_bytes = 1ULL << 30;
};

/// The log. Commits come one after the other: reserve(), append(), sync().
///
///     position:  0          p1                p2                        end()
///     files:     [header|frame|frame|frame]   [header|frame|frame|frame|  set aside ...]
///
/// Old segments go: dead ones at the front are removed, others are replaced by a compact one with what still counts. A
/// reader that has taken a view before finds all that was there when it took it.
///
/// After a failed append or sync nothing more is taken (what is on the disk is not known): the process is to stop.
///
/// Thread: view(), read() any; all else its owner's.
class MessageLog {
 public:
  /// Takes the lock of the directory, finds the segments, visits all records at or behind `from`, and cuts off what a
  /// crash left of a commit that nobody was told of. Damage anywhere else is an error that names file and offset, and
  /// nothing is changed; see recover_log(). An empty directory is an empty log, and stays empty until reserve().
  /// `files` must outlive the log.
  static Result<std::unique_ptr<MessageLog>> open(FileSystem& files, const LogOptions& options, LogPosition from,
                                                  const RecordVisitor& visit, LogRecovery& recovery);

  /// Sets disk space aside for a frame of up to `bytes` (FrameBuilder::size()); kind no_space when there is none, and
  /// then nothing has changed: try again later.
  Result<void> reserve(std::uint64_t bytes);
  /// True if the file that is written to has space for that many bytes: reserve() does not wait for the disk.
  bool has_room(std::uint64_t bytes) const;
  /// Where the next frame will stand; records stand at this place plus what FrameBuilder::add() returned.
  LogPosition end() const { return end_; }
  /// Writes one frame to the place that reserve() set aside, or takes more where that was too little, and leaves its
  /// header and padding in `frame`. `time_ms` is not less than in the frame before.
  Result<void> append(FrameBuilder& frame, std::uint64_t time_ms);
  /// fdatasync: everything appended is on the disk afterwards.
  Result<void> sync();
  /// The same in parts, so that others may append while the disk is at it: begin_sync(), on any thread its sync(), and
  /// then end_sync(), with what that said. Nothing but append() in between, and reserve() where has_room() says so.
  struct Sync {
    std::shared_ptr<Segment> segment;
    LogPosition end;

    Result<void> sync() const;
  };
  Sync begin_sync() const { return {last_, end_}; }
  Result<void> end_sync(const Sync& begun, Result<void> synced);
  /// Everything before this place is known to be on the disk.
  LogPosition durable() const { return durable_; }
  /// Appends a frame without records, and syncs it. A frame says how much was durable before it, so that damage there
  /// is known to be corruption; this one says it of the last commit, which has none behind it yet. For when the log is
  /// idle. Errors as those of reserve(), append() and sync().
  Result<void> mark_durable(std::uint64_t time_ms);

  /// The segments there are now. Their files stay while somebody has a view of them, so keep it for a short time only.
  /// Take it before looking up what is to be read. Never null.
  std::shared_ptr<const Segments> view() const EXCLUDES(mutex_);
  /// Reads what stands at `position`, which is in an appended frame, up to the end of its segment; returns how many
  /// bytes. They are zeros where a compact segment keeps nothing. The position is looked up in `view`, and when it is
  /// not there (appended since) in the segments there are now. Kind not_found when its segment has been removed.
  Result<std::size_t> read(const Segments& view, LogPosition position, std::span<char> into) const EXCLUDES(mutex_);
  /// The same on a view of now.
  Result<std::size_t> read(LogPosition position, std::span<char> into) const EXCLUDES(mutex_);

  /// What a segment is, to whoever plans which ones are to go.
  struct SegmentInfo {
    enum class Kind : std::uint8_t { plain, compact };
    LogPosition base;
    LogPosition end;
    /// The last segment's without the space that is set aside.
    std::uint64_t file_bytes = 0;
    /// When the first of the segments was made that it is or covers, milliseconds since 1970.
    std::uint64_t created_ms = 0;
    Kind kind = Kind::plain;
  };
  /// All of them, sorted. The last one is written to, and can be neither removed nor replaced.
  std::vector<SegmentInfo> segments() const;
  /// Where the first segment begins; end() in an empty log.
  LogPosition begin() const;

  /// Puts a compact segment in place of those that it covers, for good, and removes their files. Kind not_found when
  /// the log no longer has just these; kind no_space when the disk is too full to rename a file. Then nothing has
  /// changed, and the compact segment is gone. After any other error nothing more is taken.
  Result<void> replace(CompactSegment compact);
  /// Removes the segments at the front that end at or before `position`, one after the other. The last one stays, and
  /// so does the last one that has frames. Kind no_space when the disk is too full to remove a file: some have been
  /// removed; try again later. After any other error nothing more is taken.
  Result<void> remove_before(LogPosition position);

 private:
  MessageLog(FileSystem& files, const LogOptions& options, RecoveredLog recovered);

  /// Leaves the last segment, if there is one, for a new one with space for a frame.
  Result<void> begin_segment(std::uint64_t frame_bytes);
  /// Cuts off what the last segment does not need.
  Result<void> seal();
  /// Sees to space in the last segment for a frame.
  Result<void> set_aside(std::uint64_t frame_bytes);
  void show(std::shared_ptr<const Segments> segments) EXCLUDES(mutex_);
  /// Removes files for good, and takes from `names` what has gone.
  Result<void> remove_files(std::vector<std::string>& names);
  /// Nothing is taken from now on.
  Error fail(const Error& error);
  std::uint64_t end_offset() const { return last_->offset_of(end_); }

  FileSystem& files_;
  const LogOptions options_;
  /// Sorted by position. Replaced, never changed, so that readers hold no lock while they read.
  mutable Mutex mutex_;
  std::shared_ptr<const Segments> segments_ GUARDED_BY(mutex_);
  /// The last one of them, which is written to; nullptr in an empty log.
  std::shared_ptr<Segment> last_;
  /// Up to here its file has space.
  std::uint64_t allocated_ = 0;
  /// From end_offset() to here zeros have been written to it, but for what was set aside for a frame.
  std::uint64_t zeroed_ = 0;
  LogPosition end_;
  LogPosition durable_;
  std::uint32_t previous_crc_ = 0;
  /// Of segments that have been replaced: a disk may be too full to remove a file.
  std::vector<std::string> dead_files_;
  std::optional<Error> failure_;
};

}  // namespace respublica
