#pragma once
// A block of bytes, written once, then shared by reference count.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace respublica {

/// A handle on a reference-counted block of bytes.
///
///     SharedBytes --> [ references | size | capacity | bytes ... ]
///
/// Whoever allocates a block fills it (data(), set_size()) before handing out copies of the handle; from then on the
/// bytes never change. One pointer wide. The bytes are not initialised.
///
/// Thread: the handle is its owner's; the block may be shared by any thread once filled.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(const SharedBytes& other) noexcept : block_(other.block_) { retain(); }
  SharedBytes(SharedBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBytes() { release(); }

  /// A block with room for `capacity` bytes and size 0. Throws std::bad_alloc.
  static SharedBytes allocate(std::size_t capacity);

  /// A block that holds a copy of `bytes`.
  static SharedBytes copy_of(std::string_view bytes);

  explicit operator bool() const { return block_ != nullptr; }
  char* data() { return reinterpret_cast<char*>(block_ + 1); }
  const char* data() const { return reinterpret_cast<const char*>(block_ + 1); }
  std::size_t size() const { return block_->size; }
  std::size_t capacity() const { return block_->capacity; }
  std::string_view view() const { return {data(), size()}; }

  /// Before the first share only, and not above capacity().
  void set_size(std::size_t size) { block_->size = size; }

  /// True when no other handle refers to the block.
  bool unique() const { return block_->references.load(std::memory_order_acquire) == 1; }

 private:
  struct Block {
    std::atomic<std::uint32_t> references;
    std::size_t size;
    std::size_t capacity;
  };

  explicit SharedBytes(Block* block) : block_(block) {}
  void retain() noexcept {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(block_);
  }
  static void destroy(Block* block) noexcept;

  Block* block_ = nullptr;
};

}  // namespace respublica
