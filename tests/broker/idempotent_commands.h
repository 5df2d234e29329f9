#pragma once
// Commands of idempotent producers, in few words.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/broker/durable_commands.h"

namespace respublica::test {

inline DurableCommand add_once(std::string channel, std::string_view producer, std::string_view iid,
                               std::string_view value = "v", IdempotenceLimits limits = {}) {
  DurableCommand command = add(std::move(channel), "*", value);
  auto& append = std::get<AppendEntry>(command.change);
  append.idempotent = named_id(producer, iid);
  append.idempotence = limits;
  return command;
}

inline DurableCommand limit_idempotence(std::string channel, std::optional<std::uint32_t> duration_s,
                                        std::optional<std::uint32_t> most, IdempotenceLimits limits = {}) {
  return {std::move(channel), LimitIdempotence{duration_s, most, limits}};
}

/// "100s 100: 2 producers, 5 ids, 7 added, 1 duplicates".
inline std::string show(const ProducerDetails& details) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return number(details.limits.duration_s) + "s " + number(details.limits.most) + ": " + number(details.producers) +
         " producers, " + number(details.ids) + " ids, " + number(details.added) + " added, " +
         number(details.duplicates) + " duplicates";
}

}  // namespace respublica::test
