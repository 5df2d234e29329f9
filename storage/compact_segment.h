#pragma once
// How the parts of old segments that still count come into a file of their own.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/extent_table.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "storage/segment.h"

namespace respublica {

/// A file that is removed with this object, if it has not been kept. The error of that is lost: what is left has an
/// unfinished name, and is removed when the log is opened.
class UnfinishedFile {
 public:
  UnfinishedFile(FileSystem& files, std::string name) : files_(&files), name_(std::move(name)) {}
  UnfinishedFile(UnfinishedFile&& other) noexcept : files_(other.files_), name_(std::move(other.name_)) {
    other.files_ = nullptr;
  }
  UnfinishedFile& operator=(UnfinishedFile&&) = delete;
  ~UnfinishedFile() {
    if (files_ != nullptr) static_cast<void>(files_->remove(name_));
  }

  const std::string& name() const { return name_; }
  /// Gives the file its name for good.
  Result<void> keep_as(const std::string& name);

 private:
  FileSystem* files_;
  std::string name_;
};

/// A compact segment whose file is complete and on the disk, though not yet of the log: MessageLog::replace() makes it
/// that. When this object goes first, the file goes.
///
/// Thread: its owner's; it may pass from one to another.
class CompactSegment {
 public:
  CompactSegment(std::shared_ptr<const Segment> segment, UnfinishedFile file)
      : segment_(std::move(segment)), file_(std::move(file)) {}

  LogPosition base() const { return segment_->header.base; }
  LogPosition end() const { return segment_->end(); }
  std::uint64_t file_bytes() const { return segment_->compact->header.file_bytes(); }
  const std::shared_ptr<const Segment>& segment() const { return segment_; }
  /// Gives the file its name, in place of a file that has it.
  Result<void> take_name() { return file_.keep_as(segment_->name); }

 private:
  std::shared_ptr<const Segment> segment_;
  UnfinishedFile file_;
};

/// Writes a compact segment, while the log goes on. There is at most one writer for a place at a time.
///
///     create() -> add() ... add() -> finish() -> MessageLog::replace()
///
/// After an error it is of no use but to be destroyed. Its file is removed with it, if finish() has not succeeded.
///
/// Thread: its owner's, any other than the log's. `files` must outlive it, and what finish() returns.
class CompactSegmentWriter {
 public:
  /// Begins a segment in place of the segments of `view` from `base` to `end`, which are whole and have been left for
  /// newer ones; kind not_found when there are no such segments. Reads the last one of them, if it is plain.
  static Result<std::unique_ptr<CompactSegmentWriter>> create(FileSystem& files, const Segments& view, LogPosition base,
                                                              LogPosition end);

  /// Keeps `bytes`, which stand at `position`; all positions ascend. Kind no_space when the disk is full.
  Result<void> add(LogPosition position, std::string_view bytes);
  /// Completes the file and syncs it.
  Result<CompactSegment> finish();

 private:
  CompactSegmentWriter(FileSystem& files, LogPosition base, LogPosition end);

  Result<void> write_pending();

  CompactHeader header_;
  std::string name_;
  UnfinishedFile unfinished_;
  std::unique_ptr<LogFile> file_;
  ExtentTableWriter table_;
  /// Not yet written; stands at header_.table_offset().
  std::string pending_;
};

}  // namespace respublica
