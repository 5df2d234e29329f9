#pragma once
// The reader of replies for our own tools and tests; the daemon itself never reads one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace respublica {

/// Finds the end of one RESP2 or RESP3 reply (or push) without looking at what it says. It remembers how far it came:
/// bytes may arrive in any pieces, each is looked at once. Nests without limit and without a stack.
///
/// Thread: its owner's.
class ReplyScanner {
 public:
  enum class Status : std::uint8_t { need_more, complete, malformed };

  /// `input` begins with the reply's first byte, and has all bytes of the calls before. After complete or malformed,
  /// call reset() before the next reply.
  Status scan(std::string_view input);

  /// Bytes of the complete reply; of a malformed one, where the offending line begins.
  std::size_t size() const { return position_; }

  void reset() { *this = ReplyScanner(); }

 private:
  Status scan_line(std::string_view line);

  std::size_t position_ = 0;
  std::size_t searched_ = 0;
  /// Values still to come, this one included.
  std::uint64_t missing_ = 1;
  /// Bytes of a bulk string and its CRLF that stand at position_.
  std::uint64_t bulk_ = 0;
};

/// Bytes of the reply that `input` begins with, or nothing when it is not there in full (or malformed).
std::optional<std::size_t> complete_reply_size(std::string_view input);

}  // namespace respublica
