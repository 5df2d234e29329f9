#pragma once
// The process as the operating system sees it.

#include <string>

#include "base/result.h"

namespace respublica {

/// What the exit code tells whoever started the broker.
enum class ExitCode : int {
  /// Ended in order.
  ok = 0,
  /// Could not start: an address in use, a file that cannot be opened.
  cannot_start = 1,
  /// The settings are wrong.
  bad_settings = 2,
};

/// Goes into the background: the caller's process ends with code 0, its child goes on in a session of its own without
/// a terminal. Call before any thread is started.
Result<void> become_daemon();

/// A file with the process id, removed when this object goes.
class PidFile {
 public:
  /// Does nothing when `path` is empty.
  static Result<PidFile> write(const std::string& path);
  PidFile(PidFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace respublica
