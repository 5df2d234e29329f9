#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/file_system.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_directory.h"
#include "tests/support/simulated_file.h"

namespace respublica::test {

enum class DiskOperation : unsigned char {
  create,
  write,
  sync,
  preallocate,
  truncate,
  rename,
  remove,
  sync_directory,
  read
};
inline constexpr std::size_t kDiskOperations = 9;

/// How an operation fails. A write leaves some of its bytes; a sync leaves some of what it should have synced, and the
/// next sync does not make up for it, as on Linux; all else changes nothing.
enum class DiskFault : unsigned char { io_error, no_space };

/// A disk that forgets what it may forget. What a crash leaves is chosen at random, the same for the same seed; see
/// SimulatedFile and SimulatedDirectory for what that can be.
///
/// The operations that count are those that change something or make it last: all but reading. lock() always succeeds.
///
///     for (std::uint64_t n = 1;; ++n) {                  // the power fails in each operation of a test in turn
///       SimulatedDisk disk;
///       disk.crash_at(n);
///       const auto promised = work_on(disk);
///       if (!disk.has_lost_power()) break;
///       disk.crash(seed);
///       check(disk, promised);
///     }
///
/// Thread: any, guarded by mutex_. No file may outlive the disk.
class SimulatedDisk final : public FileSystem {
 public:
  /// No file is longer.
  static constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 30;

  /// The seed decides what failed operations leave.
  explicit SimulatedDisk(std::uint64_t seed = 0) : random_(seed) {}

  Result<std::unique_ptr<LogFile>> create(const std::string& name) override;
  Result<std::unique_ptr<LogFile>> open(const std::string& name) override;
  Result<std::vector<std::string>> list() override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  Result<void> sync_directory() override;
  Result<void> lock() override;

  /// The nth operation of this kind from now on fails, once; 1 is the next one.
  void fail(DiskOperation operation, std::uint64_t nth, DiskFault fault);
  /// The nth operation that counts from now on fails, once; 1 is the next one.
  void fail_any(std::uint64_t nth, DiskFault fault);
  /// The power fails in the nth operation that counts from now on: it and all after it fail, reading too, until
  /// crash().
  void crash_at(std::uint64_t nth);
  bool has_lost_power() const;
  /// The power fails and comes back. Files that are open are dead: all that is asked of them fails. Faults that have
  /// not come are forgotten.
  void crash(std::uint64_t seed, SectorWrites writes = SectorWrites::whole);

  /// Operations that need more space fail with kind no_space; a write leaves what fits. Sectors of all files count,
  /// those of a removed file until it is closed.
  void set_capacity(std::uint64_t bytes);
  std::uint64_t used() const;

  /// Turns round a bit that was synced. False if there is none.
  bool flip_bit(const std::string& name, std::uint64_t offset_in_bits);

  std::uint64_t operations(DiskOperation operation) const;
  /// All that count.
  std::uint64_t operations() const;

 private:
  class OpenFile;

  /// How an operation goes.
  enum class Course : unsigned char { succeeds, fails_partly, power_fails_in_it, power_is_off };
  struct Verdict {
    Course course;
    Error error;
  };
  struct Fault {
    std::optional<DiskOperation> operation;
    std::uint64_t remaining;
    DiskFault kind;
  };

  Verdict begin(DiskOperation operation, const std::string& name) REQUIRES(mutex_);
  /// Whether the operation leaves all its traces.
  static bool happens(const Verdict& verdict);
  static Result<void> outcome(const Verdict& verdict);
  std::unique_ptr<LogFile> open_locked(const std::string& name, const SimulatedDirectory::File& file) REQUIRES(mutex_);
  std::uint64_t free_sectors() const REQUIRES(mutex_);
  std::uint64_t used_sectors() const REQUIRES(mutex_);

  mutable Mutex mutex_;
  SimulatedDirectory directory_ GUARDED_BY(mutex_);
  /// Every file that is open, as often as it is.
  std::vector<SimulatedDirectory::File> open_files_ GUARDED_BY(mutex_);
  SeededRandom random_ GUARDED_BY(mutex_);
  std::vector<Fault> faults_ GUARDED_BY(mutex_);
  std::array<std::uint64_t, kDiskOperations> counts_ GUARDED_BY(mutex_){};
  std::uint64_t operations_ GUARDED_BY(mutex_) = 0;
  std::uint64_t crash_at_ GUARDED_BY(mutex_) = std::numeric_limits<std::uint64_t>::max();
  bool power_is_off_ GUARDED_BY(mutex_) = false;
  /// Changes with each crash; files that were opened before are dead.
  std::uint64_t life_ GUARDED_BY(mutex_) = 0;
  std::uint64_t capacity_ GUARDED_BY(mutex_) = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace respublica::test
