#include "server/output_queue.h"

#include <algorithm>
#include <cstring>

namespace respublica {
namespace {

/// Own blocks: the first is small enough for the allocator's thread cache, the next ones grow with what is queued.
constexpr std::size_t kFirstBlock = 960;
constexpr std::size_t kLargestBlock = 16 * 1024;

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
    Slice* tail = last();
    if (tail == nullptr || tail->own == 0 || tail->block.size() == tail->block.capacity()) {
      const std::size_t grown = std::clamp(size_, kFirstBlock, kLargestBlock);
      Slice& slice = push_slice();
      slice.block = SharedBytes::allocate(std::max(grown, std::min(bytes.size(), kLargestBlock)));
      slice.offset = 0;
      slice.length = 0;
      slice.own = 1;
      own_block_bytes_ += slice.block.capacity();
      tail = &slice;
    }
    const std::size_t room = tail->block.capacity() - tail->block.size();
    const std::size_t part = std::min(room, bytes.size());
    std::memcpy(tail->block.data() + tail->block.size(), bytes.data(), part);
    tail->block.set_size(tail->block.size() + part);
    tail->length = (tail->length + part) & kMaxSlice;
    size_ += part;
    bytes.remove_prefix(part);
  }
}

void OutputQueue::append_shared(const SharedBytes& block) {
  if (block.size() == 0) return;
  const std::size_t part = std::min(block.size(), kMaxSlice);
  Slice& slice = push_slice();
  slice.block = block;
  slice.offset = 0;
  slice.length = part & kMaxSlice;
  slice.own = 0;
  size_ += part;
  append_copy(block.view().substr(part));
}

std::size_t OutputQueue::slices() const { return size_ == 0 ? 0 : 1 + (rest_ ? rest_->size() : 0); }

std::size_t OutputQueue::own_bytes() const {
  return own_block_bytes_ + (rest_ ? sizeof(*rest_) + rest_->size() * sizeof(Slice) : 0);
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
  if (first_.own != 0) own_block_bytes_ -= first_.block.capacity();
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
  first_.length = (first_.length - bytes) & kMaxSlice;
}

void OutputQueue::clear() {
  first_ = Slice();
  rest_.reset();
  size_ = 0;
  own_block_bytes_ = 0;
}

}  // namespace respublica
