#include "server/client_version.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace respublica {
namespace {

using Version = std::array<std::uint32_t, 2>;

struct KnownClient {
  std::string_view name;
  /// The first one that takes the fields: their own releases with XADD IDMP.
  Version since;
};

constexpr std::array<KnownClient, 4> kClients{
    {{"redis-py", {7, 2}}, {"go-redis", {9, 18}}, {"node-redis", {5, 11}}, {"jedis", {7, 3}}}};

/// The first two numbers; what is none, or too large, is 0.
Version parse_version(std::string_view text) {
  Version version{};
  for (std::uint32_t& number : version) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view digits = text.substr(0, end);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) break;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return version;
}

}  // namespace

bool takes_idempotence_fields(std::string_view lib_name, std::string_view lib_ver) {
  const std::string_view name = lib_name.substr(0, lib_name.find('('));
  return std::ranges::any_of(kClients, [name, lib_ver](const KnownClient& client) {
    return client.name == name && parse_version(lib_ver) >= client.since;
  });
}

}  // namespace respublica
