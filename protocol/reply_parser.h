#pragma once
// Replies as values, for our own tools and tests; the daemon itself never reads one.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reply_scanner.h"

namespace respublica {

/// One RESP2 or RESP3 reply, or push. RESP2's null bulk string and null array are both `null`.
struct Reply {
  enum class Type : std::uint8_t {
    null,
    simple_string,
    error,  // "-" and "!"
    integer,
    bulk_string,
    boolean,
    double_value,
    big_number,
    verbatim,
    array,
    map,  // elements: key, value, key, value...
    set,
    push,
  };

  Type type = Type::null;
  /// Strings, errors (with their code), the text of any number; of a verbatim string what follows "txt:".
  std::string text;
  /// integer and boolean (1 or 0).
  std::int64_t integer = 0;
  double number = 0;
  std::vector<Reply> elements;

  bool is_error() const { return type == Type::error; }
  bool is_null() const { return type == Type::null; }
  /// The value of a map's key, also where RESP2 has a flat array; nullptr when missing.
  const Reply* find(std::string_view key) const;
};

/// An incremental parser of one connection's replies; it owns no socket and no buffer.
///
///     parse(input): input[0] is the first byte not yet consumed.
///       need_more  nothing consumed; call again with the same bytes and more behind them
///       reply      reply() is it; consumed() bytes of input belong to it
///       error      what came is no reply; error() says where
///
/// Attributes are dropped. Replies that nest deeper than kMaxDepth are errors. Nothing throws but std::bad_alloc.
///
/// Thread: its owner's.
class ReplyParser {
 public:
  enum class Status : std::uint8_t { need_more, reply, error };
  static constexpr std::size_t kMaxDepth = 32;

  Status parse(std::string_view input);

  Reply& reply() { return reply_; }
  std::size_t consumed() const { return consumed_; }
  const std::string& error() const { return error_; }

 private:
  Status fail(std::string_view input, std::size_t at);

  ReplyScanner scanner_;
  Reply reply_;
  std::size_t consumed_ = 0;
  std::string error_;
};

}  // namespace respublica
