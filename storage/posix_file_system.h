#pragma once
// The operating system's files, behind the log's port.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/file_system.h"

namespace respublica {

/// A directory of the operating system. Its lock is a file named LOCK, which holds the number of the process that
/// locked it as text, for others to read, and is no file of the log.
///
/// A process under a limit on the size of files must ignore SIGXFSZ, to get an error of kind no_space instead.
///
/// Thread: as FileSystem and LogFile say.
class PosixFileSystem final : public FileSystem {
 public:
  /// Opens `directory`; makes it when it is absent, though not its parents. It is there after a power cut, too.
  static Result<std::unique_ptr<PosixFileSystem>> at(const std::string& directory);

  PosixFileSystem(const PosixFileSystem&) = delete;
  PosixFileSystem& operator=(const PosixFileSystem&) = delete;
  ~PosixFileSystem() override;

  Result<std::unique_ptr<LogFile>> create(const std::string& name) override;
  Result<std::unique_ptr<LogFile>> open(const std::string& name) override;
  Result<std::vector<std::string>> list() override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  Result<void> sync_directory() override;
  Result<void> lock() override;

 private:
  PosixFileSystem(std::string path, int directory) : path_(std::move(path)), directory_(directory) {}

  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  const std::string path_;
  const int directory_;
  /// The lock's file while this holds the lock.
  std::unique_ptr<LogFile> lock_;
};

}  // namespace respublica
