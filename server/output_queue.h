#pragma once
// The bytes that wait for one client.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>

#include "base/shared_bytes.h"

namespace respublica {

/// A queue of slices of blocks. Small things are copied into blocks of the queue's own, large ones are shared, so that
/// a queued large message costs one slice (16 bytes) however many queues hold it.
///
///     first slice (inline)      rest, allocated only when there is a second slice
///     [block|offset|length] --> [block|offset|length] [block|offset|length] ...
///
/// Copies fill up the last slice while that is in a block of the queue's own. An empty queue holds no memory.
/// It has no limit of its own: whoever appends asks size() and decides (see output_limits.h).
///
/// Thread: its session's io thread.
class OutputQueue {
 public:
  /// Frames up to this many bytes are cheaper to copy than to share.
  static constexpr std::size_t kCopyLimit = 512;

  /// Appends a copy of `bytes`.
  void append_copy(std::string_view bytes);
  /// Appends all bytes of `block` without copying them. The block must not change any more.
  void append_shared(const SharedBytes& block);

  bool empty() const { return size_ == 0; }
  /// Logical bytes: what the client will receive, shared or not.
  std::size_t size() const { return size_; }
  /// Slices that stand in the queue, and bytes of memory that it holds on its own (its blocks and slices, not the
  /// blocks that it shares).
  std::size_t slices() const;
  std::size_t own_bytes() const;

  /// Fills `vectors` with the first bytes of the queue; returns how many were filled.
  std::size_t gather(std::span<iovec> vectors) const;
  /// Removes the first `bytes` bytes, which have been sent.
  void consume(std::size_t bytes);
  void clear();

 private:
  struct Slice {
    SharedBytes block;
    std::uint32_t offset = 0;
    std::uint32_t length : 31 = 0;
    /// The block was allocated by this queue, which may fill it up while this is the last slice.
    std::uint32_t own : 1 = 0;
  };
  static constexpr std::size_t kMaxSlice = (std::size_t{1} << 31) - 1;

  Slice& push_slice();
  Slice* last();
  void pop_first();

  Slice first_;
  std::unique_ptr<std::deque<Slice>> rest_;
  std::size_t size_ = 0;
  /// Capacities of the own blocks, together.
  std::size_t own_block_bytes_ = 0;
};

}  // namespace respublica
