#include "tools/bench/reply_length.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "tools/bench/printable.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kExcerpt = 60;

bool is_line(char kind) { return std::string_view("+-:,#_(").find(kind) != std::string_view::npos; }
bool is_bulk(char kind) { return kind == '$' || kind == '=' || kind == '!'; }
bool is_list(char kind) { return kind == '*' || kind == '~' || kind == '>'; }
bool is_map(char kind) { return kind == '%' || kind == '|'; }

}  // namespace

Result<std::optional<std::size_t>> reply_length(std::string_view bytes) {
  std::size_t at = 0;
  // Values still to be read, nested ones included: no recursion, so no depth to exceed.
  for (std::uint64_t missing = 1; missing > 0; --missing) {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) {
      return std::optional<std::size_t>{};
    }
    const char kind = bytes[at];
    const std::string_view rest = bytes.substr(at + 1, end - at - 1);
    at = end + 2;
    if (is_line(kind)) {
      continue;
    }
    std::int64_t count = 0;
    const auto [last, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    const bool known = is_bulk(kind) || is_list(kind) || is_map(kind);
    if (!known || error != std::errc() || last != rest.data() + rest.size()) {
      return Error{fmt::format("not a reply: {}", printable(bytes.substr(0, kExcerpt)))};
    }
    if (count < 0) {
      continue;  // a RESP2 null
    }
    if (is_bulk(kind)) {
      at += static_cast<std::size_t>(count) + 2;
      if (at > bytes.size()) {
        return std::optional<std::size_t>{};
      }
    } else {
      // An attribute (|) is followed by the value that it describes.
      missing += static_cast<std::uint64_t>(count) * (is_map(kind) ? 2 : 1) + (kind == '|' ? 1 : 0);
    }
  }
  return std::optional<std::size_t>(at);
}

}  // namespace respublica::bench
