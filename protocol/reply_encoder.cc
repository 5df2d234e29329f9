#include "protocol/reply_encoder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace respublica {

namespace {

/// Longest int64 in decimal, with its sign.
constexpr std::size_t kIntegerDigits = 20;

}  // namespace

void ReplyEncoder::header(char type, std::int64_t value) {
  if (value >= 0 && value <= 9) {
    const char digit[] = {type, static_cast<char>('0' + value), '\r', '\n'};
    out_.append(digit, sizeof(digit));
    return;
  }
  char buffer[1 + kIntegerDigits + 2];
  buffer[0] = type;
  char* end = std::to_chars(buffer + 1, buffer + sizeof(buffer) - 2, value).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out_.append(buffer, static_cast<std::size_t>(end - buffer));
}

void ReplyEncoder::simple_string(std::string_view text) {
  out_ += '+';
  out_ += text;
  out_ += "\r\n";
}

void ReplyEncoder::error(std::string_view sentence) {
  out_ += '-';
  const std::size_t start = out_.size();
  out_ += sentence;
  std::replace_if(
      out_.begin() + static_cast<std::ptrdiff_t>(start), out_.end(), [](char c) { return c == '\r' || c == '\n'; },
      ' ');
  out_ += "\r\n";
}

void ReplyEncoder::integer(std::int64_t value) { header(':', value); }

void ReplyEncoder::bulk_string(std::string_view bytes) {
  header('$', static_cast<std::int64_t>(bytes.size()));
  out_.append(bytes).append("\r\n", 2);
}

void ReplyEncoder::bulk_integer(std::int64_t value) {
  char buffer[kIntegerDigits];
  const char* end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  bulk_string({buffer, static_cast<std::size_t>(end - buffer)});
}

void ReplyEncoder::double_value(double value) {
  char buffer[40];
  std::size_t length = 0;
  if (std::isnan(value)) {
    length = static_cast<std::size_t>(std::snprintf(buffer, sizeof(buffer), "nan"));
  } else if (std::isinf(value)) {
    length = static_cast<std::size_t>(std::snprintf(buffer, sizeof(buffer), value > 0 ? "inf" : "-inf"));
  } else {
    length = static_cast<std::size_t>(std::snprintf(buffer, sizeof(buffer), "%.17g", value));
  }
  const std::string_view text(buffer, length);
  if (version_ == ProtocolVersion::resp2) {
    bulk_string(text);
    return;
  }
  out_ += ',';
  out_ += text;
  out_ += "\r\n";
}

void ReplyEncoder::boolean(bool value) {
  if (version_ == ProtocolVersion::resp3) {
    out_ += value ? "#t\r\n" : "#f\r\n";
  } else {
    integer(value ? 1 : 0);
  }
}

void ReplyEncoder::null() { out_ += version_ == ProtocolVersion::resp3 ? "_\r\n" : "$-1\r\n"; }

void ReplyEncoder::null_array() { out_ += version_ == ProtocolVersion::resp3 ? "_\r\n" : "*-1\r\n"; }

void ReplyEncoder::array(std::size_t elements) { header('*', static_cast<std::int64_t>(elements)); }

void ReplyEncoder::map(std::size_t pairs) {
  if (version_ == ProtocolVersion::resp3) {
    header('%', static_cast<std::int64_t>(pairs));
  } else {
    array(2 * pairs);
  }
}

void ReplyEncoder::set(std::size_t elements) {
  header(version_ == ProtocolVersion::resp3 ? '~' : '*', static_cast<std::int64_t>(elements));
}

void ReplyEncoder::push(std::size_t elements) {
  header(version_ == ProtocolVersion::resp3 ? '>' : '*', static_cast<std::int64_t>(elements));
}

void ReplyEncoder::verbatim(std::string_view format, std::string_view text) {
  if (version_ == ProtocolVersion::resp2) {
    bulk_string(text);
    return;
  }
  header('=', static_cast<std::int64_t>(format.size() + 1 + text.size()));
  out_ += format;
  out_ += ':';
  out_ += text;
  out_ += "\r\n";
}

}  // namespace respublica
