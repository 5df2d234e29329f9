#include "server/stats_memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

namespace respublica {
namespace {

/// Kept open, so that INFO can tell the memory when the process is out of descriptors.
int own_statm() {
  static const int kDescriptor = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  return kDescriptor;
}

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

void open_resident_bytes() { own_statm(); }

std::uint64_t resident_bytes() {
  char line[128];
  const ssize_t length = ::pread(own_statm(), line, sizeof(line), 0);
  if (length <= 0) return 0;
  // Pages: all, resident, shared...
  const char* const end = line + length;
  const char* const resident = static_cast<const char*>(std::memchr(line, ' ', static_cast<std::size_t>(length)));
  std::uint64_t pages = 0;
  if (resident == nullptr || std::from_chars(resident + 1, end, pages).ec != std::errc()) return 0;
  return pages * page_bytes();
}

std::uint64_t machine_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * page_bytes(); }

}  // namespace respublica
