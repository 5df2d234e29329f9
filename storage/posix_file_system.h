#pragma once
// The operating system's files, behind the log's port.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
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
  /// Opens an existing directory, kind not_found when there is none. Nothing in it is ever changed: what would change
  /// something is an error. lock() keeps others out all the same, when the log has ever been locked.
  static Result<std::unique_ptr<PosixFileSystem>> read_only(const std::string& directory);

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
  enum class Access : std::uint8_t { read_write, read_only };

  PosixFileSystem(std::string path, int directory, Access access)
      : path_(std::move(path)), directory_(directory), access_(access) {}

  /// An error when nothing may be changed.
  Result<void> writable(std::string_view operation, const std::string& path) const;

  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  const std::string path_;
  const int directory_;
  const Access access_;
  /// The lock's file while this holds the lock.
  std::unique_ptr<LogFile> lock_;
};

}  // namespace respublica
