#pragma once
// Chance that can be repeated: the same with every compiler and standard library, which std's distributions are not.

#include <cstdint>
#include <random>

namespace respublica::test {

class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

  /// 0 to count - 1; count is at least 1. Lower numbers are more likely by count / 2^64.
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace respublica::test
