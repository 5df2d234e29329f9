#pragma once

#include <cstdint>
#include <vector>

#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

/// Which messages of a load have been seen, whoever saw them and in whatever order: each is to be seen once.
/// Thread: its owner's.
class SeenMessages {
 public:
  /// False if the message was seen before.
  bool add(const PayloadStamp& stamp) {
    if (stamp.publisher >= seen_.size()) seen_.resize(stamp.publisher + 1);
    std::vector<bool>& seen = seen_[stamp.publisher];
    if (stamp.sequence >= seen.size()) seen.resize(2 * stamp.sequence + 1);
    if (seen[stamp.sequence]) return false;
    seen[stamp.sequence] = true;
    ++count_;
    return true;
  }

  std::uint64_t count() const { return count_; }

 private:
  std::vector<std::vector<bool>> seen_;  ///< by publisher, by sequence number
  std::uint64_t count_ = 0;
};

}  // namespace respublica::bench
