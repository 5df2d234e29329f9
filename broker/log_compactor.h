#pragma once
// Copies what still counts of old segments to a compact one.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/retention_plan.h"
#include "broker/stream_table.h"
#include "storage/compact_segment.h"
#include "storage/frame_pieces.h"
#include "storage/segment.h"

namespace respublica {

/// Keeps the records of entries that live, those that other entries lead back over, and the names of channels that
/// exist; and of each frame with such a record its header, which says when they were written. Deletions, trims and the
/// like are in the checkpoints behind them.
///
///     begin() -> step() ... step() -> finish()
///
/// Thread: one at a time.
class LogCompactor {
 public:
  /// `view` is one of the log's, `streams` may change meanwhile: what dies later is kept for now. Both `files` and what
  /// finish() returns as CompactSegmentWriter has them. Errors as its.
  static Result<std::unique_ptr<LogCompactor>> begin(FileSystem& files, std::shared_ptr<const Segments> view,
                                                     CompactionRange range, const StreamTable& streams);

  /// Copies some. False when all of the range is done. An error when the segments cannot be read or are damaged.
  Result<bool> step();
  /// What has been read of the segments, and kept, in bytes.
  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t kept_bytes() const { return kept_bytes_; }
  Result<CompactSegment> finish() { return writer_->finish(); }

 private:
  /// A stream with entries in the range, and how far the records have been gone through.
  struct Kept {
    std::shared_ptr<const Stream> stream;
    std::size_t window = 0;
    /// The oldest live entry of the window may have been passed.
    bool may_have_live = false;
  };

  LogCompactor(std::shared_ptr<const Segments> view, CompactionRange range, const StreamTable& streams,
               std::unique_ptr<CompactSegmentWriter> writer);

  Kept* find(ChannelNumber channel);
  bool keeps(const Record& record, LogPosition position);
  bool keeps(Kept& kept, const AppendRecord& record, LogPosition position) const;
  /// Copies what counts of the records of a piece.
  Result<void> take_piece();
  Result<void> add_frame_header();
  Result<void> add(LogPosition position, std::string_view bytes);

  std::shared_ptr<const Segments> view_;
  CompactionRange range_;
  std::unique_ptr<CompactSegmentWriter> writer_;
  /// By number.
  std::vector<Kept> kept_;
  /// Those that are not done yet; pieces_ are of the first.
  std::span<const std::shared_ptr<const Segment>> segments_;
  FramePieces pieces_;
  /// Where the next piece is looked for.
  LogPosition next_;
  /// The frame whose header was kept last.
  std::optional<LogPosition> frame_;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace respublica
