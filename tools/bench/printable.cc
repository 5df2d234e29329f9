#include "tools/bench/printable.h"

#include <fmt/format.h>

namespace respublica::bench {

std::string printable(std::string_view bytes) {
  std::string text = "\"";
  for (const char byte : bytes) {
    switch (byte) {
      case '\r':
        text += "\\r";
        break;
      case '\n':
        text += "\\n";
        break;
      case '"':
      case '\\':
        text += '\\';
        text += byte;
        break;
      default:
        if (byte >= ' ' && byte <= '~') {
          text += byte;
        } else {
          text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
        }
    }
  }
  return text + '"';
}

}  // namespace respublica::bench
