// A segment whose bytes behind its header are anything, plain or compact: pieces must stand one behind the other,
// within the segment. The first byte says which; the second how many bytes follow that say what a compact one keeps.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/crc32c.h"
#include "storage/frame_pieces.h"
#include "storage/frame_scanner.h"
#include "storage/memory_file_system.h"

namespace {

using respublica::FramePieces;
using respublica::LogPosition;
using respublica::Result;
using respublica::Segment;

void check(bool is_right) {
  if (!is_right) std::abort();
}

/// Gives every frame header in it that says its own position the checksum that it should have.
void set_checksums(std::string& frames) {
  for (std::size_t at = 0; frames.size() - at >= respublica::kFrameHeaderBytes; at += 8) {
    auto header = respublica::decode_kept_frame_header(std::string_view(frames).substr(at));
    if (header && header->position == LogPosition{at}) respublica::encode_frame_header(*header, 0, frames.data() + at);
  }
}

void go_through(const Segment& segment) {
  FramePieces pieces;
  pieces.enter(segment, segment.end());
  LogPosition position;
  while (true) {
    const Result<bool> found = pieces.find(position);
    if (!found || !found.value()) return;
    check(pieces.begin() >= position && pieces.end() > position && pieces.end() <= segment.end());
    const Result<std::string_view> records = pieces.records();
    check(records.ok() && records.value().size() <= pieces.end() - pieces.begin());
    const LogPosition begin = pieces.begin();
    const Result<bool> again = pieces.find(pieces.place());
    check(again.ok() && again.value() && pieces.begin() == begin);
    position = pieces.end();
  }
}

/// Has of `bytes` what the pairs of gap and length in `places` keep.
void make_compact(Segment& segment, const std::string& bytes, std::string_view places) {
  respublica::ExtentTableWriter writer(LogPosition{});
  std::string kept;
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < places.size(); i += 2) {
    at += std::min<std::size_t>(static_cast<unsigned char>(places[i]), bytes.size() - at);
    const std::string stretch = bytes.substr(at, static_cast<unsigned char>(places[i + 1]));
    writer.add(LogPosition{at}, stretch.size());
    kept += stretch;
    at += stretch.size();
  }
  respublica::CompactHeader header;
  header.end = LogPosition{bytes.size()};
  header.kept_bytes = kept.size();
  const std::string& table = writer.finish();
  header.table_bytes = table.size();
  header.table_crc = respublica::crc32c(0, table);
  auto extents = respublica::ExtentTable::parse(table, header);
  check(extents.has_value());
  check(segment.file->write_at(respublica::kSegmentHeaderBytes, kept + table).ok());
  segment.compact = respublica::CompactPart{header, std::move(*extents)};
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string_view places = input.substr(0, data[1]);
  std::string bytes(input.substr(places.size()));
  if (bytes.empty()) return 0;
  respublica::MemoryFileSystem files(1 << 20);
  Segment segment;
  segment.file = std::move(files.create("segment").value());
  segment.close(LogPosition{bytes.size()});
  if ((data[0] & 1U) != 0) {
    make_compact(segment, bytes, places);
    go_through(segment);
    return 0;
  }
  set_checksums(bytes);
  check(segment.file->write_at(respublica::kSegmentHeaderBytes, bytes).ok());
  go_through(segment);
  respublica::FrameScanner scanner(segment, respublica::kSegmentHeaderBytes + bytes.size(), std::nullopt);
  for (auto found = scanner.next(); found.ok() && found.value() == respublica::FrameScanner::Found::frame;) {
    found = scanner.next();
  }
  return 0;
}
