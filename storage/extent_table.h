#pragma once
// Which stretches of the log a compact segment keeps.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "storage/segment_format.h"

namespace respublica {

/// Encodes a table as its extents come. An extent is two varints: the bytes left out before it, since the end of the
/// one before or since the base of the segment, and its length, 1 at least.
///
/// Thread: its owner's.
class ExtentTableWriter {
 public:
  explicit ExtentTableWriter(LogPosition base) : begin_(base), end_(base), written_end_(base) {}

  /// `bytes` are kept from `position` on, which is not before end(). Extents that touch become one.
  void add(LogPosition position, std::uint64_t bytes);
  /// Behind the last extent.
  LogPosition end() const { return end_; }
  /// The whole table; nothing is added afterwards.
  const std::string& finish();

 private:
  void write();

  std::string bytes_;
  /// The extent that may still grow.
  LogPosition begin_;
  LogPosition end_;
  /// Behind the extent before that one.
  LogPosition written_end_;
};

/// Positions that a compact segment keeps.
struct Extent {
  LogPosition begin;
  /// The first position behind.
  LogPosition end;

  bool operator==(const Extent&) const = default;
};

/// An extent, and where its bytes begin in the file.
struct PlacedExtent {
  Extent extent;
  std::uint64_t offset = 0;
};

/// Finds and reads extents. The table stays in the file; in memory are 32 bytes for each kBlockBytes of it.
///
/// Thread: any, immutable.
class ExtentTable {
 public:
  static constexpr std::uint64_t kBlockBytes = 4096;

  /// None when `bytes` are not the table that belongs to this header.
  static std::optional<ExtentTable> parse(std::string_view bytes, const CompactHeader& header);

  /// Fills `into` with what stands at `position`: the kept bytes, and zeros where nothing is kept. `file` is the one
  /// that the table is in. An error when it cannot be read, or has become another one.
  Result<void> read(const LogFile& file, LogPosition position, std::span<char> into) const;

  /// The first stretch that is kept at or behind `position`: it begins there when the position itself is kept. None
  /// when nothing is kept from there on. Errors as those of read().
  Result<std::optional<Extent>> next(const LogFile& file, LogPosition position) const;
  /// The first `count` extents that have a position from `position` on, fewer only at the end of the table. Errors as
  /// those of read().
  Result<std::vector<PlacedExtent>> list(const LogFile& file, LogPosition position, std::size_t count) const;

 private:
  /// A part of the table that is read at once.
  struct Block {
    /// Behind the extent before.
    LogPosition begin;
    /// Where its extents' bytes begin, counted from those of the first extent.
    std::uint64_t kept_before = 0;
    /// Where it begins in the table.
    std::uint64_t offset = 0;
    std::uint32_t crc = 0;
  };
  /// A part of `into`, whose bytes follow those of the part before in the file.
  struct Piece {
    std::size_t at;
    std::size_t size;
  };
  struct Pieces {
    std::vector<Piece> pieces;
    std::uint64_t kept_before = 0;
    std::size_t bytes = 0;
  };

  explicit ExtentTable(const CompactHeader& header)
      : table_offset_(header.table_offset()), table_bytes_(header.table_bytes) {}

  /// Checks the table, and divides it into blocks. False when it is not what the header says.
  bool divide(std::string_view table, const CompactHeader& header);
  std::uint64_t end_of(std::size_t block) const;
  Result<std::string> read_block(const LogFile& file, std::size_t block) const;
  /// Shows every extent that has a position from `position` on, and begins before `behind`, with what is kept before
  /// it, until visit(extent, kept_before) says false.
  template <typename Visit>
  Result<void> walk(const LogFile& file, LogPosition position, LogPosition behind, Visit&& visit) const;
  Result<Pieces> find(const LogFile& file, LogPosition position, std::size_t size) const;

  std::uint64_t table_offset_;
  std::uint64_t table_bytes_;
  std::vector<Block> blocks_;
};

}  // namespace respublica
