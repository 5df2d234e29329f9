#include "tools/dlq/letter_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/json_text.h"
#include "tools/terminal/json_bytes.h"

namespace respublica::dlqtool {

std::string_view Letter::value(std::string_view name) const {
  const auto found = std::ranges::find_if(fields, [name](const auto& field) { return field.first == name; });
  return found == fields.end() ? std::string_view() : found->second;
}

Letter read_letter(std::string dlq, const Reply& entry) {
  Letter letter{std::string(entry.at(0).text()), std::move(dlq), {}};
  const Reply fields = entry.at(1);
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    letter.fields.emplace_back(fields.at(i).text(), fields.at(i + 1).text());
  }
  return letter;
}

std::string printable(std::string_view bytes) {
  const bool keeps_high = is_utf8(bytes);
  std::string text;
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    const bool is_shown = code >= 0x80 ? keeps_high : code >= 0x20 && code != 0x7f;
    text += is_shown ? std::string(1, byte) : fmt::format("\\x{:02x}", code);
  }
  return text;
}

std::string time_of(std::string_view milliseconds) {
  constexpr std::uint64_t kLast = 253'402'300'799'999;  // The year 9999.
  std::uint64_t ms = 0;
  const auto [end, failure] = std::from_chars(milliseconds.data(), milliseconds.data() + milliseconds.size(), ms);
  const bool is_time = failure == std::errc() && end == milliseconds.data() + milliseconds.size() && ms <= kLast;
  if (!is_time) return printable(milliseconds);
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03} UTC", fmt::gmtime(seconds), ms % 1000);
}

std::string summary_of(const Letter& letter) {
  const auto shown = [&letter](std::string_view name) { return printable(letter.value(name)); };
  std::string line = letter.id.empty() ? std::string() : letter.id + "  ";
  line += fmt::format("{}  {}  {} {} in {}, {} deliveries", time_of(letter.value("dlq.dead-ms")), shown("dlq.reason"),
                      shown("dlq.channel"), shown("dlq.id"), shown("dlq.group"), shown("dlq.deliveries"));
  const std::string_view deaths = letter.value("dlq.deaths");
  if (!deaths.empty() && deaths != "1") line += fmt::format(", {} deaths", printable(deaths));
  if (!letter.value("dlq.detail").empty()) line += ": " + shown("dlq.detail");
  return line;
}

std::vector<std::string> lines_of(const Letter& letter) {
  std::vector<std::string> lines{fmt::format("{} of {}", printable(letter.id), printable(letter.dlq))};
  for (const auto& [name, value] : letter.fields) {
    std::string line = fmt::format("  {}: {}", printable(name), printable(value));
    const bool is_time = name.starts_with("dlq.") && name.ends_with("-ms") && value != "0";
    if (is_time) line += fmt::format("  ({})", time_of(value));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string json_of(const Letter& letter) {
  std::string out = "{\"dlq\":";
  append_json_bytes(out, letter.dlq);
  out += ",\"id\":";
  append_json_string(out, letter.id);
  out += ",\"fields\":[";
  for (const auto& [name, value] : letter.fields) {
    if (out.back() == ']') out += ',';
    out += '[';
    append_json_bytes(out, name);
    out += ',';
    append_json_bytes(out, value);
    out += ']';
  }
  return out + "]}";
}

}  // namespace respublica::dlqtool
