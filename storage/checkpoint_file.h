#pragma once
// A file beside the segments that says what the log before a position has led to, so that less of it is to be read.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/log_position.h"

namespace respublica {

/// The first bytes of a checkpoint.
struct CheckpointHeader {
  /// All sections hold what records before this place have led to; some hold more.
  LogPosition position;
  /// The checksums of the sections are seeded with it.
  std::uint32_t salt = 0;
  /// Of the last frame before `position`; milliseconds since 1970.
  std::uint64_t time_ms = 0;
  /// The number of the next channel at that place.
  std::uint64_t next_number = 0;
  /// No section, nor one that had nothing in it, is as of a later place. Known when all of the checkpoint was read.
  LogPosition until{};
};

/// "00000000000000004096.checkpoint".
std::string checkpoint_name(LogPosition position);
/// The position in a checkpoint's name; none when it is another file's name.
std::optional<LogPosition> parse_checkpoint_name(std::string_view name);
/// Whether it is the name of a checkpoint that was never finished: rubbish, when the log is opened.
bool is_unfinished_checkpoint_name(std::string_view name);

/// Writes a checkpoint; what is not published is removed.
///
///     create() -> add() ... add() -> finish() -> publish()
///
/// Thread: one at a time.
class CheckpointFile {
 public:
  static Result<std::unique_ptr<CheckpointFile>> create(FileSystem& files, CheckpointHeader header);
  ~CheckpointFile();
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;

  /// Writes a section, at most 4 GiB: what the records before `as_of` have led to; it may be empty. It is synced now
  /// and then, so that finish() does not make the disk busy for long.
  Result<void> add(LogPosition as_of, std::string_view section);
  /// Everything is on the disk afterwards, not yet under the name of a checkpoint.
  Result<void> finish();
  /// Gives it that name; it lasts afterwards. The log must be durable up to the greatest `as_of` by then.
  Result<void> publish();

  std::uint64_t bytes() const { return end_; }
  LogPosition position() const { return header_.position; }

 private:
  CheckpointFile(FileSystem& files, const CheckpointHeader& header) : files_(files), header_(header) {}

  Result<void> write(std::string_view bytes);

  FileSystem& files_;
  const CheckpointHeader header_;
  std::unique_ptr<LogFile> file_;
  std::uint64_t end_ = 0;
  std::uint64_t synced_ = 0;
  std::uint32_t sections_ = 0;
  /// The greatest `as_of`.
  LogPosition until_;
};

/// Sees each section of a checkpoint. An error ends the reading, with that error.
using SectionVisitor =
    std::function<Result<void>(const CheckpointHeader& header, LogPosition as_of, std::string_view section)>;

/// Reads a checkpoint. An error when the file cannot be read, is damaged or not whole: the visitor may have seen
/// sections by then.
Result<CheckpointHeader> read_checkpoint(FileSystem& files, const std::string& name, const SectionVisitor& visit);

}  // namespace respublica
