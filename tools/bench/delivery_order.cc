#include "tools/bench/delivery_order.h"

#include <fmt/format.h>

namespace respublica::bench {

DeliveryOrder::DeliveryOrder(std::size_t channel, std::size_t channels, std::size_t publishers) : channels_(channels) {
  next_.reserve(publishers);
  for (std::size_t publisher = 0; publisher < publishers; ++publisher) {
    next_.push_back((channel + channels - publisher % channels) % channels);
  }
}

Error DeliveryOrder::describe(const PayloadStamp& stamp) const {
  if (stamp.publisher >= next_.size()) {
    return {fmt::format("a message of publisher {}, but there are only {}", stamp.publisher, next_.size())};
  }
  const std::uint64_t expected = next_[stamp.publisher];
  const char* what = stamp.sequence > expected ? "lost or reordered" : "repeated or reordered";
  return {fmt::format("message {}: publisher {} has to be at sequence number {}, got {}", what, stamp.publisher,
                      expected, stamp.sequence)};
}

}  // namespace respublica::bench
