#pragma once
// Requests, as RESP arrays of bulk strings or as inline commands, out of the bytes of one connection.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.h"
#include "protocol/parse_limits.h"

namespace respublica {

/// The arguments of one request, argument 0 being the command's name. Views point into the bytes given to
/// RequestParser::parse (or into blocks that the parser holds): they hold until the next call on the parser or the
/// next change of those bytes.
class Arguments {
 public:
  std::size_t size() const { return views_.size(); }
  std::string_view operator[](std::size_t index) const { return views_[index]; }
  const std::vector<std::string_view>& views() const { return views_; }

  /// The block that argument `index` was read into (see RequestParser::wanted_bulk), or an empty handle. The block
  /// holds the argument followed by CRLF.
  SharedBytes block(std::size_t index) const;

 private:
  friend class RequestParser;
  struct Block {
    std::size_t index;
    SharedBytes bytes;
  };
  std::vector<std::string_view> views_;
  std::vector<Block> blocks_;
};

/// An incremental parser of one connection's requests; it owns no socket and no buffer.
///
///     parse(input): input[0] is the first byte not yet consumed.
///       need_more  nothing consumed; call again with the same bytes and more behind them
///       request    arguments() is the request; consumed() bytes of input belong to it
///       error      error() is the sentence ("Protocol error: ..."): answer it, close
///       close      close without a word (a HTTP request: POST or Host:)
///
/// The parser remembers how far it came, so that a request that arrives in many pieces is scanned once; the bytes may
/// move between two calls. Empty lines, "*0" and "*-1" are requests without arguments: nothing to execute or answer.
///
/// A large bulk string need not pass through the input: when parse() returns need_more and wanted_bulk() is not 0, the
/// caller may read the rest of that bulk string (and its CRLF) straight into a block and hand it over with
/// adopt_bulk(). Its bytes are then missing from the input: what follows the bulk string follows its header.
///
/// Thread: its owner's.
class RequestParser {
 public:
  enum class Status : std::uint8_t { need_more, request, error, close };

  /// Bulk strings from this length on are offered by wanted_bulk().
  static constexpr std::size_t kLargeBulk = 32 * 1024;

  Status parse(std::string_view input, const ParseLimits& limits);

  const Arguments& arguments() const { return arguments_; }
  std::size_t consumed() const { return consumed_; }

  /// The sentence without "-ERR " and CRLF, e.g. "Protocol error: invalid bulk length".
  const std::string& error() const { return error_; }

  /// Length without CRLF of the large bulk string that parse() waits for, else 0. bulk_start() is where its first
  /// byte stands (or will stand) in the input.
  std::size_t wanted_bulk() const;
  std::size_t bulk_start() const;

  /// Takes a block of wanted_bulk() + 2 bytes: the bulk string and CRLF (the parser writes the CRLF itself, since what
  /// clients send there is not verified). The caller removes from its buffer what it had of the bulk string.
  void adopt_bulk(SharedBytes block);

  /// After Status::request: the same request comes again from the next parse(), whose input begins with the same bytes
  /// (those of consumed()). Adopted blocks are kept.
  void put_back();

  /// Forgets an unfinished request.
  void reset();
  /// Forgets what it holds of a request that was handed out and not put back: its arguments hold no longer.
  void forget_served();

  /// Bytes of memory that it holds for a request: adopted blocks, and what it notes of each argument. What it will need
  /// to hand the arguments out is counted from the start.
  std::size_t memory() const;

 private:
  /// What the byte at position_ belongs to.
  enum class Stage : std::uint8_t { start, line, count, argument, bulk, complete };
  /// Where an argument stands in the input.
  struct Span {
    std::size_t offset;
    std::size_t length;
  };
  enum class HeaderEnd : std::uint8_t { found, missing, too_far };

  bool parse_whole(std::string_view input, const ParseLimits& limits);
  Status parse_onwards(std::string_view input, const ParseLimits& limits);
  Status parse_line(std::string_view input);
  Status read_count(std::string_view input, const ParseLimits& limits);
  Status read_argument_header(std::string_view input, const ParseLimits& limits);
  Status read_bulk(std::string_view input);
  HeaderEnd find_end(std::string_view input, char end);
  Status finish(std::string_view input);
  Status checked_request() const;
  Status fail(std::string sentence);
  void begin();
  void drop_blocks();

  Arguments arguments_;
  std::size_t consumed_ = 0;
  std::string error_;

  // The unfinished request. Offsets, since the input may move.
  Stage stage_ = Stage::start;
  std::size_t position_ = 0;
  /// Up to here the input was searched for the end of the line at position_.
  std::size_t searched_ = 0;
  std::size_t arguments_missing_ = 0;
  std::size_t bulk_length_ = 0;
  std::vector<Span> spans_;
  /// Capacities of the adopted blocks, together.
  std::size_t block_bytes_ = 0;
  /// The words of an inline request, decoded.
  std::vector<char> words_;
};

}  // namespace respublica
