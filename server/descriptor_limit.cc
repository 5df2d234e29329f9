#include "server/descriptor_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "server/log.h"

namespace respublica {
namespace {

/// An io_context: epoll, its timer, its waker.
constexpr std::uint64_t kPerIoThread = 3;
/// The main thread's io_context and signals, standard streams, log, unix socket, what INFO reads; and what is open for
/// a moment only.
constexpr std::uint64_t kOthers = 32;

rlim_t raise_limit(rlim_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return wanted;
  // Only who may do anything raises the hard limit.
  rlimit raised{wanted, std::max(wanted, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  raised = {std::min(wanted, limit.rlim_max), limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

}  // namespace

std::uint64_t own_descriptors(const Settings& settings) {
  // Each io thread has a listener for each address.
  return kOthers + static_cast<std::uint64_t>(settings.io_threads) * (kPerIoThread + settings.bind.size());
}

std::uint64_t clients_below(std::uint64_t limit, const Settings& settings) {
  const std::uint64_t own = own_descriptors(settings);
  return limit > own ? limit - own : 0;
}

std::int64_t reserve_descriptors(const Settings& settings) {
  const rlim_t wanted = static_cast<rlim_t>(settings.maxclients) + own_descriptors(settings);
  return static_cast<std::int64_t>(clients_below(raise_limit(wanted), settings));
}

Result<void> fit_clients(Settings& settings) {
  const std::int64_t possible = reserve_descriptors(settings);
  if (possible >= settings.maxclients) return {};
  const std::uint64_t own = own_descriptors(settings);
  if (possible == 0) {
    return Error{fmt::format("the limit of open files (ulimit -n) is too low: the broker itself needs {}", own)};
  }
  log_event(LogLevel::warning, "the limit of open files (ulimit -n) is too low, lowering maxclients",
            {{"wanted", settings.maxclients},
             {"maxclients", possible},
             {"needed_limit", static_cast<std::uint64_t>(settings.maxclients) + own}});
  settings.maxclients = possible;
  return {};
}

}  // namespace respublica
