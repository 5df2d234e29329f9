#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

/// Checks that one subscriber hears each publisher's messages on its channel without a gap, a repetition or a change
/// of order. Message k of publisher p goes to channel (p + k) mod channels, so on one channel a publisher's sequence
/// numbers grow by `channels`.
///
/// Owner: the subscriber's connection. Thread: its owner's.
class DeliveryOrder {
 public:
  DeliveryOrder(std::size_t channel, std::size_t channels, std::size_t publishers);

  /// False: this is not the message that has to come next; describe() says what was expected.
  bool accept(const PayloadStamp& stamp) {
    if (stamp.publisher >= next_.size() || next_[stamp.publisher] != stamp.sequence) {
      return false;
    }
    next_[stamp.publisher] += channels_;
    digest_ = (digest_ ^ (stamp.sequence << 20U) ^ stamp.publisher) * kDigestPrime;
    return true;
  }

  /// The sentence for a stamp that was not accepted.
  Error describe(const PayloadStamp& stamp) const;

  /// Depends on the whole order of what was accepted: two subscribers of one channel must have the same.
  std::uint64_t digest() const { return digest_; }

 private:
  static constexpr std::uint64_t kDigestPrime = 0x100000001b3;

  std::uint64_t channels_;
  std::vector<std::uint64_t> next_;  ///< by publisher: the sequence number that has to come next
  std::uint64_t digest_ = 0xcbf29ce484222325;
};

}  // namespace respublica::bench
