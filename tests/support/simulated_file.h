#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/seeded_random.h"

namespace respublica::test {

/// Whether a sector that is being written when the power fails has its old or its new bytes, or the first of the new
/// and the last of the old ones.
enum class SectorWrites : unsigned char { whole, torn };

/// The bytes of one file, as reads show them and as the disk has them.
///
///     write(), resize()                    sync()
///          |                                 |
///          v                                 v
///     current bytes --- unsynced versions --- durable bytes
///                       of each sector,
///                       changes of the size
///
/// What was not synced reaches the disk in any order: each sector on its own, in any of the versions that it had since
/// the last sync. Changes of the size reach it in the order in which they were made (they go through the file system's
/// journal); with one that shortens the file, what it cut off is gone.
///
/// Thread: its owner's.
class SimulatedFile {
 public:
  static constexpr std::size_t kSector = 512;

  std::size_t read(std::uint64_t offset, std::span<char> into) const;
  void write(std::uint64_t offset, std::string_view bytes);
  /// Makes the file at least as long, with all its sectors.
  void preallocate(std::uint64_t size);
  /// Cuts the file off, or makes it longer by zeros without sectors.
  void resize(std::uint64_t size);
  std::uint64_t size() const { return current_.size(); }

  void sync();
  /// Some of what was not synced is on the disk, and nothing is left to sync. Reads show what they did before.
  void lose_unsynced(SeededRandom& random, SectorWrites writes);
  /// The same, and reads show what is on the disk.
  void crash(SeededRandom& random, SectorWrites writes);
  /// Turns a bit on the disk round. False if the file on the disk is shorter.
  bool flip_bit(std::uint64_t offset_in_bits);

  /// Sectors that the file takes on the disk.
  std::uint64_t sectors() const { return taken_count_; }
  /// Sectors that a write or preallocation of [begin, end) takes in addition.
  std::uint64_t missing_sectors(std::uint64_t begin, std::uint64_t end) const;

 private:
  /// What a sector was made by one change.
  struct Version {
    std::string bytes;
    /// The change of the size that made it, counted from 1; 0 for a write.
    std::size_t cut_by = 0;
    /// The bytes from here on were cut off.
    std::size_t cut_at = kSector;
  };
  using Versions = std::vector<Version>;

  std::string sector_of(const std::string& bytes, std::uint64_t sector) const;
  void take(std::uint64_t begin, std::uint64_t end);
  void change_size(std::uint64_t size);
  /// The bytes of a sector after a crash; so many changes of the size have reached the disk.
  std::string survivor(std::uint64_t sector, const Versions& versions, std::size_t changes,
                       std::uint64_t newest_percent, SeededRandom& random, SectorWrites writes) const;

  std::string current_;
  std::string durable_;
  std::map<std::uint64_t, Versions> unsynced_;
  /// All sizes that the file had since the last sync.
  std::vector<std::uint64_t> unsynced_sizes_;
  std::vector<bool> taken_;
  std::uint64_t taken_count_ = 0;
};

}  // namespace respublica::test
