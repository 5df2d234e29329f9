#pragma once
// Files that last as long as the process, behind the log's port.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/file_system.h"

namespace respublica {

class MemoryBudget;
class MemoryContent;

/// Files in memory: a log without a disk. Memory is taken in chunks of kChunk bytes, where something was written; no
/// more than the limit in all files together, which the files that were removed and are open count towards.
///
/// Syncing does nothing. The lock is always free: nobody else can see these files.
///
/// Thread: any; the files as LogFile says.
class MemoryFileSystem final : public FileSystem {
 public:
  static constexpr std::uint64_t kChunk = 64 * 1024;

  /// Writes that need more than `limit` bytes of memory fail with kind no_space, and change nothing.
  explicit MemoryFileSystem(std::uint64_t limit);
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<LogFile>> create(const std::string& name) override;
  Result<std::unique_ptr<LogFile>> open(const std::string& name) override;
  Result<std::vector<std::string>> list() override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  Result<void> sync_directory() override { return {}; }
  Result<void> lock() override { return {}; }

  /// The bytes of all chunks.
  std::uint64_t memory() const;

 private:
  /// Outlives the file system while files are open.
  std::shared_ptr<MemoryBudget> budget_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<MemoryContent>> files_ GUARDED_BY(mutex_);
};

}  // namespace respublica
