#pragma once

#include <cstddef>

namespace respublica {

/// What operator new has handed out in this test program and not got back, with the bytes the allocator adds.
/// Thread: any.
struct Allocated {
  std::size_t bytes;
  /// Calls of operator new since the program began.
  std::size_t calls;
};

Allocated allocated();

}  // namespace respublica
