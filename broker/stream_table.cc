#include "broker/stream_table.h"

#include <utility>

#include "broker/virtual_channel.h"

namespace respublica {

std::shared_ptr<const Stream> StreamTable::find(std::string_view name) const {
  const Part& part = part_of(name);
  MutexLock lock(part.mutex);
  const auto found = part.streams.find(name);
  return found == part.streams.end() ? nullptr : found->stream;
}

std::shared_ptr<const Stream> StreamTable::find(ChannelNumber number) const {
  MutexLock lock(numbers_mutex_);
  // What is put or erased from now on waits for the lock, unless number_all() sees that it was.
  if (!numbered_.exchange(true, std::memory_order_seq_cst)) number_all();
  const auto found = numbers_.find(number.value);
  return found == numbers_.end() ? nullptr : found->second;
}

void StreamTable::number_all() const {
  for (std::size_t i = 0; i < kParts; ++i) {
    for (std::shared_ptr<const Stream>& stream : part(i)) numbers_[stream->number().value] = std::move(stream);
  }
}

void StreamTable::put(std::shared_ptr<const Stream> stream) {
  Part& part = part_of(stream->name());
  // What is replaced is destroyed after the lock is given back.
  Slot slot{stream};
  {
    MutexLock lock(part.mutex);
    const auto [found, added] = part.streams.insert(slot);
    if (added) {
      slot.stream = nullptr;
      if (is_broker_name(stream->name())) ++own_;
    } else {
      std::swap(found->stream, slot.stream);
    }
  }
  if (!numbered_.load(std::memory_order_seq_cst)) return;
  MutexLock lock(numbers_mutex_);
  // One that was dropped and made again has another number.
  if (slot.stream != nullptr && slot.stream->number() != stream->number()) numbers_.erase(slot.stream->number().value);
  const std::uint64_t number = stream->number().value;
  numbers_[number] = std::move(stream);
}

void StreamTable::fill(std::vector<std::shared_ptr<const Stream>> streams) {
  // Part by part, so that the processor's cache holds what is being filled.
  std::array<std::vector<std::shared_ptr<const Stream>>, kParts> of_part;
  for (std::shared_ptr<const Stream>& stream : streams) {
    of_part[hash_(stream->name()) % kParts].push_back(std::move(stream));
  }
  for (std::size_t i = 0; i < kParts; ++i) {
    Part& part = parts_[i];
    MutexLock lock(part.mutex);
    part.streams.reserve(part.streams.size() + of_part[i].size());
    for (std::shared_ptr<const Stream>& stream : of_part[i]) {
      if (is_broker_name(stream->name())) ++own_;
      part.streams.insert(Slot{std::move(stream)});
    }
    of_part[i] = {};
  }
}

void StreamTable::erase(std::string_view name) {
  Part& part = part_of(name);
  std::shared_ptr<const Stream> erased;
  {
    MutexLock lock(part.mutex);
    const auto found = part.streams.find(name);
    if (found == part.streams.end()) return;
    erased = found->stream;
    if (is_broker_name(name)) --own_;
    part.streams.erase(found);
  }
  if (!numbered_.load(std::memory_order_seq_cst)) return;
  MutexLock lock(numbers_mutex_);
  numbers_.erase(erased->number().value);
}

std::size_t StreamTable::size() const {
  std::size_t size = 0;
  for (const Part& part : parts_) {
    MutexLock lock(part.mutex);
    size += part.streams.size();
  }
  return size;
}

std::vector<std::shared_ptr<const Stream>> StreamTable::part(std::size_t index) const {
  std::vector<std::shared_ptr<const Stream>> streams;
  const Part& part = parts_[index];
  MutexLock lock(part.mutex);
  streams.reserve(part.streams.size());
  for (const Slot& slot : part.streams) streams.push_back(slot.stream);
  return streams;
}

std::vector<std::shared_ptr<const Stream>> StreamTable::all() const {
  std::vector<std::shared_ptr<const Stream>> streams;
  for (std::size_t i = 0; i < kParts; ++i) {
    for (std::shared_ptr<const Stream>& stream : part(i)) streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace respublica
