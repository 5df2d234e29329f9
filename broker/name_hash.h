#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace respublica {

/// A fast hash of channel and pattern names. Each object has a random seed, so that no client can choose names that
/// all fall into one bucket.
///
/// Thread: any, immutable.
class NameHash {
 public:
  using is_transparent = void;

  NameHash() {
    // To make one costs tens of microseconds in a virtual machine, which has to emulate cpuid.
    thread_local std::random_device random;
    for (std::uint64_t& seed : seeds_) seed = (std::uint64_t{random()} << 32 | random()) | 1;
  }

  std::uint64_t operator()(std::string_view name) const {
    const char* bytes = name.data();
    std::size_t left = name.size();
    std::uint64_t state = seeds_[0];
    while (left > 16) {
      state = fold(word(bytes) ^ seeds_[1], word(bytes + 8) ^ state);
      bytes += 16;
      left -= 16;
    }
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (left >= 8) {
      first = word(bytes);
      last = word(bytes + left - 8);
    } else if (left >= 4) {
      first = half_word(bytes);
      last = half_word(bytes + left - 4);
    } else if (left > 0) {
      first = static_cast<unsigned char>(bytes[0]);
      last =
          std::uint64_t{static_cast<unsigned char>(bytes[left / 2])} << 8 | static_cast<unsigned char>(bytes[left - 1]);
    }
    state = fold(first ^ seeds_[1], last ^ state);
    // The size last: a short name and a long one that ends in zeros have the same words.
    return fold(state ^ seeds_[2], seeds_[1] ^ name.size());
  }

 private:
  __extension__ using Wide = unsigned __int128;

  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  static std::uint64_t word(const char* bytes) {
    std::uint64_t value;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
  }
  static std::uint64_t half_word(const char* bytes) {
    std::uint32_t value;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
  }

  std::uint64_t seeds_[3];
};

}  // namespace respublica
