#include "broker/stream_producers.h"

#include <iterator>

#include "broker/stream.h"

namespace respublica {

bool read_limits(std::uint64_t duration_s, std::uint64_t most, IdempotenceLimits& limits) {
  if (duration_s == 0 || duration_s > IdempotenceLimits::kMostSeconds) return false;
  if (most == 0 || most > IdempotenceLimits::kMostIds) return false;
  limits.duration_s = static_cast<std::uint32_t>(duration_s);
  limits.most = static_cast<std::uint32_t>(most);
  return true;
}

const OriginalEntry* StreamProducers::find(const IdempotentId& id, std::uint64_t now_ms) const {
  const auto producer = by_name_.find(id.producer);
  if (producer == by_name_.end()) return nullptr;
  const OriginalEntry* const original = producer->second->ids.find(id.iid);
  const std::optional<std::uint64_t> over = over_since(now_ms);
  return original == nullptr || (over && original->added_ms <= *over) ? nullptr : original;
}

bool StreamProducers::apply(const ProducerRecord& record) {
  if (record.kind == ProducerRecord::Kind::limit) return limit(record);
  const OriginalEntry original{to_stream_id(record.entry), record.entry.high - record.ahead_ms};
  TrackedIds& ids = touch(record.producer).ids;
  if (const auto over = over_since(original.added_ms)) ids.forget_until(*over);
  if (!ids.add(record.iid, original)) return false;
  ids.forget_beyond(limits_.most);
  ++added_;
  return true;
}

std::optional<std::uint64_t> StreamProducers::over_since(std::uint64_t now_ms) const {
  if (now_ms < duration_ms()) return std::nullopt;
  return now_ms - duration_ms();
}

bool StreamProducers::limit(const ProducerRecord& record) {
  by_name_.clear();
  producers_.clear();
  return read_limits(record.duration_s, record.most, limits_);
}

StreamProducers::Producer& StreamProducers::touch(const Fingerprint& name) {
  const auto [place, is_new] = by_name_.try_emplace(name);
  if (is_new) {
    place->second = producers_.emplace(producers_.end());
    place->second->name = name;
  } else {
    producers_.splice(producers_.end(), producers_, place->second);
  }
  return producers_.back();
}

void StreamProducers::forget(Producers::iterator producer) {
  by_name_.erase(producer->name);
  producers_.erase(producer);
}

std::size_t StreamProducers::forget_expired(std::uint64_t now_ms, std::size_t limit) {
  std::size_t gone = 0;
  const std::optional<std::uint64_t> over = over_since(now_ms);
  while (over && !producers_.empty() && gone < limit && producers_.front().ids.newest_ms() <= *over) {
    gone += producers_.front().ids.size();
    forget(producers_.begin());
  }
  return gone;
}

std::optional<std::uint64_t> StreamProducers::due() const {
  if (producers_.empty()) return std::nullopt;
  return producers_.front().ids.newest_ms() + duration_ms();
}

StreamProducers::Counts StreamProducers::count(std::uint64_t now_ms) {
  const std::optional<std::uint64_t> over = over_since(now_ms);
  Counts counts;
  for (auto producer = producers_.begin(); producer != producers_.end();) {
    const auto next = std::next(producer);
    if (over) producer->ids.forget_until(*over);
    counts.ids += producer->ids.size();
    if (producer->ids.size() == 0) {
      forget(producer);
    } else {
      ++counts.producers;
    }
    producer = next;
  }
  return counts;
}

bool StreamProducers::restore(const IdempotentId& id, const OriginalEntry& original) {
  TrackedIds& ids = touch(id.producer).ids;
  return ids.size() < limits_.most && ids.add(id.iid, original);
}

void StreamProducers::restore_counts(std::uint64_t added, std::uint64_t duplicates) {
  added_ = added;
  duplicates_ = duplicates;
}

}  // namespace respublica
