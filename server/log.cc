#include "server/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/mutex.h"

namespace respublica {
namespace {

struct Destination {
  Mutex mutex;
  std::string path GUARDED_BY(mutex);
  std::shared_ptr<spdlog::sinks::dist_sink_mt> output GUARDED_BY(mutex);
  std::atomic<LogFormat> format{LogFormat::text};
};

Destination& destination() {
  static Destination the_one;
  return the_one;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::trace;
    case LogLevel::verbose:
      return spdlog::level::debug;
    case LogLevel::notice:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::nothing:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::verbose:
      return "verbose";
    case LogLevel::warning:
      return "warning";
    default:
      return "notice";
  }
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (code < 0x20 || code >= 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    } else {
      out += byte;
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return byte > ' ' && byte < 0x7f && byte != '"' && byte != '=' && byte != '\\';
  });
}

void append_value(std::string& out, const LogField& field, LogFormat format) {
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
    out += std::to_string(*number);
    return;
  }
  const std::string& text = std::get<std::string>(field.value);
  if (format == LogFormat::text && is_plain_word(text)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

std::string text_line(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line(message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field, LogFormat::text);
  }
  return line;
}

std::string json_members(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = fmt::format("\"level\":\"{}\",\"message\":", level_name(level));
  append_quoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    append_value(line, field, LogFormat::json);
  }
  return line;
}

/// Text lines begin as Redis's do: pid, date, level.
void set_pattern(spdlog::sinks::sink& sink, LogFormat format) {
  sink.set_pattern(format == LogFormat::json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",\"pid\":%P,%v}"
                                             : "%P %d %b %Y %H:%M:%S.%e %L %v");
}

/// Standard output when `file` is empty.
Result<spdlog::sink_ptr> make_sink(const std::string& file, LogFormat format) {
  try {
    spdlog::sink_ptr sink;
    if (file.empty()) {
      sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    }
    set_pattern(*sink, format);
    return sink;
  } catch (const spdlog::spdlog_ex& problem) {
    return Error{fmt::format("cannot open the log file '{}': {}", file, problem.what())};
  }
}

}  // namespace

Result<void> open_log(const std::string& file, LogLevel level, LogFormat format) {
  Destination& state = destination();
  MutexLock lock(state.mutex);
  Result<spdlog::sink_ptr> sink = make_sink(file, format);
  if (!sink) return sink.error();
  state.output = std::make_shared<spdlog::sinks::dist_sink_mt>(std::vector<spdlog::sink_ptr>{sink.value()});
  auto logger = std::make_shared<spdlog::logger>("respublica", state.output);
  logger->set_level(to_spdlog(level));
  logger->flush_on(spdlog::level::trace);
  set_pattern(*state.output, format);
  spdlog::set_default_logger(std::move(logger));
  state.path = file;
  state.format = format;
  return {};
}

Result<void> reopen_log() {
  Destination& state = destination();
  MutexLock lock(state.mutex);
  Result<spdlog::sink_ptr> sink = make_sink(state.path, state.format);
  if (!sink) return sink.error();
  // The sink is replaced below the logger: other threads may be writing through the logger right now.
  state.output->set_sinks({sink.value()});
  return {};
}

void set_log_level(LogLevel level) {
  Destination& state = destination();
  MutexLock lock(state.mutex);
  spdlog::default_logger_raw()->set_level(to_spdlog(level));
}

void log_event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  spdlog::logger* logger = spdlog::default_logger_raw();
  const spdlog::level::level_enum spdlog_level = to_spdlog(level);
  if (!logger->should_log(spdlog_level)) return;
  const std::string line =
      destination().format == LogFormat::json ? json_members(level, message, fields) : text_line(message, fields);
  logger->log(spdlog_level, line);
}

}  // namespace respublica
