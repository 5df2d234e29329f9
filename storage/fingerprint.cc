#include "storage/fingerprint.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "storage/byte_codec.h"

namespace respublica {
namespace {

using Words = std::array<std::uint64_t, 16>;
using Order = std::array<std::uint8_t, 16>;

constexpr std::array<std::uint64_t, 8> kStart{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                              0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                              0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

/// In which order each round takes the words of a block. The eleventh and twelfth are as the first and second.
constexpr std::array<Order, 10> kOrders{{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                         {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                         {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                         {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                         {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                         {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                         {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                         {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                         {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}}};
constexpr std::size_t kRounds = 12;

/// No key, no tree: the bytes of the hash, a fan-out of 1 and a depth of 1.
constexpr std::uint64_t kParameters = 0x01010000 | Fingerprint::kBytes;

/// Mixes two words of the block into a column or a diagonal.
void mix(Words& work, const std::array<std::uint8_t, 4>& at, std::uint64_t x, std::uint64_t y) {
  const auto [a, b, c, d] = at;
  work[a] += work[b] + x;
  work[d] = std::rotr(work[d] ^ work[a], 32);
  work[c] += work[d];
  work[b] = std::rotr(work[b] ^ work[c], 24);
  work[a] += work[b] + y;
  work[d] = std::rotr(work[d] ^ work[a], 16);
  work[c] += work[d];
  work[b] = std::rotr(work[b] ^ work[c], 63);
}

constexpr std::array<std::array<std::uint8_t, 4>, 8> kMixed{{{0, 4, 8, 12},
                                                             {1, 5, 9, 13},
                                                             {2, 6, 10, 14},
                                                             {3, 7, 11, 15},
                                                             {0, 5, 10, 15},
                                                             {1, 6, 11, 12},
                                                             {2, 7, 8, 13},
                                                             {3, 4, 9, 14}}};

}  // namespace

std::string Fingerprint::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const std::uint8_t byte : bytes) {
    digits += kDigits[byte >> 4U];
    digits += kDigits[byte & 0xfU];
  }
  return digits;
}

FingerprintMaker::FingerprintMaker() : state_(kStart) { state_[0] ^= kParameters; }

void FingerprintMaker::add(std::string_view bytes) {
  while (!bytes.empty()) {
    if (filled_ == kBlockBytes) {
      total_ += kBlockBytes;
      compress(block_.data(), Block::one_of_many);
      filled_ = 0;
    }
    const std::size_t taken = std::min(bytes.size(), kBlockBytes - filled_);
    std::memcpy(block_.data() + filled_, bytes.data(), taken);
    filled_ += taken;
    bytes.remove_prefix(taken);
  }
}

void FingerprintMaker::add_part(std::string_view bytes) {
  std::string length;
  put_fixed(length, std::uint64_t{bytes.size()});
  add(length);
  add(bytes);
}

Fingerprint FingerprintMaker::finish() {
  total_ += filled_;
  std::memset(block_.data() + filled_, 0, kBlockBytes - filled_);
  compress(block_.data(), Block::last);
  Fingerprint fingerprint;
  for (std::size_t i = 0; i < Fingerprint::kBytes; ++i) {
    fingerprint.bytes[i] = static_cast<std::uint8_t>(state_[i / 8] >> (8 * (i % 8)));
  }
  return fingerprint;
}

void FingerprintMaker::compress(const char* block, Block which) {
  Words words;
  ByteReader reader({block, kBlockBytes});
  for (std::uint64_t& word : words) word = reader.fixed<std::uint64_t>();
  Words work;
  std::ranges::copy(state_, work.begin());
  std::ranges::copy(kStart, work.begin() + kStart.size());
  work[12] ^= total_;
  if (which == Block::last) work[14] = ~work[14];
  for (std::size_t round = 0; round < kRounds; ++round) {
    const Order& order = kOrders[round % kOrders.size()];
    for (std::size_t i = 0; i < kMixed.size(); ++i) {
      mix(work, kMixed[i], words[order[2 * i]], words[order[2 * i + 1]]);
    }
  }
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i] ^= work[i] ^ work[i + state_.size()];
}

}  // namespace respublica
