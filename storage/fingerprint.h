#pragma once
// A short name for bytes of any length.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace respublica {

/// Stands for bytes: two that differ have different ones. It is a cryptographic hash, so that this holds for bytes that
/// somebody has chosen, too: to find two that have the same one takes about 2^64 attempts.
struct Fingerprint {
  static constexpr std::size_t kBytes = 16;

  std::array<std::uint8_t, kBytes> bytes{};
  auto operator<=>(const Fingerprint&) const = default;

  /// In hexadecimal digits.
  std::string text() const;
};

/// Makes a fingerprint: BLAKE2b with 16 bytes and without a key (RFC 7693).
///
/// Thread: its owner's.
class FingerprintMaker {
 public:
  FingerprintMaker();

  void add(std::string_view bytes);
  /// Adds the length, too, so that it matters where one part ends and the next one begins.
  void add_part(std::string_view bytes);
  /// Once, at the end.
  Fingerprint finish();

 private:
  enum class Block : std::uint8_t { one_of_many, last };
  static constexpr std::size_t kBlockBytes = 128;

  void compress(const char* block, Block which);

  std::array<std::uint64_t, 8> state_;
  /// What has been added and not compressed: never empty at the end, for the last block is marked.
  std::array<char, kBlockBytes> block_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace respublica
