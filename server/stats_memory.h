#pragma once
// The process's memory, as the allocator and the operating system see it.

#include <cstdint>

namespace respublica {

/// Bytes that the program has allocated and not given back.
/// Thread: any.
std::uint64_t allocated_bytes();

/// Bytes that the allocator has taken from the system for that.
/// Thread: any.
std::uint64_t allocator_bytes();

/// Opens what resident_bytes() reads, while there are descriptors; in the process that will ask.
/// Thread: any.
void open_resident_bytes();

/// Bytes of physical memory in use (RSS); 0 when the system does not say.
/// Thread: any.
std::uint64_t resident_bytes();

/// The machine's memory in bytes.
/// Thread: any.
std::uint64_t machine_bytes();

}  // namespace respublica
