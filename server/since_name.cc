#include "server/since_name.h"

#include "broker/durable_rules.h"

namespace respublica {
namespace {

std::optional<StreamId> first_of(std::string_view from, std::uint64_t now_ms) {
  if (const std::optional<StreamId> id = parse_stream_id(from, 0)) {
    return from.find('-') == std::string_view::npos ? id : id->next();
  }
  const std::optional<std::chrono::milliseconds> duration = parse_duration(from);
  if (!duration) return std::nullopt;
  const auto back = static_cast<std::uint64_t>(duration->count());
  return StreamId{back < now_ms ? now_ms - back : 0, 0};
}

}  // namespace

std::optional<SinceName> parse_since_name(std::string_view name, std::uint64_t now_ms) {
  if (!is_since_name(name)) return std::nullopt;
  name.remove_prefix(kSincePrefix.size());
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<StreamId> first = first_of(name.substr(0, colon), now_ms);
  if (!first) return std::nullopt;
  return SinceName{*first, name.substr(colon + 1)};
}

}  // namespace respublica
