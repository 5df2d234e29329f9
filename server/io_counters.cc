#include "server/io_counters.h"

namespace respublica {
namespace {

/// Codes beyond these are counted in the total only; Redis stops at 128 as well.
constexpr std::size_t kMaxErrorCodes = 128;

}  // namespace

void IoCounters::count_error(std::string_view sentence) {
  error_replies.add();
  const std::string_view code = sentence.substr(0, sentence.find(' '));
  MutexLock lock(errors_mutex);
  const auto found = errors_by_code.find(code);
  if (found != errors_by_code.end()) {
    ++found->second;
  } else if (errors_by_code.size() < kMaxErrorCodes) {
    errors_by_code.emplace(code, 1);
  }
}

std::map<std::string, std::uint64_t, std::less<>> IoCounters::errors() const {
  MutexLock lock(errors_mutex);
  return errors_by_code;
}

void IoCounters::reset_errors() {
  MutexLock lock(errors_mutex);
  errors_by_code.clear();
}

}  // namespace respublica
