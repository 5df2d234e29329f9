#include "tools/bench/publish_replies.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/bench/printable.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kExcerpt = 120;

}  // namespace

PublishReplies::PublishReplies(std::size_t publisher, const std::vector<std::size_t>& receivers) {
  const bool all_equal = std::equal(receivers.begin() + 1, receivers.end(), receivers.begin());
  const std::size_t cycle = all_equal ? 1 : receivers.size();
  for (std::size_t k = 0; k < cycle; ++k) {
    expected_.push_back(fmt::format(":{}\r\n", receivers[(publisher + k) % receivers.size()]));
  }
}

Result<std::size_t> PublishReplies::feed(std::string_view bytes) {
  std::size_t replies = 0;
  while (!bytes.empty()) {
    const std::string& reply = expected_[current_];
    const std::size_t size = std::min(bytes.size(), reply.size() - offset_);
    if (bytes.substr(0, size) != std::string_view(reply).substr(offset_, size)) {
      return Error{fmt::format("PUBLISH must answer {} (byte {}), got {}", printable(reply), offset_,
                               printable(bytes.substr(0, kExcerpt)))};
    }
    bytes.remove_prefix(size);
    offset_ += size;
    if (offset_ == reply.size()) {
      offset_ = 0;
      ++replies;
      current_ = current_ + 1 == expected_.size() ? 0 : current_ + 1;
    }
  }
  return replies;
}

}  // namespace respublica::bench
