#include "tools/dlq/advisory.h"

#include <charconv>
#include <string>
#include <utility>

namespace respublica::dlqtool {
namespace {

/// Reads JSON from its front.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  /// False when something else comes.
  bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> string() {
    if (!take('"')) return std::nullopt;
    std::string text;
    while (!rest_.empty()) {
      if (take('"')) return text;
      if (!take('\\')) {
        text += rest_.front();
        rest_.remove_prefix(1);
      } else if (!escaped(text)) {
        break;
      }
    }
    return std::nullopt;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  bool escaped(std::string& text) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (take('u')) return code_unit(text);
    const std::size_t found = rest_.empty() ? std::string_view::npos : kNames.find(rest_.front());
    if (found == std::string_view::npos) return false;
    text += kMeant[found];
    rest_.remove_prefix(1);
    return true;
  }

  /// The broker escapes nothing above \u00ff.
  bool code_unit(std::string& text) {
    constexpr std::size_t kDigits = 4;
    unsigned code = 0;
    const std::string_view digits = rest_.substr(0, kDigits);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (failure != std::errc() || end != digits.data() + kDigits || code > 0xff) return false;
    text += static_cast<char>(code);
    rest_.remove_prefix(kDigits);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<Letter> read_advisory(std::string_view json) {
  JsonReader reader(json);
  Letter letter;
  if (!reader.take('{')) return std::nullopt;
  do {
    std::optional<std::string> name = reader.string();
    if (!name || !reader.take(':')) return std::nullopt;
    std::optional<std::string> value = reader.string();
    if (!value) return std::nullopt;
    if (*name == "dlq") {
      letter.dlq = std::move(*value);
    } else {
      letter.fields.emplace_back(std::move(*name), std::move(*value));
    }
  } while (reader.take(','));
  if (!reader.take('}') || !reader.at_end()) return std::nullopt;
  return letter;
}

}  // namespace respublica::dlqtool
