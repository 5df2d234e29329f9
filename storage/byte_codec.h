#pragma once
// Integers and strings as bytes: little-endian, or LEB128 where they are mostly small.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace respublica {

/// Appends an unsigned integer at its full width.
template <typename Integer>
void put_fixed(std::string& out, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

/// Writes one where put_fixed() would have.
template <typename Integer>
void set_fixed(char* at, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

/// Appends 7 bits a byte, the lowest first (LEB128): 1 byte below 128, 10 at most.
inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// How many bytes put_varint() appends.
constexpr std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

/// Appends a length and the bytes.
inline void put_bytes(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out.append(bytes);
}

/// Reads from the front of bytes that may be anything. After a read beyond the end, or a number that is none, it has
/// failed: everything it returns from then on is zero or empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }

  template <typename Integer>
  Integer fixed() {
    static_assert(std::is_unsigned_v<Integer>);
    const std::string_view bytes = take(sizeof(Integer));
    Integer value = 0;
    if (bytes.empty()) return value;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&value, bytes.data(), sizeof value);
    } else {
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        value = static_cast<Integer>(
            value | static_cast<Integer>(static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i)));
      }
    }
    return value;
  }

  std::uint64_t varint() {
    // Most are below 128.
    if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 0x80) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      return byte;
    }
    return long_varint();
  }

  std::string_view bytes() { return take(varint()); }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::uint64_t long_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    fail();
    return 0;
  }

  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace respublica
