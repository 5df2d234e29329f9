#pragma once
// Replies to one connection, as RESP2 or RESP3 bytes, appended to a string.

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/protocol_version.h"

namespace respublica {

/// Appends replies to `out` in the given version. Aggregates are announced by their header; the caller writes the
/// elements. Whatever only RESP3 has falls back to what Redis sends to RESP2 clients.
///
/// Thread: its owner's.
class ReplyEncoder {
 public:
  ReplyEncoder(std::string& out, ProtocolVersion version) : out_(out), version_(version) {}

  ProtocolVersion version() const { return version_; }

  void simple_string(std::string_view text);
  void ok() { simple_string("OK"); }
  /// `sentence` begins with its code ("ERR ...", "NOAUTH ..."); CR and LF inside become spaces, as in Redis.
  void error(std::string_view sentence);
  void integer(std::int64_t value);
  void bulk_string(std::string_view bytes);
  /// A number as a bulk string.
  void bulk_integer(std::int64_t value);
  /// RESP3 ",<value>", RESP2 a bulk string, with Redis's %.17g form.
  void double_value(double value);
  /// RESP3 "#t" or "#f", RESP2 1 or 0.
  void boolean(bool value);
  /// RESP3 "_", RESP2 "$-1".
  void null();
  /// RESP3 "_", RESP2 "*-1".
  void null_array();
  void array(std::size_t elements);
  /// RESP3 "%n", RESP2 an array of 2n.
  void map(std::size_t pairs);
  /// RESP3 "~n", RESP2 an array.
  void set(std::size_t elements);
  /// RESP3 ">n", RESP2 an array.
  void push(std::size_t elements);
  /// RESP3 "=<len> txt:<text>", RESP2 a bulk string. `format` has three letters ("txt", "mkd").
  void verbatim(std::string_view format, std::string_view text);

 private:
  void header(char type, std::int64_t value);

  std::string& out_;
  ProtocolVersion version_;
};

}  // namespace respublica
