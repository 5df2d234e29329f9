#pragma once
// The broker's log: one line an event, text with key=value or JSON.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace respublica {

/// redis.conf's loglevel: debug says the most, warning only what an operator should look at.
enum class LogLevel : std::uint8_t { debug, verbose, notice, warning, nothing };
enum class LogFormat : std::uint8_t { text, json };

/// One key and its value in a log line.
struct LogField {
  std::string_view key;
  std::variant<std::uint64_t, std::string> value;

  LogField(std::string_view name, std::string_view text) : key(name), value(std::string(text)) {}
  LogField(std::string_view name, const std::string& text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(std::string(text)) {}
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  LogField(std::string_view name, Integer number) : key(name), value(static_cast<std::uint64_t>(number)) {}
};

/// Opens the log: `file` empty = standard output. Call before any other function here, and again to change it.
/// Fails with the file's name and the system's reason.
Result<void> open_log(const std::string& file, LogLevel level, LogFormat format);

/// Opens the same file anew (SIGHUP, after a log rotation).
/// Thread: any.
Result<void> reopen_log();

void set_log_level(LogLevel level);

/// Writes one line if `level` is enabled. `message` is a constant sentence; what varies goes into the fields.
/// Thread: any.
void log_event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace respublica
