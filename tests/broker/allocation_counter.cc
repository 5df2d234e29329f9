#include "tests/broker/allocation_counter.h"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RESPUBLICA_SANITIZED_HEAP 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RESPUBLICA_SANITIZED_HEAP 1
#endif

namespace respublica {
namespace {

std::atomic<std::size_t> bytes{0};
std::atomic<std::size_t> calls{0};

}  // namespace

Allocated allocated() { return {bytes.load(), calls.load()}; }

}  // namespace respublica

#if defined(RESPUBLICA_SANITIZED_HEAP)

// A sanitizer has operators of its own and tells of each block; its own overhead is not counted.
#include <sanitizer/allocator_interface.h>

namespace respublica {
namespace {

const int kInstalled = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t size) {
      bytes += size;
      ++calls;
    },
    [](const volatile void* block) {
      if (block != nullptr) bytes -= __sanitizer_get_allocated_size(block);
    });

}  // namespace
}  // namespace respublica

#else

#include <malloc.h>

namespace respublica {
namespace {

// In front of each block, glibc keeps its size.
constexpr std::size_t kBlockHeader = 8;

}  // namespace
}  // namespace respublica

void* operator new(std::size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  respublica::bytes += malloc_usable_size(block) + respublica::kBlockHeader;
  ++respublica::calls;
  return block;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  respublica::bytes -= malloc_usable_size(block) + respublica::kBlockHeader;
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

#endif
