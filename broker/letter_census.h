#pragma once
// How many dead letters there are, and how old they are.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "broker/stream_id.h"

namespace respublica {

/// Counts dead letters by where they are, where their entries died and why.
///
/// Thread: its owner's.
class LetterCensus {
 public:
  struct Place {
    /// Of the letters.
    std::string dlq;
    std::string channel;
    std::string group;
    std::string reason;
    auto operator<=>(const Place&) const = default;
  };
  struct Count {
    std::uint64_t letters = 0;
    /// When the first and the last of them died, milliseconds since 1970.
    std::uint64_t oldest_ms = 0;
    std::uint64_t newest_ms = 0;
  };

  /// Counts an entry of the channel `dlq`, if it is a dead letter. Where it does not say when its entry died, that is
  /// when it was written, by its ID.
  void add(std::string_view dlq, StreamId id, std::string_view fields);
  const std::map<Place, Count>& all() const { return all_; }

 private:
  std::map<Place, Count> all_;
};

}  // namespace respublica
