#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/bench/load_shape.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

/// One publisher's pipeline: `depth` PUBLISH or XADD commands, written once; before each use only stamps (and channel
/// names, if there are several) are changed in place.
///
/// Owner: the publisher's connection. Thread: its owner's.
class PublishBatch {
 public:
  /// payload_size is at least kStampSize.
  PublishBatch(WriteCommand write, std::size_t channels, std::size_t payload_size, std::size_t depth);

  /// The bytes of `count` (at most depth) commands: message i of them has stamp {publisher, sequence + i,
  /// sent_ns + i * step_ns} and goes to channel (publisher + sequence + i) mod channels.
  /// The view is valid until the next prepare().
  std::string_view prepare(std::size_t count, PayloadStamp first, std::int64_t step_ns);

  std::size_t depth() const { return depth_; }

 private:
  void put_channel(char* command, std::size_t channel);

  std::size_t channels_;
  std::size_t depth_;
  std::size_t command_size_ = 0;
  std::size_t channel_at_ = 0;  ///< of the channel's digits in a command
  std::size_t payload_at_ = 0;
  std::string bytes_;
};

}  // namespace respublica::bench
