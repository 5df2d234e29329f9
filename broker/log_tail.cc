#include "broker/log_tail.h"

#include <algorithm>

namespace respublica {

void LogTail::add(LogPosition position, std::string_view bytes) {
  if (position.value != begin_.value + bytes_.size()) {
    bytes_.clear();
    begin_ = position;
  }
  if (bytes_.size() + bytes.size() > 2 * kKeptBytes) {
    const std::size_t before = kKeptBytes - std::min(kKeptBytes, bytes.size());
    const std::size_t gone = bytes_.size() - std::min(bytes_.size(), before);
    bytes_.erase(0, gone);
    const std::size_t skipped = bytes.size() - std::min(bytes.size(), kKeptBytes);
    begin_.value += gone + skipped;
    bytes.remove_prefix(skipped);
  }
  bytes_.append(bytes);
}

bool LogTail::read(LogPosition position, std::span<char> into) const {
  if (position < begin_ || position - begin_ > bytes_.size()) return false;
  const std::string_view rest = std::string_view(bytes_).substr(static_cast<std::size_t>(position - begin_));
  return rest.copy(into.data(), into.size()) == into.size();
}

}  // namespace respublica
