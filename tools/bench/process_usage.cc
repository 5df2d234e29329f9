#include "tools/bench/process_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include "tools/bench/bench_error.h"

namespace respublica::bench {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::string read_proc(pid_t pid, std::string_view file) {
  std::ifstream stream(fmt::format("/proc/{}/{}", pid, file));
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (text.empty()) {
    throw BenchError(
        fmt::format("cannot read /proc/{}/{}: the process is gone or belongs to somebody else", pid, file));
  }
  return text;
}

std::int64_t total_run_time_ns(pid_t pid) {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    throw BenchError(fmt::format("process {} is gone: cannot read its CPU time", pid));
  }
  return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec;
}

/// The number behind "name:" in a /proc file whose lines read "name: 123 kB", in bytes.
std::int64_t kilobytes_line(const std::string& text, std::string_view name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':') {
      return std::stoll(line.substr(name.size() + 1)) * 1024;
    }
  }
  throw BenchError(fmt::format("no {} in /proc", name));
}

}  // namespace

CpuTime cpu_time_of(pid_t pid) {
  CpuTime time;
  time.total_ns = total_run_time_ns(pid);
  const std::string stat = read_proc(pid, "stat");
  // The second field is the program's name in parentheses and may contain blanks; utime and stime are fields 14, 15.
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) {
    fields >> skipped;
  }
  std::int64_t user_ticks = 0;
  std::int64_t system_ticks = 0;
  fields >> user_ticks >> system_ticks;
  const std::int64_t tick_ns = kNanosecondsPerSecond / sysconf(_SC_CLK_TCK);
  time.user_ns = user_ticks * tick_ns;
  time.system_ns = system_ticks * tick_ns;
  return time;
}

std::int64_t anonymous_memory_of(pid_t pid) { return kilobytes_line(read_proc(pid, "smaps_rollup"), "Anonymous"); }

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

}  // namespace respublica::bench
