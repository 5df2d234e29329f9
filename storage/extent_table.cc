#include "storage/extent_table.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"

namespace respublica {
namespace {

Error changed() { return {"the table of a compact segment is not what it was when the log was opened"}; }

}  // namespace

void ExtentTableWriter::add(LogPosition position, std::uint64_t bytes) {
  if (bytes == 0) return;
  if (position > end_) {
    write();
    begin_ = position;
  }
  end_ = position + bytes;
}

const std::string& ExtentTableWriter::finish() {
  write();
  return bytes_;
}

void ExtentTableWriter::write() {
  if (begin_ == end_) return;
  put_varint(bytes_, begin_ - written_end_);
  put_varint(bytes_, end_ - begin_);
  written_end_ = end_;
}

std::optional<ExtentTable> ExtentTable::parse(std::string_view bytes, const CompactHeader& header) {
  ExtentTable table(header);
  const bool is_right = bytes.size() == header.table_bytes && crc32c(header.segment.salt, bytes) == header.table_crc;
  if (!is_right || !table.divide(bytes, header)) return std::nullopt;
  return table;
}

bool ExtentTable::divide(std::string_view table, const CompactHeader& header) {
  ByteReader reader(table);
  LogPosition end = header.segment.base;
  std::uint64_t kept = 0;
  while (!reader.rest().empty()) {
    const std::uint64_t offset = table.size() - reader.rest().size();
    if (blocks_.empty() || offset - blocks_.back().offset >= kBlockBytes) blocks_.push_back({end, kept, offset, 0});
    const std::uint64_t gap = reader.varint();
    const std::uint64_t length = reader.varint();
    const std::uint64_t left = header.end - end;
    if (reader.failed() || gap > left || length > left - gap || length == 0) return false;
    end = end + gap + length;
    kept += length;
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    Block& block = blocks_[i];
    block.crc = crc32c(
        0, table.substr(static_cast<std::size_t>(block.offset), static_cast<std::size_t>(end_of(i) - block.offset)));
  }
  return kept == header.kept_bytes;
}

Result<void> ExtentTable::read(const LogFile& file, LogPosition position, std::span<char> into) const {
  const auto found = find(file, position, into.size());
  if (!found) return found.error();
  const Pieces& pieces = found.value();
  // All at once to the front, then each to its place, the last one first: none is moved over one that still waits.
  const auto read = file.read_at(kSegmentHeaderBytes + pieces.kept_before, into.first(pieces.bytes));
  if (!read) return read.error();
  if (read.value() < pieces.bytes) return Error{"a compact segment became shorter while it was read"};
  std::size_t from = pieces.bytes;
  std::size_t end = into.size();
  for (auto piece = pieces.pieces.rbegin(); piece != pieces.pieces.rend(); ++piece) {
    from -= piece->size;
    std::memmove(into.data() + piece->at, into.data() + from, piece->size);
    std::fill(into.begin() + static_cast<std::ptrdiff_t>(piece->at + piece->size),
              into.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    end = piece->at;
  }
  std::fill(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(end), '\0');
  return {};
}

std::uint64_t ExtentTable::end_of(std::size_t block) const {
  return block + 1 < blocks_.size() ? blocks_[block + 1].offset : table_bytes_;
}

Result<std::string> ExtentTable::read_block(const LogFile& file, std::size_t block) const {
  const std::uint64_t offset = blocks_[block].offset;
  std::string bytes(static_cast<std::size_t>(end_of(block) - offset), '\0');
  const auto read = file.read_at(table_offset_ + offset, bytes);
  if (!read) return read.error();
  if (read.value() < bytes.size() || crc32c(0, bytes) != blocks_[block].crc) return changed();
  return bytes;
}

template <typename Visit>
Result<void> ExtentTable::walk(const LogFile& file, LogPosition position, LogPosition behind, Visit&& visit) const {
  const auto next = std::ranges::upper_bound(blocks_, position, {}, &Block::begin);
  for (auto i = static_cast<std::size_t>(std::max<std::ptrdiff_t>(next - blocks_.begin(), 1) - 1);
       i < blocks_.size() && blocks_[i].begin < behind; ++i) {
    const auto bytes = read_block(file, i);
    if (!bytes) return bytes.error();
    ByteReader reader(bytes.value());
    LogPosition end = blocks_[i].begin;
    std::uint64_t kept = blocks_[i].kept_before;
    while (!reader.rest().empty()) {
      const LogPosition begin = end + reader.varint();
      end = begin + reader.varint();
      if (begin >= behind) return {};
      if (end > position && !visit(Extent{begin, end}, kept)) return {};
      kept += end - begin;
    }
  }
  return {};
}

Result<ExtentTable::Pieces> ExtentTable::find(const LogFile& file, LogPosition position, std::size_t size) const {
  Pieces found;
  const LogPosition behind = position + size;
  const auto walked = walk(file, position, behind, [&](const Extent& extent, std::uint64_t kept_before) {
    const LogPosition first = std::max(extent.begin, position);
    const auto count = static_cast<std::size_t>(std::min(extent.end, behind) - first);
    if (found.pieces.empty()) found.kept_before = kept_before + (first - extent.begin);
    found.pieces.push_back({static_cast<std::size_t>(first - position), count});
    found.bytes += count;
    return true;
  });
  if (!walked) return walked.error();
  return found;
}

Result<std::optional<Extent>> ExtentTable::next(const LogFile& file, LogPosition position) const {
  std::optional<Extent> found;
  const LogPosition behind{std::numeric_limits<std::uint64_t>::max()};
  const auto walked = walk(file, position, behind, [&](const Extent& extent, std::uint64_t) {
    found = {std::max(extent.begin, position), extent.end};
    return false;
  });
  if (!walked) return walked.error();
  return found;
}

Result<std::vector<PlacedExtent>> ExtentTable::list(const LogFile& file, LogPosition position,
                                                    std::size_t count) const {
  std::vector<PlacedExtent> found;
  const LogPosition behind{std::numeric_limits<std::uint64_t>::max()};
  const auto walked = walk(file, position, behind, [&](const Extent& extent, std::uint64_t kept_before) {
    found.push_back({extent, kSegmentHeaderBytes + kept_before});
    return found.size() < count;
  });
  if (!walked) return walked.error();
  return found;
}

}  // namespace respublica
