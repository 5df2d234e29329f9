#pragma once
// The idempotent producers of all streams.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "broker/stream_producers.h"
#include "storage/producer_record.h"

namespace respublica {

/// By the number of the stream; a stream that never had an idempotent producer is not in it. All of it changes with
/// records of the log.
///
/// Thread: the sequencer.
class ProducerTable {
 public:
  /// Null when the stream has none.
  StreamProducers* find(ChannelNumber stream);
  /// As StreamProducers::apply(). The first record of a stream has limits.
  [[nodiscard]] bool apply(const ProducerRecord& record);
  void put(ChannelNumber stream, std::shared_ptr<StreamProducers> producers);
  /// The stream is gone.
  void drop(ChannelNumber stream) { by_stream_.erase(stream.value); }

  /// Lets go of IDs whose time is over at `now_ms`, milliseconds since 1970, until some `limit` of them have gone.
  /// Nobody sees a difference but in memory.
  void forget_expired(std::uint64_t now_ms, std::size_t limit);

 private:
  struct Slot {
    std::shared_ptr<StreamProducers> producers;
    /// It is in due_.
    bool is_queued = false;
  };
  using Due = std::pair<std::uint64_t, std::uint64_t>;

  void queue(std::uint64_t stream, Slot& slot);

  boost::unordered_flat_map<std::uint64_t, Slot> by_stream_;
  /// A time at which there may be something to forget, and of which stream: once for each that has producers. It may be
  /// too early, or of a stream that is gone.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace respublica
