#include "storage/frame_scanner.h"

#include "storage/crc32c.h"

namespace respublica {

FrameScanner::FrameScanner(const Segment& segment, std::uint64_t file_bytes, std::optional<std::uint32_t> previous_crc)
    : segment_(segment),
      file_bytes_(file_bytes),
      window_(*segment.file),
      position_(segment.header.base),
      next_(segment.header.base),
      previous_crc_(previous_crc) {}

Result<FrameScanner::Found> FrameScanner::next() {
  position_ = next_;
  if (offset() >= file_bytes_) return Found::end;
  const std::uint64_t left = file_bytes_ - offset();
  const auto header_bytes = window_.at(offset(), kFrameHeaderBytes);
  if (!header_bytes) return header_bytes.error();
  const auto header = decode_frame_header(header_bytes.value(), segment_.header.salt);
  if (!header) return damaged("the header of the frame is damaged");
  if (header->position != position_) return damaged("the frame belongs to another place");
  if (header->durable > position_) return damaged("the header of the frame contradicts itself");
  if (previous_crc_ && header->previous_crc != *previous_crc_) {
    return damaged("the frame does not follow the one before it");
  }
  if (header->frame_bytes() > left) return damaged("the frame reaches beyond the end of the file");
  const auto payload = window_.at(offset() + kFrameHeaderBytes, header->payload_bytes);
  if (!payload) return payload.error();
  if (payload.value().size() < header->payload_bytes) return damaged("the file became shorter while it was read");
  if (crc32c(segment_.header.salt, payload.value()) != header->payload_crc) {
    return damaged("the records of the frame are damaged (checksum)");
  }
  header_ = *header;
  payload_ = payload.value();
  previous_crc_ = header_.header_crc;
  next_ = header_.end();
  return Found::frame;
}

void FrameScanner::resume(LogPosition position, std::optional<std::uint32_t> previous_crc) {
  next_ = position;
  previous_crc_ = previous_crc;
  window_.forget();
}

FrameScanner::Found FrameScanner::damaged(std::string_view reason) {
  reason_ = reason;
  return Found::damage;
}

}  // namespace respublica
