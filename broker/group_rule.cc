#include "broker/group_rule.h"

#include <algorithm>

namespace respublica {

GroupRule::Milliseconds GroupRule::retry_delay(Deliveries deliveries) const {
  if (backoff.empty()) return Milliseconds(0);
  const std::size_t failures = std::max<std::size_t>(deliveries, 1);
  return backoff[std::min(failures, backoff.size()) - 1];
}

std::string GroupRule::dlq_of(std::string_view channel, std::string_view group) const {
  return filled({{{"%channel", channel}, {"%group", group}}}, [](char literal) { return std::string(1, literal); });
}

std::string GroupRule::dlq_pattern() const {
  const auto escaped = [](char literal) {
    constexpr std::string_view kSpecial = "*?[\\";
    std::string text(kSpecial.find(literal) == std::string_view::npos ? "" : "\\");
    return text + literal;
  };
  return filled({{{"%channel", "*"}, {"%group", "*"}}}, escaped);
}

template <typename Literal>
std::string GroupRule::filled(const Names& names, Literal&& literal) const {
  std::string text;
  std::string_view rest = dlq;
  while (!rest.empty()) {
    const auto* const found =
        std::ranges::find_if(names, [rest](const auto& each) { return rest.starts_with(each.first); });
    text += found == names.end() ? literal(rest.front()) : std::string(found->second);
    rest.remove_prefix(found == names.end() ? 1 : found->first.size());
  }
  return text;
}

}  // namespace respublica
