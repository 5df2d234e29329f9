#include "server/commands/command_tips.h"

#include <algorithm>
#include <array>

namespace respublica {
namespace {

/// Commands that share their tips.
struct Tips {
  std::array<std::string_view, 3> tips;
  std::array<std::string_view, 16> names;
};

constexpr Tips kTips[] = {
    {{"nondeterministic_output"},
     {"client|info", "client|list", "object|encoding", "object|freq", "object|idletime", "object|refcount", "pttl",
      "time", "ttl", "xadd", "xautoclaim", "xclaim", "xinfo|consumers", "xpending", "xtrim"}},
    {{"nondeterministic_output_order"}, {"command", "command|docs", "command|info", "command|list", "module|list"}},
    {{"request_policy:all_nodes", "response_policy:all_succeeded"},
     {"config|set", "latency|reset", "script|flush", "slowlog|reset"}},
    {{"request_policy:all_shards", "response_policy:agg_sum"}, {"dbsize"}},
    {{"request_policy:multi_shard", "response_policy:agg_sum"}, {"del", "exists", "touch", "unlink"}},
    {{"request_policy:all_shards", "response_policy:all_succeeded"},
     {"flushall", "flushdb", "function|flush", "memory|purge", "ping"}},
    {{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
     {"info", "memory|doctor", "memory|malloc-stats", "memory|stats"}},
    {{"request_policy:all_shards", "nondeterministic_output_order"}, {"keys"}},
    {{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
     {"latency|doctor", "latency|graph", "latency|histogram", "latency|history", "latency|latest"}},
    {{"request_policy:all_shards", "nondeterministic_output"}, {"randomkey"}},
    {{"nondeterministic_output", "request_policy:special"}, {"scan"}},
    {{"request_policy:all_nodes", "nondeterministic_output"}, {"slowlog|get"}},
    {{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"}, {"slowlog|len"}},
    {{"request_policy:all_shards", "response_policy:agg_min"}, {"wait", "waitaof"}},
};

}  // namespace

std::span<const std::string_view> command_tips(std::string_view name) {
  for (const Tips& each : kTips) {
    if (std::find(each.names.begin(), each.names.end(), name) == each.names.end()) continue;
    const auto end = std::find(each.tips.begin(), each.tips.end(), std::string_view());
    return std::span(each.tips).first(static_cast<std::size_t>(end - each.tips.begin()));
  }
  return {};
}

}  // namespace respublica
