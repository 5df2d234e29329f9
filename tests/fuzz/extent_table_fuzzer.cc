// A table of extents that is anything, with the right checksum: what parses must lead through the segment in order, the
// same in all ways of reading. The first two bytes say how much the segment covers, the next two how much is kept.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/crc32c.h"
#include "storage/extent_table.h"
#include "storage/memory_file_system.h"

namespace {

using respublica::LogPosition;

void check(bool is_right) {
  if (!is_right) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::string_view table(reinterpret_cast<const char*>(data) + 4, size - 4);
  constexpr LogPosition kBase{4096};
  respublica::CompactHeader header;
  header.segment.base = kBase;
  header.end = kBase + (std::uint64_t{data[0]} << 8U | data[1]);
  header.kept_bytes = std::uint64_t{data[2]} << 8U | data[3];
  header.table_bytes = table.size();
  header.table_crc = respublica::crc32c(0, table);
  const auto extents = respublica::ExtentTable::parse(table, header);
  if (!extents) return 0;

  respublica::MemoryFileSystem files(1 << 24);
  const auto file = std::move(files.create("compact").value());
  const std::string kept(static_cast<std::size_t>(header.kept_bytes), 'k');
  check(file->write_at(respublica::kSegmentHeaderBytes, kept + std::string(table)).ok());
  std::string shown(static_cast<std::size_t>(header.end - kBase), '?');
  check(extents->read(*file, kBase, shown).ok());
  LogPosition position = kBase;
  std::uint64_t offset = respublica::kSegmentHeaderBytes;
  const auto listed = extents->list(*file, kBase, size);
  check(listed.ok());
  for (const respublica::PlacedExtent& each : listed.value()) {
    const auto [begin, end] = each.extent;
    check(position <= begin && begin < end && end <= header.end && each.offset == offset);
    const auto next = extents->next(*file, begin);
    check(next.ok() && next.value() == each.extent);
    const std::string stretch =
        shown.substr(static_cast<std::size_t>(position - kBase), static_cast<std::size_t>(end - position));
    check(stretch == std::string(static_cast<std::size_t>(begin - position), '\0') +
                         std::string(static_cast<std::size_t>(end - begin), 'k'));
    offset += end - begin;
    position = end;
  }
  check(offset == header.table_offset());
  return 0;
}
