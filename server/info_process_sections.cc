// INFO's sections about the process: server, memory, cpu.

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "server/info_report.h"
#include "server/stats_memory.h"

namespace respublica {
namespace {

std::string operating_system() {
  utsname name{};
  if (::uname(&name) != 0) return "unknown";
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

std::string executable() {
  std::array<char, 4096> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length <= 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(length));
}

std::string policy_name(EvictionPolicy policy) {
  switch (policy) {
    case EvictionPolicy::volatile_lru:
      return "volatile-lru";
    case EvictionPolicy::volatile_lfu:
      return "volatile-lfu";
    case EvictionPolicy::volatile_random:
      return "volatile-random";
    case EvictionPolicy::volatile_ttl:
      return "volatile-ttl";
    case EvictionPolicy::allkeys_lru:
      return "allkeys-lru";
    case EvictionPolicy::allkeys_lfu:
      return "allkeys-lfu";
    case EvictionPolicy::allkeys_random:
      return "allkeys-random";
    case EvictionPolicy::none:
      break;
  }
  return "noeviction";
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::int64_t difference(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b);
}

}  // namespace

void write_info_server(InfoWriter& out, ServerState& server) {
  using std::chrono::duration_cast;
  const auto settings = server.settings();
  const auto uptime = duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - server.started()).count();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  constexpr std::int64_t kSecondsPerDay = 86400;
  constexpr std::int64_t kLruClockMask = (1 << 24) - 1;
  out.section("Server");
  out.field("redis_version", RESPUBLICA_REDIS_VERSION);
  out.field("redis_git_sha1", "00000000");
  out.field("redis_git_dirty", 0);
  out.field("redis_build_id", "respublica-" RESPUBLICA_VERSION);
  out.field("redis_mode", "standalone");
  out.field("os", operating_system());
  out.field("arch_bits", sizeof(void*) * 8);
  out.field("monotonic_clock", "POSIX clock_gettime");
  out.field("multiplexing_api", "epoll");
  out.field("atomicvar_api", "c11-builtin");
  out.field("gcc_version", fmt::format("{}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__));
  out.field("process_id", ::getpid());
  out.field("process_supervised", settings->supervised == Supervised::no ? "no" : "systemd");
  out.field("run_id", server.run_id());
  out.field("tcp_port", server.port());
  out.field("server_time_usec", duration_cast<std::chrono::microseconds>(now).count());
  out.field("uptime_in_seconds", uptime);
  out.field("uptime_in_days", uptime / kSecondsPerDay);
  out.field("hz", settings->hz);
  out.field("configured_hz", settings->hz);
  out.field("lru_clock", duration_cast<std::chrono::seconds>(now).count() & kLruClockMask);
  out.field("executable", executable());
  out.field("config_file", server.config_file());
  out.field("io_threads_active", server.counters().size() > 1 ? 1 : 0);
  out.field("respublica_version", RESPUBLICA_VERSION);
}

void write_info_memory(InfoWriter& out, ServerState& server, const ClientFigures& clients) {
  const auto settings = server.settings();
  const std::uint64_t used = allocated_bytes();
  const std::uint64_t from_system = std::max(allocator_bytes(), used);
  const std::uint64_t resident = resident_bytes();
  const std::uint64_t peak = server.stats().note_memory(used);
  const std::uint64_t of_clients = clients.memory_bytes + clients.output_bytes;
  out.section("Memory");
  out.bytes("used_memory", used);
  out.bytes("used_memory_rss", resident);
  out.bytes("used_memory_peak", peak);
  out.field("used_memory_peak_perc", fmt::format("{:.2f}%", 100 * ratio(used, peak)));
  out.field("used_memory_overhead", used);
  out.field("used_memory_startup", 0);
  out.field("used_memory_dataset", 0);
  out.field("used_memory_dataset_perc", "0.00%");
  out.field("allocator_allocated", used);
  out.field("allocator_active", from_system);
  out.field("allocator_resident", resident);
  out.bytes("total_system_memory", machine_bytes());
  out.bytes("used_memory_lua", 0);
  out.bytes("used_memory_scripts", 0);
  out.field("number_of_cached_scripts", 0);
  out.field("number_of_functions", 0);
  out.field("number_of_libraries", 0);
  out.bytes("maxmemory", settings->maxmemory);
  out.field("maxmemory_policy", policy_name(settings->maxmemory_policy));
  out.decimal("allocator_frag_ratio", ratio(from_system, used), 2);
  out.field("allocator_frag_bytes", from_system - used);
  out.decimal("allocator_rss_ratio", ratio(resident, from_system), 2);
  out.field("allocator_rss_bytes", difference(resident, from_system));
  out.decimal("rss_overhead_ratio", 1, 2);
  out.field("rss_overhead_bytes", 0);
  out.decimal("mem_fragmentation_ratio", ratio(resident, used), 2);
  out.field("mem_fragmentation_bytes", difference(resident, used));
  out.field("mem_not_counted_for_evict", 0);
  out.field("mem_replication_backlog", 0);
  out.field("mem_total_replication_buffers", 0);
  out.field("mem_clients_slaves", 0);
  out.field("mem_clients_normal", of_clients);
  out.field("mem_cluster_links", 0);
  out.field("mem_aof_buffer", 0);
  out.field("mem_allocator", "libc");
  out.field("active_defrag_running", 0);
  out.field("lazyfree_pending_objects", 0);
  out.field("lazyfreed_objects", 0);
}

void write_info_cpu(InfoWriter& out) {
  rusage self{};
  rusage children{};
  ::getrusage(RUSAGE_SELF, &self);
  ::getrusage(RUSAGE_CHILDREN, &children);
  out.section("CPU");
  out.decimal("used_cpu_sys", seconds(self.ru_stime), 6);
  out.decimal("used_cpu_user", seconds(self.ru_utime), 6);
  out.decimal("used_cpu_sys_children", seconds(children.ru_stime), 6);
  out.decimal("used_cpu_user_children", seconds(children.ru_utime), 6);
}

}  // namespace respublica
