#include "server/output_queue.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace respublica {
namespace {

/// Own blocks: the first is small enough for the allocator's thread cache, the next ones grow with what is queued.
constexpr std::size_t kFirstBlock = 960;
constexpr std::size_t kLargestBlock = 16 * 1024;
constexpr std::size_t kMaxSlice = std::numeric_limits<std::uint32_t>::max();

}  // namespace

OutputQueue::Slice* OutputQueue::last() {
  if (size_ == 0) return nullptr;
  return rest_ && !rest_->empty() ? &rest_->back() : &first_;
}

OutputQueue::Slice& OutputQueue::push_slice() {
  if (size_ == 0) return first_;
  if (!rest_) rest_ = std::make_unique<std::deque<Slice>>();
  return rest_->emplace_back();
}

void OutputQueue::append_copy(std::string_view bytes) {
  while (!bytes.empty()) {
    Slice* tail = last_is_own_ ? last() : nullptr;
    if (tail == nullptr || tail->block.size() == tail->block.capacity()) {
      const std::size_t grown = std::clamp(size_, kFirstBlock, kLargestBlock);
      Slice& slice = push_slice();
      slice.block = SharedBytes::allocate(std::max(grown, std::min(bytes.size(), kLargestBlock)));
      slice.offset = 0;
      slice.length = 0;
      last_is_own_ = true;
      tail = &slice;
    }
    const std::size_t room = tail->block.capacity() - tail->block.size();
    const std::size_t part = std::min(room, bytes.size());
    std::memcpy(tail->block.data() + tail->block.size(), bytes.data(), part);
    tail->block.set_size(tail->block.size() + part);
    tail->length += static_cast<std::uint32_t>(part);
    size_ += part;
    bytes.remove_prefix(part);
  }
}

void OutputQueue::append_shared(const SharedBytes& block) {
  for (std::size_t offset = 0; offset < block.size();) {
    const std::size_t part = std::min(block.size() - offset, kMaxSlice & ~std::size_t{4095});
    if (offset > kMaxSlice) {
      append_copy(block.view().substr(offset));
      return;
    }
    Slice& slice = push_slice();
    slice.block = block;
    slice.offset = static_cast<std::uint32_t>(offset);
    slice.length = static_cast<std::uint32_t>(part);
    size_ += part;
    offset += part;
    last_is_own_ = false;
  }
}

std::size_t OutputQueue::slices() const { return size_ == 0 ? 0 : 1 + (rest_ ? rest_->size() : 0); }

std::size_t OutputQueue::own_bytes() const {
  return (rest_ ? sizeof(*rest_) + rest_->size() * sizeof(Slice) : 0) + (last_is_own_ ? size_ : 0);
}

std::size_t OutputQueue::gather(std::span<iovec> vectors) const {
  if (size_ == 0 || vectors.empty()) return 0;
  const auto as_vector = [](const Slice& slice) {
    return iovec{const_cast<char*>(slice.block.data()) + slice.offset, slice.length};
  };
  std::size_t filled = 0;
  vectors[filled++] = as_vector(first_);
  if (!rest_) return filled;
  for (auto slice = rest_->begin(); slice != rest_->end() && filled < vectors.size(); ++slice) {
    vectors[filled++] = as_vector(*slice);
  }
  return filled;
}

void OutputQueue::pop_first() {
  if (rest_ && !rest_->empty()) {
    first_ = std::move(rest_->front());
    rest_->pop_front();
  } else {
    first_ = Slice();
  }
}

void OutputQueue::consume(std::size_t bytes) {
  size_ -= bytes;
  if (size_ == 0) {
    clear();
    return;
  }
  while (bytes >= first_.length) {
    bytes -= first_.length;
    pop_first();
  }
  first_.offset += static_cast<std::uint32_t>(bytes);
  first_.length -= static_cast<std::uint32_t>(bytes);
}

void OutputQueue::clear() {
  first_ = Slice();
  rest_.reset();
  size_ = 0;
  last_is_own_ = false;
}

}  // namespace respublica
