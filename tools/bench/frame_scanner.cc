#include "tools/bench/frame_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tools/bench/printable.h"

namespace respublica::bench {

namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::size_t kCheckedPadding = 16;
constexpr std::size_t kExcerpt = 120;

}  // namespace

bool FrameScanner::padding_is_right(std::string_view padding) const {
  if (padding_ == PaddingCheck::last_bytes && padding.size() > kCheckedPadding) {
    padding.remove_prefix(padding.size() - kCheckedPadding);
  }
  return std::all_of(padding.begin(), padding.end(), [](char byte) { return byte == kPadding; });
}

bool FrameScanner::whole_frame_is_right(const char* frame) const {
  const std::string_view header = shape_->header();
  const char* payload = frame + header.size();
  const std::size_t size = shape_->payload_size();
  return std::memcmp(frame, header.data(), header.size()) == 0 &&
         std::memcmp(payload + size, kEnd.data(), kEnd.size()) == 0 &&
         read_stamp(payload).magic == PayloadStamp::kMagic &&
         padding_is_right({payload + kStampSize, size - kStampSize});
}

std::size_t FrameScanner::consume_part(std::string_view bytes) {
  const std::string_view header = shape_->header();
  const std::size_t stamp_at = header.size();
  const std::size_t padding_at = stamp_at + kStampSize;
  const std::size_t end_at = stamp_at + shape_->payload_size();
  if (offset_ < stamp_at) {
    const std::size_t size = std::min(bytes.size(), stamp_at - offset_);
    return bytes.substr(0, size) == header.substr(offset_, size) ? size : 0;
  }
  if (offset_ < padding_at) {
    const std::size_t size = std::min(bytes.size(), padding_at - offset_);
    std::memcpy(stamp_.data() + (offset_ - stamp_at), bytes.data(), size);
    const bool complete = offset_ + size == padding_at;
    return !complete || read_stamp(stamp_.data()).magic == PayloadStamp::kMagic ? size : 0;
  }
  if (offset_ < end_at) {
    const std::size_t size = std::min(bytes.size(), end_at - offset_);
    return padding_is_right(bytes.substr(0, size)) ? size : 0;
  }
  const std::size_t size = std::min(bytes.size(), end_at + kEnd.size() - offset_);
  return bytes.substr(0, size) == kEnd.substr(offset_ - end_at, size) ? size : 0;
}

Error FrameScanner::wrong(std::string_view bytes) const {
  return {
      fmt::format("not the expected message (at byte {} of the frame): expected {} and a payload of {} bytes, got {}",
                  offset_, printable(shape_->header()), shape_->payload_size(), printable(bytes.substr(0, kExcerpt)))};
}

}  // namespace respublica::bench
