#pragma once

#include <sys/types.h>

#include <cstdint>

namespace respublica::bench {

/// CPU time a process has used since it began, all threads, ended ones too; nanoseconds.
/// The sum is exact (the kernel's run time clock). How it splits into user and system is sampled by the kernel at its
/// timer ticks, so the split needs a second or more of load to mean something.
struct CpuTime {
  std::int64_t total_ns = 0;
  std::int64_t user_ns = 0;
  std::int64_t system_ns = 0;

  friend CpuTime operator-(const CpuTime& later, const CpuTime& earlier) {
    return {later.total_ns - earlier.total_ns, later.user_ns - earlier.user_ns, later.system_ns - earlier.system_ns};
  }
};

/// Throws BenchError if there is no such process.
CpuTime cpu_time_of(pid_t pid);

/// Bytes of anonymous memory (heap, stacks) of the process that are in RAM: what it allocated and touched. The pages of
/// its program file are not counted. Throws BenchError if there is no such process.
std::int64_t anonymous_memory_of(pid_t pid);

/// CLOCK_MONOTONIC in nanoseconds.
std::int64_t monotonic_ns();

}  // namespace respublica::bench
