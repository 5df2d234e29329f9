#pragma once
// The process as the operating system sees it.

#include <string>
#include <utility>

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
  /// The log could not be written: what was acknowledged is on the disk, what was not may be.
  log_failed = 3,
};

/// A process that goes into the background. The one that was started stays until the broker is ready, and ends with
/// code 0; or until the broker ends before that, and ends with its code. So whoever starts it knows how it went.
class Background {
 public:
  /// In the foreground: ready() does nothing.
  Background() = default;
  /// Returns in the child only, which goes on in a session of its own. Call before any thread is started.
  static Result<Background> enter();
  Background(Background&& other) noexcept : pipe_(std::exchange(other.pipe_, -1)) {}
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  Background& operator=(Background&&) = delete;
  ~Background();

  /// Lets go of the terminal and of the process that was started.
  void ready();

 private:
  explicit Background(int pipe) : pipe_(pipe) {}
  int pipe_ = -1;
};

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
