#include "server/request_input.h"

#include <algorithm>
#include <cstring>

namespace respublica {
namespace {

/// A block's first size, unless the bulk string is smaller; then it doubles.
constexpr std::size_t kFirstBlock = 1024 * 1024;

}  // namespace

std::size_t RequestInput::room(std::array<iovec, 2>& vectors, std::span<char> shared) {
  std::size_t filled = 0;
  if (pending_ && pending_->block) {
    const SharedBytes& block = pending_->block;
    vectors[filled++] = {pending_->block.data() + pending_->block_filled, block.capacity() - pending_->block_filled};
    // What follows the bulk string can only be told apart once the block has its final size.
    if (block.capacity() != pending_->block_size) return filled;
  }
  vectors[filled++] = {shared.data(), shared.size()};
  return filled;
}

std::optional<std::string_view> RequestInput::received(std::size_t bytes, std::span<const char> shared) {
  if (!pending_) return std::string_view(shared.data(), bytes);
  if (pending_->block) {
    const std::size_t part = std::min(bytes, pending_->block.capacity() - pending_->block_filled);
    pending_->block_filled += part;
    bytes -= part;
    if (!block_complete()) {
      grow_block();
      return std::nullopt;
    }
    pending_->parser.adopt_bulk(std::move(pending_->block));
    pending_->block = SharedBytes();
  }
  pending_->bytes.append(shared.data(), bytes);
  return pending_->kept();
}

void RequestInput::hold(std::string_view bytes) {
  if (!pending_) pending_ = std::make_unique<Pending>();
  pending_->bytes += bytes;
}

void RequestInput::keep(std::string_view rest, RequestParser& shared) {
  if (rest.empty()) {
    pending_.reset();
    return;
  }
  if (pending_) {
    pending_->parser.forget_served();
    pending_->keep_last(rest.size());
    return;
  }
  pending_ = std::make_unique<Pending>();
  pending_->bytes = rest;
  pending_->parser = std::move(shared);
  pending_->parser.forget_served();
  shared = RequestParser();
}

void RequestInput::Pending::keep_last(std::size_t count) {
  served = bytes.size() - count;
  if (served <= count) return;
  if (count < bytes.capacity() / 4) {
    std::string(kept()).swap(bytes);
  } else {
    bytes.erase(0, served);
  }
  served = 0;
}

void RequestInput::begin_block() {
  if (!pending_ || pending_->block || pending_->parser.wanted_bulk() == 0) return;
  const std::size_t start = std::min(pending_->served + pending_->parser.bulk_start(), pending_->bytes.size());
  const std::string_view have = std::string_view(pending_->bytes).substr(start);
  pending_->block_size = pending_->parser.wanted_bulk() + 2;
  pending_->block = SharedBytes::allocate(std::min(pending_->block_size, std::max(kFirstBlock, have.size())));
  pending_->block_filled = have.size();
  std::memcpy(pending_->block.data(), have.data(), have.size());
  pending_->bytes.resize(start);
  grow_block();
}

bool RequestInput::block_complete() const { return pending_->block_filled == pending_->block_size; }

void RequestInput::grow_block() {
  SharedBytes& block = pending_->block;
  if (pending_->block_filled < block.capacity()) return;
  SharedBytes larger = SharedBytes::allocate(std::min(pending_->block_size, 2 * block.capacity()));
  std::memcpy(larger.data(), block.data(), pending_->block_filled);
  block = std::move(larger);
}

std::size_t RequestInput::memory() const {
  if (!pending_) return 0;
  return sizeof(Pending) + pending_->parser.memory() + pending_->bytes.capacity() +
         (pending_->block ? pending_->block.capacity() : 0);
}

}  // namespace respublica
