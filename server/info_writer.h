#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace respublica {

/// Builds INFO's text: sections with a header, an empty line between them, fields as `name:value`, CRLF everywhere.
class InfoWriter {
 public:
  void section(std::string_view title) {
    if (!text_.empty()) text_ += "\r\n";
    text_ += fmt::format("# {}\r\n", title);
  }

  template <typename Value>
  void field(std::string_view name, const Value& value) {
    text_ += fmt::format("{}:{}\r\n", name, value);
  }

  /// A number with that many digits behind the point.
  void decimal(std::string_view name, double value, int digits) {
    text_ += fmt::format("{}:{:.{}f}\r\n", name, value, digits);
  }

  /// `name` in bytes and `name_human` as "1.51M".
  void bytes(std::string_view name, std::uint64_t value) {
    field(name, value);
    field(std::string(name) + "_human", human_bytes(value));
  }

  static std::string human_bytes(std::uint64_t value) {
    static constexpr std::string_view kUnits = "BKMGTP";
    if (value < 1024) return fmt::format("{}B", value);
    double scaled = static_cast<double>(value);
    std::size_t unit = 0;
    while (scaled >= 1024 && unit + 1 < kUnits.size()) {
      scaled /= 1024;
      ++unit;
    }
    return fmt::format("{:.2f}{}", scaled, kUnits[unit]);
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace respublica
