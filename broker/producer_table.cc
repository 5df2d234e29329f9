#include "broker/producer_table.h"

#include <optional>

namespace respublica {

StreamProducers* ProducerTable::find(ChannelNumber stream) {
  const auto found = by_stream_.find(stream.value);
  return found == by_stream_.end() ? nullptr : found->second.producers.get();
}

bool ProducerTable::apply(const ProducerRecord& record) {
  auto found = by_stream_.find(record.channel.value);
  if (found == by_stream_.end()) {
    if (record.kind != ProducerRecord::Kind::limit) return false;
    found = by_stream_.try_emplace(record.channel.value).first;
    found->second.producers = std::make_shared<StreamProducers>(IdempotenceLimits{});
  }
  if (!found->second.producers->apply(record)) return false;
  queue(found->first, found->second);
  return true;
}

void ProducerTable::put(ChannelNumber stream, std::shared_ptr<StreamProducers> producers) {
  Slot& slot = by_stream_[stream.value];
  slot.producers = std::move(producers);
  queue(stream.value, slot);
}

void ProducerTable::queue(std::uint64_t stream, Slot& slot) {
  const std::optional<std::uint64_t> due = slot.producers->due();
  if (!due || slot.is_queued) return;
  due_.emplace(*due, stream);
  slot.is_queued = true;
}

void ProducerTable::forget_expired(std::uint64_t now_ms, std::size_t limit) {
  // A look at a stream counts, too.
  for (std::size_t done = 0; done < limit && !due_.empty() && due_.top().first <= now_ms; ++done) {
    const std::uint64_t stream = due_.top().second;
    due_.pop();
    const auto found = by_stream_.find(stream);
    if (found == by_stream_.end()) continue;
    done += found->second.producers->forget_expired(now_ms, limit - done);
    found->second.is_queued = false;
    queue(stream, found->second);
  }
}

}  // namespace respublica
