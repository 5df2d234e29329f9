#pragma once
// What the log asks of an operating system: a port, so that a test can put a simulated disk behind it.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace respublica {

/// One file of the log. An error names the file, what was tried and the system's reason; its kind is no_space when the
/// disk or a quota is full.
///
/// Thread: read_at() any, also while its owner writes elsewhere in the file; all else its owner's.
class LogFile {
 public:
  virtual ~LogFile() = default;

  /// Reads up to into.size() bytes; returns how many, fewer only at the end of the file, none past it.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const = 0;
  /// The operating system has all of `bytes` afterwards; after an error any part of them may be in the file. The file
  /// grows as needed, with zeros in between.
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// fdatasync: what was written is on the disk afterwards, and the file's size. After an error nobody knows.
  virtual Result<void> sync() = 0;
  /// Makes the file at least `size` bytes long, zeros where nothing was written, with disk space set aside for them.
  /// Nothing changes on error. (In memory nothing is set aside: see occupy().)
  virtual Result<void> preallocate(std::uint64_t size) = 0;
  /// What is written to [begin, end), which was preallocated, takes no more space from then on: in memory it is taken
  /// now. Nothing changes on error.
  virtual Result<void> occupy(std::uint64_t begin, std::uint64_t end) = 0;
  /// Cuts the file off at `size`, or extends it with zeros that take no space.
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() const = 0;
};

/// One directory with the files of one log. Names are plain file names. Creating, renaming and removing last only after
/// sync_directory(). A file that is open stays the same file, whatever becomes of its name.
///
/// Thread: any, each name and the lock by one at a time.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Makes a new, empty file; an error when there is one of that name.
  virtual Result<std::unique_ptr<LogFile>> create(const std::string& name) = 0;
  /// Opens an existing file to read and write; kind not_found when there is none.
  virtual Result<std::unique_ptr<LogFile>> open(const std::string& name) = 0;
  /// The names of all files, sorted. What the lock leaves in the directory is not among them.
  virtual Result<std::vector<std::string>> list() = 0;
  /// Gives a file another name, in place of a file that has it; kind not_found when there is none to rename.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Its space is free when nobody has the file open; kind not_found when there is none.
  virtual Result<void> remove(const std::string& name) = 0;
  virtual Result<void> sync_directory() = 0;
  /// Makes this object the only user of the directory until it goes; an error, which says who, when another one is, of
  /// this process or of another. Once it holds the lock, nothing.
  virtual Result<void> lock() = 0;
};

}  // namespace respublica
