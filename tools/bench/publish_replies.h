#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace respublica::bench {

/// Checks the replies to one publisher's PUBLISHes: each must be the number of its channel's subscribers.
/// Thread: its owner's.
class PublishReplies {
 public:
  /// receivers[c] is the number of subscribers of channel c. The publisher's message k goes to channel
  /// (publisher + k) mod receivers.size().
  PublishReplies(std::size_t publisher, const std::vector<std::size_t>& receivers);

  /// Takes the next bytes of the stream; returns how many replies they complete.
  /// Error: a reply is an error or another number; the text shows it.
  Result<std::size_t> feed(std::string_view bytes);

 private:
  std::vector<std::string> expected_;  ///< in the order in which they come, then again from the start
  std::size_t current_ = 0;
  std::size_t offset_ = 0;  ///< bytes of the current reply already seen
};

}  // namespace respublica::bench
