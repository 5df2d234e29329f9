#pragma once
// The streams of a broker in a file, so that a start reads the log from there.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/group_table.h"
#include "broker/producer_table.h"
#include "broker/stream.h"
#include "storage/checkpoint_file.h"

namespace respublica {

/// Writes streams to a checkpoint.
///
/// Thread: one at a time.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(std::unique_ptr<CheckpointFile> file) : file_(std::move(file)) {}

  /// A stream, and its consumer groups and idempotent producers as encode_groups() and encode_producers() write them;
  /// empty = it has none.
  struct Entry {
    std::shared_ptr<const Stream> stream;
    std::string groups = {};
    std::string producers = {};
  };
  /// Adds streams as they were after the records before `as_of`.
  Result<void> add(LogPosition as_of, const std::vector<Entry>& streams);
  CheckpointFile& file() { return *file_; }

 private:
  std::unique_ptr<CheckpointFile> file_;
  std::string section_;
};

/// What a checkpoint says.
struct Checkpoint {
  struct Entry {
    std::shared_ptr<Stream> stream;
    /// Null when it has none.
    std::shared_ptr<StreamGroups> groups;
    std::shared_ptr<StreamProducers> producers;
    /// The records before this place are in it.
    LogPosition as_of;
  };

  CheckpointHeader header;
  /// In no order.
  std::vector<Entry> streams;
  std::uint64_t file_bytes = 0;
};

/// Reads the file of that name. An error when it cannot be read, or is damaged; kind not_found when there is none.
Result<Checkpoint> load_checkpoint(FileSystem& files, const std::string& name);

/// The newest checkpoint of a directory that can be read.
struct CheckpointSearch {
  Checkpoint newest;
  /// Where the one before it stands; 0 when there is none.
  LogPosition older;
  /// One for each that could not be read.
  std::vector<Error> damaged;
};

/// Without a checkpoint that can be read, the streams of the search are none, and its position is 0. An error when the
/// directory cannot be read.
Result<CheckpointSearch> find_checkpoint(FileSystem& files);

}  // namespace respublica
