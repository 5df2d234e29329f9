#include "server/stats_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace respublica {
namespace {

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

std::uint64_t allocated_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::uint64_t allocator_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.arena + info.hblkhd;
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(statm >> total >> resident)) return 0;
  return resident * page_bytes();
}

std::uint64_t machine_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * page_bytes(); }

}  // namespace respublica
