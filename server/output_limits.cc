#include "server/output_limits.h"

#include <algorithm>
#include <limits>

#include "server/client_state.h"
#include "server/settings.h"

namespace respublica {
namespace {

OutputLimit to_limit(const OutputBufferLimit& setting) {
  return OutputLimit{setting.hard_bytes, setting.soft_bytes, std::chrono::seconds(setting.soft_seconds)};
}

}  // namespace

OutputLimit output_limit_of(const ClientState& client, const Settings& settings) {
  return to_limit(client.subscribed() ? settings.output_limits.pubsub : settings.output_limits.normal);
}

std::size_t smallest_output_limit(const Settings& settings) {
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const OutputBufferLimit& limit : {settings.output_limits.normal, settings.output_limits.pubsub}) {
    if (limit.hard_bytes != 0) smallest = std::min(smallest, static_cast<std::size_t>(limit.hard_bytes));
    if (limit.soft_bytes != 0) smallest = std::min(smallest, static_cast<std::size_t>(limit.soft_bytes));
  }
  return smallest;
}

}  // namespace respublica
