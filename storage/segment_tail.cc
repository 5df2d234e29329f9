#include "storage/segment_tail.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "storage/file_window.h"
#include "storage/segment_format.h"

namespace respublica {
namespace {

bool is_all_zeros(std::string_view bytes) {
  return bytes.empty() || (bytes.front() == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

/// Behind the last byte from `offset` on that is not zero; `offset` when there is none.
Result<std::uint64_t> written_end(FileWindow& window, std::uint64_t offset) {
  std::uint64_t end = offset;
  for (;;) {
    const auto piece = window.at(offset, FileWindow::kPiece);
    if (!piece) return piece.error();
    const std::string_view bytes = piece.value();
    if (!is_all_zeros(bytes)) end = offset + bytes.find_last_not_of('\0') + 1;
    if (bytes.size() < FileWindow::kPiece) return end;
    offset += bytes.size();
  }
}

}  // namespace

Result<SegmentTail> inspect_tail(const Segment& segment, LogPosition position) {
  FileWindow window(*segment.file);
  const std::uint64_t begin = segment.offset_of(position);
  const auto end = written_end(window, begin);
  if (!end) return end.error();
  SegmentTail tail;
  tail.bytes = end.value() - begin;
  for (std::uint64_t offset = begin + kFrameAlignment; offset < end.value(); offset += kFrameAlignment) {
    const auto bytes = window.at(offset, kFrameHeaderBytes);
    if (!bytes) return bytes.error();
    const auto header = decode_frame_header(bytes.value(), segment.header.salt);
    if (!header || segment.offset_of(header->position) != offset || header->durable > header->position) continue;
    tail.highest_durable = std::max(tail.highest_durable.value_or(LogPosition{}), header->durable);
  }
  return tail;
}

}  // namespace respublica
