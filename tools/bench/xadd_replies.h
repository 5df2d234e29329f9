#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace respublica::bench {

/// Checks the replies to one publisher's XADDs: each must be an entry's ID, greater than the one before it on its
/// channel. Thread: its owner's.
class XaddReplies {
 public:
  /// The publisher's message k goes to channel (publisher + k) mod channels.
  XaddReplies(std::size_t publisher, std::size_t channels) : last_(channels), channel_(publisher % channels) {}

  /// Takes the next bytes of the stream; returns how many replies they complete.
  /// Error: a reply is no ID, or no greater one; the text shows it.
  Result<std::size_t> feed(std::string_view bytes);

 private:
  using Id = std::pair<std::uint64_t, std::uint64_t>;

  /// The size of the reply at the start of `bytes`, 0 if it is not complete.
  Result<std::size_t> take_reply(std::string_view bytes);

  std::vector<Id> last_;  ///< by channel
  std::size_t channel_;   ///< of the next reply
  std::string cut_;       ///< the beginning of a reply whose end has not come
};

}  // namespace respublica::bench
