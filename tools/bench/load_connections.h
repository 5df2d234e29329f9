#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/bench/client_connection.h"
#include "tools/bench/delivery_order.h"
#include "tools/bench/frame_scanner.h"
#include "tools/bench/publish_batch.h"
#include "tools/bench/publish_replies.h"
#include "tools/bench/xadd_replies.h"

namespace respublica::bench {

/// A connection that hears one channel, and what it has to hear next. Owner and thread: a LoadLoop.
struct Subscriber {
  std::size_t number;
  std::size_t channel;
  ClientConnection connection;
  FrameScanner scanner;
  DeliveryOrder order;
};

/// A connection that publishes. Owner and thread: a LoadLoop.
struct Publisher {
  std::size_t number;
  ClientConnection connection;
  PublishBatch batch;
  std::variant<PublishReplies, XaddReplies> replies;
  std::uint64_t epoll_tag = 0;
  std::uint64_t next_sequence = 0;
  std::size_t unanswered = 0;    ///< commands sent or being sent whose replies have not come
  std::string_view unsent = {};  ///< the rest of the current batch
  bool watches_writability = false;
  bool finished = false;        ///< has nothing more to publish in this phase
  std::uint64_t scheduled = 0;  ///< open loop: messages of this phase sent so far
};

}  // namespace respublica::bench
