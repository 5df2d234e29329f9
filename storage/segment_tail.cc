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

/// The header at `offset`, if it is right and stands at its own position.
Result<std::optional<FrameHeader>> header_at(FileWindow& window, const Segment& segment, std::uint64_t offset) {
  const auto bytes = window.at(offset, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const auto header = decode_frame_header(bytes.value(), segment.header.salt);
  const bool fits = header && segment.offset_of(header->position) == offset && header->durable <= header->position;
  return fits ? header : std::nullopt;
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
    const auto header = header_at(window, segment, offset);
    if (!header) return header.error();
    if (!header.value()) continue;
    tail.highest_durable = std::max(tail.highest_durable.value_or(LogPosition{}), header.value()->durable);
  }
  return tail;
}

Result<std::optional<LogPosition>> find_frame(const Segment& segment, LogPosition from, LogPosition to) {
  FileWindow window(*segment.file);
  const auto padding = (kFrameAlignment - segment.offset_of(from) % kFrameAlignment) % kFrameAlignment;
  for (LogPosition position = from + padding; position < to; position = position + kFrameAlignment) {
    const auto header = header_at(window, segment, segment.offset_of(position));
    if (!header) return header.error();
    if (header.value()) return std::optional(position);
  }
  return std::optional<LogPosition>();
}

}  // namespace respublica
