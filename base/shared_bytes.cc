#include "base/shared_bytes.h"

#include <cstring>
#include <new>

namespace respublica {

SharedBytes SharedBytes::allocate(std::size_t capacity) {
  void* memory = ::operator new(sizeof(Block) + capacity);
  return SharedBytes(new (memory) Block{1, 0, capacity});
}

SharedBytes SharedBytes::copy_of(std::string_view bytes) {
  SharedBytes copy = allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.data(), bytes.data(), bytes.size());
  copy.set_size(bytes.size());
  return copy;
}

void SharedBytes::destroy(Block* block) noexcept {
  block->~Block();
  ::operator delete(block);
}

}  // namespace respublica
