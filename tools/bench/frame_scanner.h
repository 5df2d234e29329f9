#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tools/bench/message_shape.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

/// How much of a payload's padding is compared.
enum class PaddingCheck { last_bytes, every_byte };

/// Reads the deliveries of one subscriber. All frames have one shape, so a whole frame costs two compares and a copy
/// of its stamp; a frame that is cut anywhere by the end of a read is continued by the next one, without a buffer.
///
/// Owner: the subscriber's connection. Thread: its owner's. The shape must outlive it.
class FrameScanner {
 public:
  FrameScanner(const MessageShape& shape, PaddingCheck padding) : shape_(&shape), padding_(padding) {}

  /// Takes the next bytes of the stream and calls on_frame(const PayloadStamp&) for each frame that they complete.
  /// Error: the bytes are no frame of this shape; the text shows what came and what was expected.
  template <typename OnFrame>
  Result<void> feed(std::string_view bytes, OnFrame&& on_frame);

  /// True between two frames.
  bool at_boundary() const { return offset_ == 0; }

 private:
  bool whole_frame_is_right(const char* frame) const;
  bool padding_is_right(std::string_view padding) const;
  /// Consumes bytes of one part (header, stamp, padding, CRLF) of a frame that is cut. 0: they are wrong.
  std::size_t consume_part(std::string_view bytes);
  Error wrong(std::string_view bytes) const;

  const MessageShape* shape_;
  PaddingCheck padding_;
  std::size_t offset_ = 0;  ///< bytes of the current frame already seen
  std::array<char, kStampSize> stamp_{};
};

template <typename OnFrame>
Result<void> FrameScanner::feed(std::string_view bytes, OnFrame&& on_frame) {
  const std::size_t frame_size = shape_->frame_size();
  while (!bytes.empty()) {
    if (offset_ == 0 && bytes.size() >= frame_size) {
      if (!whole_frame_is_right(bytes.data())) {
        return wrong(bytes);
      }
      on_frame(read_stamp(bytes.data() + shape_->header().size()));
      bytes.remove_prefix(frame_size);
      continue;
    }
    const std::size_t consumed = consume_part(bytes);
    if (consumed == 0) {
      return wrong(bytes);
    }
    bytes.remove_prefix(consumed);
    offset_ += consumed;
    if (offset_ == frame_size) {
      offset_ = 0;
      on_frame(read_stamp(stamp_.data()));
    }
  }
  return {};
}

}  // namespace respublica::bench
