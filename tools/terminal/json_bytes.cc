#include "tools/terminal/json_bytes.h"

#include <algorithm>
#include <cstdint>

#include "base/json_text.h"

namespace respublica {
namespace {

/// RFC 4648, with padding.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kGroup = 3;
  std::string text;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kGroup))) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kGroup; ++i) {
      bits = bits << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i <= kGroup; ++i) {
      text += i <= bytes.size() ? kDigits[bits >> (18U - 6U * i) & 0x3fU] : '=';
    }
  }
  return text;
}

}  // namespace

void append_json_bytes(std::string& out, std::string_view bytes) {
  if (is_utf8(bytes)) {
    append_json_string(out, bytes);
  } else {
    out += "{\"base64\":\"" + base64(bytes) + "\"}";
  }
}

}  // namespace respublica
