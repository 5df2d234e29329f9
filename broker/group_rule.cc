#include "broker/group_rule.h"

#include <algorithm>
#include <array>
#include <utility>

namespace respublica {

GroupRule::Milliseconds GroupRule::retry_delay(Deliveries deliveries) const {
  if (backoff.empty()) return Milliseconds(0);
  const std::size_t failures = std::max<std::size_t>(deliveries, 1);
  return backoff[std::min(failures, backoff.size()) - 1];
}

std::string GroupRule::dlq_of(std::string_view channel, std::string_view group) const {
  const std::array<std::pair<std::string_view, std::string_view>, 2> names{{{"%channel", channel}, {"%group", group}}};
  std::string name;
  std::string_view rest = dlq;
  while (!rest.empty()) {
    const auto* const found =
        std::ranges::find_if(names, [rest](const auto& each) { return rest.starts_with(each.first); });
    name += found == names.end() ? rest.substr(0, 1) : found->second;
    rest.remove_prefix(found == names.end() ? 1 : found->first.size());
  }
  return name;
}

bool GroupRule::is_dlq(std::string_view channel) const {
  const std::size_t literal = std::min(dlq.find("%channel"), dlq.find("%group"));
  if (literal == std::string::npos) return channel == dlq;
  return literal > 0 && channel.starts_with(std::string_view(dlq).substr(0, literal));
}

}  // namespace respublica
