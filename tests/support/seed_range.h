#pragma once
// Which seeds a simulation runs with.

#include <cstdint>
#include <cstdlib>
#include <string>

namespace respublica::test {

/// So many seeds from RESPUBLICA_FIRST_SEED (1) on as RESPUBLICA_SEEDS says.
struct SeedRange {
  explicit SeedRange(std::uint64_t usual_count)
      : first(setting("RESPUBLICA_FIRST_SEED", 1)), end(first + setting("RESPUBLICA_SEEDS", usual_count)) {}

  std::uint64_t count() const { return end - first; }
  /// How to run one again, for the report of a failure.
  static std::string again(std::uint64_t seed) {
    return "again with RESPUBLICA_FIRST_SEED=" + std::to_string(seed) + " RESPUBLICA_SEEDS=1";
  }

  const std::uint64_t first;
  const std::uint64_t end;

 private:
  static std::uint64_t setting(const char* name, std::uint64_t usual) {
    const char* const value = std::getenv(name);
    return value == nullptr ? usual : std::strtoull(value, nullptr, 10);
  }
};

}  // namespace respublica::test
