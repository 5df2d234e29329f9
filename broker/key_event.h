#pragma once
// What happens to streams, as those are told who ask for it: Redis's keyspace notifications,
// https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/.

#include <cstdint>
#include <string>
#include <string_view>

namespace respublica {

/// Kinds of events, as notify-keyspace-events chooses them.
enum class KeyEventClass : std::uint8_t {
  /// del, expire, persist (`g`).
  generic = 1,
  /// xadd, xdel, xtrim, xsetid (`t`).
  stream = 2,
  /// expired (`x`).
  expired = 4,
  /// new (`n`).
  made = 8,
};

/// Any of them.
class KeyEventClasses {
 public:
  void add(KeyEventClass one) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(one)); }
  bool has(KeyEventClass one) const { return (bits_ & static_cast<std::uint8_t>(one)) != 0; }

 private:
  std::uint8_t bits_ = 0;
};

struct KeyEvent {
  /// "xadd".
  std::string_view name;
  std::string channel;
};

}  // namespace respublica
