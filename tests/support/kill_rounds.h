#pragma once

#include <cstdlib>

namespace respublica::test {

/// How often a test kills the broker: RESPUBLICA_KILL_ROUNDS, or 10.
inline int kill_rounds() {
  const char* const text = std::getenv("RESPUBLICA_KILL_ROUNDS");
  return text != nullptr ? std::atoi(text) : 10;
}

}  // namespace respublica::test
